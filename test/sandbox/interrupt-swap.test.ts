import { afterEach, expect, test } from 'vitest'
import type { KubeObject } from '../../src/domain/object.ts'
import type { Event } from '../../src/engine/events.ts'
import type { GroupResult } from '../../src/engine/group-runner.ts'
import { apply, rollback } from '../../src/engine/run.ts'
import type { Verb } from '../laboratory/death.ts'
import { juicefs, NAMESPACES, nodes, volume } from '../laboratory/manifests.ts'
import { applyAll, begin, planOf, resumeAll, rollbackAll, type Story, told, workloadsNow } from '../laboratory/story.ts'

/** More volumes of one directory than are taken away at once. */
const NAMES = Array.from({ length: 12 }, (_, index) => `v${index}`)

let story: Story | undefined
afterEach(() => story?.close())

/** A group of twelve volumes, and what is to happen at a change of a run. */
async function groupOfTwelve(at: (change: string) => void): Promise<Story> {
  const namespaces = NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
  const volumes = NAMES.flatMap((name) => volume('jupyter', name, '/data/k8s/shared'))
  return begin([...namespaces, ...nodes(), ...juicefs(), ...volumes], {
    onRequest: ({ changing, method, path }) => {
      if (changing) at(`${method} ${path}`)
      return undefined
    },
  })
}

/** Where the volumes are, and whether they and their claims are bound. */
function places({ sandbox }: Story): string[] {
  const objects = sandbox.objects() as (KubeObject & { spec: { csi?: unknown }; status?: { phase?: string } })[]
  const phases = (kind: string) => objects.filter((object) => object.kind === kind).map(({ status }) => status?.phase)
  expect([...phases('PersistentVolume'), ...phases('PersistentVolumeClaim')]).toEqual(Array(24).fill('Bound'))
  return objects.filter(({ kind }) => kind === 'PersistentVolume').map(({ spec }) => (spec.csi ? 'JuiceFS' : 'disk'))
}

async function interrupted(verb: Verb, when: RegExp): Promise<GroupResult | undefined> {
  let stop = () => {}
  let armed = false
  story = await groupOfTwelve((change) => {
    if (armed && when.test(change)) stop()
  })
  const { cluster } = story
  if (verb === 'rollback') await applyAll(cluster, await planOf(cluster))
  const { options } = told(cluster)
  stop = () => options.stop()
  const plan = await planOf(cluster)
  const workloads = await workloadsNow(cluster)
  armed = true
  const [result] = await (verb === 'apply' ? apply(plan, options) : rollback(workloads, options))
  armed = false
  await story.sandbox.settled()
  return result
}

test.each([
  ['apply', 'JuiceFS', 'disk'],
  ['rollback', 'disk', 'JuiceFS'],
] as const)(
  'who interrupts %s when the first volume of a group is away gets all of them bound before it ends',
  async (verb, there, before) => {
    const result = await interrupted(verb, /^DELETE .*persistentvolumes/)
    expect(result?.outcome).toBe('interrupted')
    expect(places(story as Story)).toEqual(Array(12).fill(there))
    expect(result?.volumes.map(({ now }) => now)).toEqual(Array(12).fill('moved'))
    expect(before).not.toBe(there)
  },
)

test('a server that is slow to answer just then, after the interruption, is waited for as before it', async () => {
  let stop = () => {}
  let toldAway = () => {}
  const away = new Promise<void>((resolve) => {
    toldAway = resolve
  })
  let stopped = false
  const volumes = NAMES.flatMap((name) => volume('jupyter', name, '/data/k8s/shared'))
  const namespaces = NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
  story = await begin([...namespaces, ...nodes(), ...juicefs(), ...volumes], {
    onRequest: async ({ method, path }) => {
      if (method === 'DELETE' && /persistentvolumes/.test(path)) {
        stopped = true
        stop()
      }
      // until the run has told that the server does not answer
      if (stopped && method !== 'GET') await away
      return undefined
    },
  })
  const { cluster, sandbox } = story
  const { options, events } = told(cluster)
  stop = () => options.stop()
  const emit = (event: Event) => {
    options.emit(event)
    if (event.type === 'server-away') toldAway()
  }
  const [result] = await apply(await planOf(cluster), { ...options, emit })
  await sandbox.settled()
  expect(places(story)).toEqual(Array(12).fill('JuiceFS'))
  expect(result?.volumes.map(({ now }) => now)).toEqual(Array(12).fill('moved'))
  expect(events.map(({ type }) => type)).toContain('server-back')
})

test.each(['apply', 'rollback'] as const)(
  'who interrupts %s before that finds every volume as it was',
  async (verb) => {
    const result = await interrupted(verb, /migrationrecords/)
    expect(places(story as Story)).toEqual(Array(12).fill(verb === 'apply' ? 'disk' : 'JuiceFS'))
    expect(result?.volumes.map(({ now }) => now)).toEqual(Array(12).fill('as-before'))
  },
)

test('a pod that comes while the volumes are away, and will not go, has them put back, and the run goes on later', async () => {
  let come = () => Promise.resolve()
  let arrived: Promise<void> | undefined
  story = await groupOfTwelve((change) => {
    if (/^DELETE .*persistentvolumes/.test(change)) arrived ??= come()
  })
  const { cluster, sandbox } = story
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'notebook', namespace: 'jupyter', finalizers: ['example.dev/hold'] },
    spec: {
      nodeName: 'node1',
      containers: [{ name: 'main', image: 'local/pause:1' }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'v0' } }],
    },
  }
  come = async () => {
    await cluster.create(pod)
  }
  const { options, events } = told(cluster, {})
  const settings = { ...options.settings, stopTimeout: 500 }
  const [result] = await apply(await planOf(cluster), { ...options, settings })
  await arrived
  await sandbox.settled()
  expect(result?.outcome).toBe('failed')
  expect(places(story)).toEqual(Array(12).fill('disk'))
  expect(events.filter(({ type }) => type === 'volume-put-back').length).toBe(12)
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: 'jupyter', name: 'notebook' }
  await cluster.patch(ref, { type: 'merge', body: { metadata: { finalizers: null } } })
  await cluster.delete(ref, {})
  await sandbox.settled()
  for (const { outcome, message } of await resumeAll(cluster)) expect(message ?? outcome).toBe('migrated')
  for (const { outcome, message } of await rollbackAll(cluster)) expect(message ?? outcome).toBe('rolled-back')
  expect(places(story)).toEqual(Array(12).fill('disk'))
})
