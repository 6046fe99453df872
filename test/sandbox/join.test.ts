import { afterEach, expect, test } from 'vitest'
import type { Migration } from '../../src/domain/migration.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import type { PlanOptions } from '../../src/domain/plan.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../src/domain/volume.ts'
import { readRecords } from '../../src/engine/record.ts'
import { apply, rollback } from '../../src/engine/run.ts'
import { readMigration } from '../../src/planner/migration-file.ts'
import { makePlan } from '../../src/planner/plan.ts'
import { survey } from '../../src/survey/survey.ts'
import { smallLaboratory, volume } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { begin, rollbackAll, type Story, told, workloadsNow } from '../laboratory/story.ts'

// cube-studio makes a volume on the old directory for every new namespace, long after that directory has moved.

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const WORKSPACE = '/data/k8s/kubeflow/pipeline/workspace'
const PLAIN: PlanOptions = { wholeGroups: false, dangerousSplit: false }
const late = (path: string): KubeObject[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'aihub' } },
  ...volume('aihub', 'workspace', path),
]

function copying(): Migration {
  const text = MIGRATION_FILE.replace('{mode: none}', '{image: "local/tools:1"}')
  return readMigration(text.replace('nodes: shared', 'nodes: [node1]'), 'm.yaml')
}

async function planned({ cluster }: Story, migration = copying()) {
  return makePlan(await survey(cluster, migration), migration, PLAIN)
}

async function migrated(): Promise<Story> {
  const story = await begin(smallLaboratory())
  closing.push(story.close)
  const results = await apply(await planned(story), told(story.cluster).options)
  expect(results.map(({ outcome }) => outcome)).toEqual(results.map(() => 'migrated'))
  return story
}

async function comes(story: Story, objects: KubeObject[]): Promise<void> {
  for (const object of objects) await story.cluster.create(object)
  await story.sandbox.settled()
}

const pv = ({ cluster }: Story, name: string) =>
  cluster.get<PersistentVolume>({ apiVersion: 'v1', kind: 'PersistentVolume', name })
const lateClaim = ({ cluster }: Story) =>
  cluster.get<PersistentVolumeClaim>({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace: 'aihub',
    name: 'workspace',
  })

test.each([
  ['that has moved', WORKSPACE, 'kubeflow/pipeline/workspace'],
  ['below one that has moved', `${WORKSPACE}/alice`, 'kubeflow/pipeline/workspace/alice'],
])(
  'a volume that comes later to a directory %s is bound to its place, and nothing is copied',
  async (_, path, subdir) => {
    const story = await migrated()
    await comes(story, late(path))
    const before = await readRecords(story.cluster)
    const plan = await planned(story)
    expect(plan.groups).toMatchObject([{ blocked: false, copies: [], joins: [{ directory: path, nodes: ['node1'] }] }])
    expect(plan.groups[0]?.steps).toEqual(['record', 'retain', 'join', 'swap', 'probe', 'finish'])
    expect(plan.findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
      'note driver-unseen',
      'note joins',
    ])
    expect((await apply(plan, told(story.cluster).options)).map(({ outcome }) => outcome)).toEqual(['migrated'])
    expect(await pv(story, 'aihub-workspace')).toMatchObject({
      metadata: { annotations: { 'juicify.dev/moved-from': path, 'juicify.dev/moved-from-nodes': 'node1' } },
      spec: { mountOptions: [`subdir=${subdir}`], csi: { volumeHandle: 'aihub-workspace' } },
      status: { phase: 'Bound' },
    })
    expect((await lateClaim(story)).status?.phase).toBe('Bound')
    // those that moved before keep their way back
    const names = (await readRecords(story.cluster)).map(({ kept }) => kept.group.name)
    expect(names).toEqual(expect.arrayContaining(before.map(({ kept }) => kept.group.name)))
  },
)

