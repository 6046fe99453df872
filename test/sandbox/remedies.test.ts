import { afterEach, describe, expect, test } from 'vitest'
import type { JsonPatchOperation } from '../../src/cluster/cluster.ts'
import type { Migration } from '../../src/domain/migration.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import type { PlanOptions } from '../../src/domain/plan.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../src/domain/volume.ts'
import { apply } from '../../src/engine/run.ts'
import { EXIT_CODES } from '../../src/jobs/exit-codes.ts'
import { readMigration } from '../../src/planner/migration-file.ts'
import { makePlan } from '../../src/planner/plan.ts'
import { survey } from '../../src/survey/survey.ts'
import { troubleWords } from '../../src/words/trouble.ts'
import { remediesFor } from '../../src/workloads/blocking-pods.ts'
import { notebook, smallLaboratory, volume } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { begin, planOf, type Story, told } from '../laboratory/story.ts'

// What a remedy says is typed by an operator as it is printed. So it is done here as it is printed, beside somebody else.

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** The JSON patch that a remedy has kubectl send to a volume. */
function patchIn(remedy: string): { name: string; operations: JsonPatchOperation[] } {
  const [, name = '', operations = '[]'] = /kubectl patch pv (\S+) --type json -p '([^']*)'/.exec(remedy) ?? []
  return { name, operations: JSON.parse(operations) }
}

const volumeOf = ({ cluster }: Story, name: string) =>
  cluster.get<PersistentVolume>({ apiVersion: 'v1', kind: 'PersistentVolume', name })

test('a Released volume is made ready for its own claim, and nobody else’s claim gets the data', async () => {
  const story = await begin(smallLaboratory())
  closing.push(story.close)
  const { cluster, sandbox } = story
  const claims = await cluster.list<PersistentVolumeClaim>({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' })
  const [claim] = claims.items
  if (!claim) throw new Error('no claim')
  const { namespace = '', name } = claim.metadata
  const volume = claim.spec.volumeName ?? ''
  const users = (await cluster.list<KubeObject>({ apiVersion: 'v1', kind: 'Pod' }, { namespace })).items
  for (const pod of users) await cluster.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name: pod.metadata.name })
  await cluster.delete({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name })
  await sandbox.settled()
  expect((await volumeOf(story, volume)).status?.phase).toBe('Released')
  // of another tenant, who waits for any volume of that class and size
  const rival = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'rival', namespace: 'kube-public' },
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } }, storageClassName: '' },
  }
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-public' } }).catch(() => {})
  const found = (await planOf(cluster)).findings.find(({ code }) => code === 'volume-released')
  const { name: patched, operations } = patchIn(found?.remedy ?? '')
  expect(patched).toBe(volume)
  expect(found?.remedy).toContain(`${namespace}/${name}`)
  const ref = { apiVersion: 'v1', kind: 'PersistentVolume', name: volume }
  await cluster.patch(ref, { type: 'json', body: operations })
  // the controller of a real cluster looks at claims again and again, this one when they come
  await cluster.create(rival)
  await sandbox.settled()
  const phase = async (namespace: string, name: string) =>
    (await cluster.get<PersistentVolumeClaim>({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name }))
      .status?.phase
  expect(await phase('kube-public', 'rival')).toBe('Pending')
  const { spec } = claim
  await cluster.create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { namespace, name }, spec })
  await sandbox.settled()
  expect(await phase(namespace, name)).toBe('Bound')
  const now = await volumeOf(story, volume)
  expect(now.spec.claimRef).toMatchObject({ namespace, name })
  expect((await planOf(cluster)).findings.map(({ code }) => code)).not.toContain('volume-released')
})

const PLAIN: PlanOptions = { wholeGroups: false, dangerousSplit: false }
const WORKSPACE = '/data/k8s/kubeflow/pipeline/workspace'
const V1 = 'v1'
const claimRef = (namespace: string, name: string) => ({
  apiVersion: V1,
  kind: 'PersistentVolumeClaim',
  namespace,
  name,
})
const volumeRef = (name: string) => ({ apiVersion: V1, kind: 'PersistentVolume', name })

/** The laboratory's migration with other words in it. */
function migrationWith(...words: [was: string, is: string][]): Migration {
  const text = words.reduce((whole, [was, is]) => whole.replace(was, is), MIGRATION_FILE)
  return readMigration(text.replace('nodes: shared', 'nodes: [node1]'), 'm.yaml')
}

async function planWith({ cluster }: Story, given: Migration, options = PLAIN) {
  return makePlan(await survey(cluster, given), given, options)
}

async function phaseOf({ cluster }: Story, namespace: string, name: string): Promise<string | undefined> {
  return (await cluster.get<PersistentVolumeClaim>(claimRef(namespace, name))).status?.phase
}

