import { afterEach, expect, test } from 'vitest'
import type { Migration } from '../../src/domain/migration.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import type { PlanOptions } from '../../src/domain/plan.ts'
import type { PersistentVolume } from '../../src/domain/volume.ts'
import { readRecords } from '../../src/engine/record.ts'
import { apply, preload } from '../../src/engine/run.ts'
import { readMigration } from '../../src/planner/migration-file.ts'
import { makePlan } from '../../src/planner/plan.ts'
import { survey } from '../../src/survey/survey.ts'
import { smallLaboratory, volume } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { begin, rollbackAll, type Story, told } from '../laboratory/story.ts'

// A place that a bound volume shows has users, whom no plan has stopped: nothing is copied onto it, in either direction. It is
// seen right before a copy, whatever a plan said that was made before.

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const WORKSPACE = '/data/k8s/kubeflow/pipeline/workspace'
const late = (path = WORKSPACE): KubeObject[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'aihub' } },
  ...volume('aihub', 'workspace', path),
]

function copying(): Migration {
  const text = MIGRATION_FILE.replace('{mode: none}', '{image: "local/tools:1"}')
  return readMigration(
    text.replace('nodes: shared', 'nodes: [node1]').replace('[jupyter, pipeline]', '["*"]'),
    'm.yaml',
  )
}

const PLAIN: PlanOptions = { wholeGroups: false, dangerousSplit: false }

/** A plan that was made before anything was on the file system. */
async function planFromBefore({ cluster }: Story, migration = copying()) {
  const found = await survey(cluster, migration)
  return makePlan({ ...found, volumes: found.volumes.filter(({ spec }) => !spec.csi), records: [] }, migration, PLAIN)
}

async function migrated(): Promise<Story> {
  const story = await begin(smallLaboratory())
  closing.push(story.close)
  const migration = copying()
  const plan = makePlan(await survey(story.cluster, migration), migration, PLAIN)
  const results = await apply(plan, told(story.cluster).options)
  expect(results.map(({ outcome }) => outcome)).toEqual(results.map(() => 'migrated'))
  return story
}

async function comes(story: Story, objects: KubeObject[]): Promise<void> {
  for (const object of objects) await story.cluster.create(object)
  await story.sandbox.settled()
}

const pathOf = async ({ cluster }: Story, name: string) =>
  (await cluster.get<PersistentVolume>({ apiVersion: 'v1', kind: 'PersistentVolume', name })).spec.hostPath?.path

test.each([
  ['a part of it', `${WORKSPACE}/alice`],
  ['what is around it', '/data/k8s/kubeflow/pipeline'],
])('nothing is copied onto a place where a bound volume shows %s', async (_, path) => {
  const story = await migrated()
  await comes(story, late(path))
  const plan = await planFromBefore(story)
  expect(plan.groups.map(({ blocked }) => blocked)).toEqual([false])
  const warm = await preload(plan, told(story.cluster).options)
  expect(warm.map(({ message }) => message)).toEqual([expect.stringContaining('the copy would overwrite')])
  const [result] = await apply(plan, told(story.cluster).options)
  expect(result).toMatchObject({ outcome: 'failed', message: expect.stringContaining('jupyter-workspace') })
  expect(result?.remedy).not.toMatch(/--dangerous-split|--into-existing/)
  expect(await pathOf(story, 'aihub-workspace')).toBe(path)
})

test('a plan for a volume that came later takes no way back away from those that have moved', async () => {
  const story = await migrated()
  await comes(story, late())
  const before = await readRecords(story.cluster)
  const [result] = await apply(await planFromBefore(story), told(story.cluster).options)
  expect(result).toMatchObject({ outcome: 'failed', message: expect.stringContaining('it would be lost') })
  expect(await readRecords(story.cluster)).toEqual(before)
})

test('nothing is copied back to a directory that another bound volume shows, and nothing is stopped for it', async () => {
  const story = await migrated()
  await comes(story, late(`${WORKSPACE}/alice`))
  const { settings } = told(story.cluster).options
  const { events, options } = told(story.cluster)
  const results = await rollbackAll(story.cluster, {
    settings: { ...settings, copyBack: true },
    emit: options.emit,
  })
  const failed = results.filter(({ message }) => message?.includes('aihub-workspace (aihub/workspace) mounts it'))
  expect(failed.map(({ outcome, group }) => [outcome, group.split('-')[0]])).toEqual([['failed', 'workspace']])
  expect(failed[0]?.leftStopped).toEqual([])
  const { group } = failed[0] ?? {}
  expect(events.some((event) => event.type === 'volume-moved' && event.group === group)).toBe(false)
})