test('a volume that comes later to what is around a directory that has moved is held back, with no advice that overwrites', async () => {
  const story = await migrated()
  await comes(story, late('/data/k8s/kubeflow/pipeline'))
  const plan = await planned(story)
  expect(plan.groups.map(({ blocked }) => blocked)).toEqual([true])
  const blocks = plan.findings.filter(({ severity }) => severity === 'block')
  expect(blocks.map(({ code }) => code)).toEqual(['subdir-in-use'])
  expect(blocks.map(({ remedy }) => remedy).join()).not.toMatch(/split|into-existing|[Ee]mpty/)
})

test('a directory that stayed when the one around it moved is no part of that place', async () => {
  const story = await begin([
    ...smallLaboratory(),
    ...volume('jupyter', 'top', '/data/k8s/kubeflow'),
    ...volume('jupyter', 'stays', '/data/k8s/kubeflow/minio'),
  ])
  closing.push(story.close)
  const migration = copying()
  const excluding = { ...migration, select: { ...migration.select, exclude: ['jupyter-stays'] } }
  const results = await apply(await planned(story, excluding), told(story.cluster).options)
  expect(results.map(({ outcome }) => outcome)).toEqual(['migrated'])
  await comes(story, late('/data/k8s/kubeflow/minio'))
  const plan = await planned(story)
  expect(plan.groups).toMatchObject([{ blocked: true }])
  expect(plan.groups[0]?.joins).toBeUndefined()
})

test('what 0.1.0 has moved is known by its record, and without one by a word of an administrator’s', async () => {
  const story = await migrated()
  const found = await survey(story.cluster, copying())
  const bare = found.volumes.map((each) => ({ ...each, metadata: { ...each.metadata, annotations: {} } }))
  await comes(story, late(WORKSPACE))
  const { volumes, claims } = await survey(story.cluster, copying())
  const now = { ...found, claims, volumes: [...bare, ...volumes.filter(({ spec }) => spec.hostPath)] }
  expect(makePlan(now, copying(), PLAIN).groups).toMatchObject([{ blocked: false, joins: [{}] }])
  const forgotten = makePlan({ ...now, records: [] }, copying(), PLAIN)
  expect(forgotten.groups).toMatchObject([{ blocked: true }])
  expect(forgotten.findings.map(({ remedy }) => remedy).join()).toContain(
    `kubectl annotate pv jupyter-workspace juicify.dev/moved-from=${WORKSPACE}`,
  )
})

test('who shares a place goes back together, and those that joined it last', async () => {
  const story = await migrated()
  await comes(story, late(WORKSPACE))
  await apply(await planned(story), told(story.cluster).options)
  const all = await workloadsNow(story.cluster)
  const records = await readRecords(story.cluster)
  const alone = async (name: string, copyBack: boolean) => {
    const group =
      records.find(({ kept }) => kept.group.volumes.some((each) => each.name === name))?.kept.group.name ?? ''
    const { options } = told(story.cluster)
    const settings = { ...options.settings, copyBack }
    const [result] = await rollback(new Map([[group, all.get(group) ?? []]]), { ...options, settings })
    return result
  }
  expect(await alone('jupyter-workspace', false)).toMatchObject({
    outcome: 'blocked',
    remedy: expect.stringContaining('Roll them back together'),
  })
  expect(await alone('aihub-workspace', true)).toMatchObject({
    outcome: 'blocked',
    message: expect.stringContaining('cannot be copied back without'),
  })
  const { events, options } = told(story.cluster)
  const results = await rollbackAll(story.cluster, {
    settings: { ...options.settings, copyBack: true },
    emit: options.emit,
  })
  expect(results.map(({ outcome }) => outcome)).toEqual(results.map(() => 'rolled-back'))
  const moved = events.flatMap((event) => (event.type === 'volume-moved' ? [event.volume] : []))
  expect(moved.indexOf('aihub-workspace')).toBeGreaterThan(moved.indexOf('jupyter-workspace'))
  expect((await pv(story, 'aihub-workspace')).spec.hostPath?.path).toBe(WORKSPACE)
})