/** Of another tenant, who waits for any volume of that class and size. */
async function rivalComes({ cluster, sandbox }: Story): Promise<void> {
  await cluster.create({ apiVersion: V1, kind: 'Namespace', metadata: { name: 'rivals' } })
  await cluster.create({
    apiVersion: V1,
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'rival', namespace: 'rivals' },
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } }, storageClassName: '' },
  })
  await sandbox.settled()
}

/** Everything of a namespace that a migration could touch, without what the server and time change by themselves. */
async function stateOf({ cluster }: Story, namespace: string): Promise<unknown> {
  const [claims, pods, deployments, volumes] = await Promise.all([
    cluster.list<KubeObject>({ apiVersion: V1, kind: 'PersistentVolumeClaim' }, { namespace }),
    cluster.list<KubeObject>({ apiVersion: V1, kind: 'Pod' }, { namespace }),
    cluster.list<KubeObject>({ apiVersion: 'apps/v1', kind: 'Deployment' }, { namespace }),
    cluster.list<PersistentVolume>({ apiVersion: V1, kind: 'PersistentVolume' }),
  ])
  return [
    ...[...claims.items, ...pods.items, ...deployments.items].map(({ kind, metadata: { name, uid }, spec }) => ({
      kind,
      name,
      uid,
      spec,
    })),
    ...volumes.items
      .filter(({ spec }) => spec.claimRef?.namespace === namespace)
      .map(({ metadata: { name, uid }, spec }) => ({ name, uid, hostPath: spec.hostPath, claimRef: spec.claimRef })),
  ]
}

interface Row {
  what: string
  /** What its remedy says. */
  says: RegExp
  objects?: KubeObject[]
  /** Comes into the situation, and does what the remedy says as it is printed. Returns the remedy, and what somebody has lost. */
  followed(story: Story): Promise<[remedy: string | undefined, lost: unknown[]]>
}

const ROWS: Row[] = [
  {
    what: 'a volume whose claim is Lost is made again, while another tenant waits for any volume',
    says: /with the namespace, name and uid of this claim in spec\.claimRef/,
    async followed(story) {
      const { cluster, sandbox } = story
      const old = await volumeOf(story, 'jupyter-workspace')
      await cluster.delete(volumeRef('jupyter-workspace'))
      await cluster.patch(volumeRef('jupyter-workspace'), { type: 'merge', body: { metadata: { finalizers: null } } })
      await sandbox.settled()
      await rivalComes(story)
      const found = (await planOf(cluster)).findings.find(({ code }) => code === 'claim-lost')
      const { uid = '' } = (await cluster.get(claimRef('jupyter', 'workspace'))).metadata
      const { name, labels } = old.metadata
      const spec = { ...old.spec, claimRef: { namespace: 'jupyter', name: 'workspace', uid } }
      await cluster.create({ apiVersion: V1, kind: 'PersistentVolume', metadata: { name, labels }, spec } as KubeObject)
      // the controller of a real cluster looks at claims again and again, here at those that were changed
      for (const ref of [claimRef('rivals', 'rival'), claimRef('jupyter', 'workspace')]) {
        await cluster.patch(ref, { type: 'merge', body: { metadata: { annotations: { touched: 'yes' } } } })
        await sandbox.settled()
      }
      const phases = [await phaseOf(story, 'jupyter', 'workspace'), await phaseOf(story, 'rivals', 'rival')]
      return [found?.remedy, phases.join() === 'Bound,Pending' ? [] : phases]
    },
  },
  {
    what: 'a volume is excluded of which another one shows the directory',
    says: /^Exclude jupyter-workspace \(spec\.select\.exclude\)/,
    async followed(story) {
      const { cluster } = story
      const pod = await cluster.get({ apiVersion: V1, kind: 'Pod', namespace: 'jupyter', name: 'notebook-alice' })
      const owner = { apiVersion: V1, kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid }
      const body = { metadata: { ownerReferences: [owner] } }
      await cluster.patch(claimRef('jupyter', 'workspace'), { type: 'merge', body })
      const found = (await planOf(cluster)).findings.find(({ code }) => code === 'claim-owned')
      const before = await stateOf(story, 'pipeline')
      const plan = await planWith(
        story,
        migrationWith(['select: {namespaces: ["*"]}', 'select: {namespaces: ["*"], exclude: [jupyter-workspace]}']),
      )
      const blocked = plan.findings.filter(({ code, severity }) => code === 'excluded-shares' && severity === 'block')
      const group = plan.groups.find(({ volumes }) => volumes.some(({ name }) => name === 'pipeline-workspace'))
      await apply({ ...plan, groups: group ? [group] : [] }, told(cluster).options)
      expect(await stateOf(story, 'pipeline')).toEqual(before)
      return [found?.remedy, blocked.length > 0 && group?.blocked ? [] : ['what they share']]
    },
  },
  ...[67, 79].map((code) => ({
    what: `what the Jobs say with ${code} is copied over all the same, onto a place that somebody mounts`,
    says: /--into-existing overwrites/,
    async followed(story: Story): Promise<[string | undefined, unknown[]]> {
      const { cluster, sandbox } = story
      const copying = migrationWith(['{mode: none}', '{image: "local/tools:1"}'])
      await apply(await planWith(story, copying), told(cluster).options)
      await cluster.create({ apiVersion: V1, kind: 'Namespace', metadata: { name: 'aihub' } })
      for (const object of volume('aihub', 'workspace', `${WORKSPACE}/alice`)) await cluster.create(object)
      await sandbox.settled()
      const before = await Promise.all(['jupyter', 'pipeline', 'aihub'].map((each) => stateOf(story, each)))
      const into = migrationWith(['{mode: none}', '{image: "local/tools:1", intoExisting: true}'])
      const found = await survey(cluster, into)
      // as of one who has planned before anything was there
      const volumes = found.volumes.filter(({ spec }) => !spec.csi)
      const early = makePlan({ ...found, volumes, records: [] }, into, PLAIN)
      const results = await apply(early, told(cluster).options)
      expect(results.map(({ message }) => message)).toEqual([expect.stringContaining('the copy would overwrite')])
      const after = await Promise.all(['jupyter', 'pipeline', 'aihub'].map((each) => stateOf(story, each)))
      expect(after).toEqual(before)
      return [EXIT_CODES[code]?.remedy, []]
    },
  })),
  {
    what: 'a part of a group is split off, and the rest is planned later',
    says: /--dangerous-split to migrate only a part: from then on/,
    async followed(story) {
      const { cluster } = story
      const only: [string, string] = ['select: {namespaces: ["*"]}', 'select: {namespaces: [jupyter]}']
      const [image, rest]: [string, string] = ['{mode: none}', '{image: "local/tools:1"}']
      const found = (await planWith(story, migrationWith(only, [image, rest]))).findings.find(
        ({ code }) => code === 'partial-group',
      )
      const before = await stateOf(story, 'pipeline')
      const part = await planWith(story, migrationWith(only, [image, rest]), { ...PLAIN, dangerousSplit: true })
      const results = await apply(part, told(cluster).options)
      expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['migrated']))
      expect(await stateOf(story, 'pipeline')).toEqual(before)
      // what the others have is nothing that is copied over what has been written since
      const later = await planWith(story, migrationWith([image, rest]))
      const copied = later.groups.filter(({ blocked }) => !blocked).flatMap(({ copies }) => copies)
      return [found?.remedy, copied]
    },
  },
  {
    what: 'a finalizer whose owner is gone is taken off a pod that others hold, too',
    says: /the owner of the finalizer gone\.dev\/hold/,
    objects: [
      {
        ...notebook('held', ['workspace']),
        metadata: {
          name: 'held',
          namespace: 'jupyter',
          finalizers: ['alive.dev/first', 'gone.dev/hold', 'alive.dev/last'],
        },
      },
    ],
    async followed({ cluster }) {
      const ref = { apiVersion: V1, kind: 'Pod', namespace: 'jupyter', name: 'held' }
      await cluster.delete(ref)
      const { deletionTimestamp: deletedAt = '', finalizers: holding = [] } = (await cluster.get(ref)).metadata
      const held = { ref, claims: [], deletedAt, finalizers: holding, finished: false, appeared: false }
      const remedy = remediesFor([held], new Map(), troubleWords('en')).join(' ')
      const [, patch = '[]'] = /finalizer gone\.dev\/hold to remove it, .*? -p '([^']*)'/.exec(remedy) ?? []
      await cluster.patch(ref, { type: 'json', body: JSON.parse(patch) })
      // typed a second time it finds somebody else's there
      await cluster.patch(ref, { type: 'json', body: JSON.parse(patch) }).catch(() => {})
      const { finalizers } = (await cluster.get(ref)).metadata
      return [remedy, finalizers?.join() === 'alive.dev/first,alive.dev/last' ? [] : [finalizers]]
    },
  },
]

describe('who follows a remedy to the letter takes nothing from anybody', () => {
  test.each(ROWS.map((row) => [row.what, row] as const))('where %s', async (_, { says, objects = [], followed }) => {
    const story = await begin([...smallLaboratory(), ...objects])
    closing.push(story.close)
    await story.sandbox.settled()
    const [remedy, lost] = await followed(story)
    expect(remedy).toMatch(says)
    expect(lost).toEqual([])
  })
})
