import { afterEach, expect, test } from 'vitest'
import type { KubeObject } from '../../src/domain/object.ts'
import { readRecords } from '../../src/engine/record.ts'
import { apply } from '../../src/engine/run.ts'
import { readMigration } from '../../src/planner/migration-file.ts'
import { makePlan } from '../../src/planner/plan.ts'
import type { Interference, SandboxRequest } from '../../src/sandbox/index.ts'
import { survey } from '../../src/survey/survey.ts'
import { freeLease } from '../laboratory/death.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { mortal } from '../laboratory/mortal.ts'
import { stateOf } from '../laboratory/state.ts'
import { applyAll, begin, planOf, resumeAll, rollbackAll, told } from '../laboratory/story.ts'

// What admission says of all that will be created is heard before anything is stopped. The webhooks of these clusters are
// played by who receives the requests: they see a creation and its dry run alike.

type Policy = (object: KubeObject & { spec: Fields }, request: SandboxRequest) => Interference | undefined
interface Fields {
  [field: string]: unknown
  csi?: { volumeHandle: string }
  mountOptions?: string[]
  storageClassName?: string
}

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A small laboratory in which `policy` has its say on every volume and pod that people or juicify create. */
async function clusterWith(policy: Policy) {
  let has: Policy | undefined
  const story = await begin(smallLaboratory(), {
    onRequest: (request) =>
      request.method === 'POST' && /\/(persistentvolumes|pods)$/.test(request.path)
        ? has?.(request.body as KubeObject & { spec: Fields }, request)
        : undefined,
  })
  closing.push(story.close)
  await story.sandbox.settled()
  const set = (next: Policy | undefined) => {
    has = next
  }
  set(policy)
  const state = async () => {
    await story.sandbox.settled()
    return stateOf(story.sandbox.objects())
  }
  return { ...story, set, state }
}

const denied = (message: string, status = 403, reason = 'Forbidden') => ({ answer: { status, reason, message } })

const noCsi: Policy = ({ kind, spec }) =>
  kind === 'PersistentVolume' && spec.csi
    ? denied('admission webhook "pv.policy.example.com" denied the request: only approved CSI volumes')
    : undefined

const noNotebooks: Policy = ({ kind, metadata }) =>
  kind === 'Pod'
    ? denied(`pods "${metadata.name}" is forbidden: failed quota: team-quota: must specify limits.cpu,limits.memory`)
    : undefined

const noHostPath: Policy = ({ kind, spec }) =>
  kind === 'PersistentVolume' && spec.hostPath
    ? denied(
        `persistentvolumes "x" is forbidden: ValidatingAdmissionPolicy 'no-host' with binding 'all' denied request: no`,
        422,
        'Invalid',
      )
    : undefined

test.each([
  ['a webhook that takes no new volume', noCsi, /only approved CSI volumes/, /pv\.policy\.example\.com/],
  ['a policy that would not have the old volume back', noHostPath, /should it have to come back.*'no-host'/, /no-host/],
  [
    'a quota that came after a notebook',
    noNotebooks,
    /Pod jupyter\/notebook-alice.*must specify limits\.cpu/,
    /resourcequotas/,
  ],
])(
  '%s is heard before anything is stopped, with its words, and no right is asked for',
  async (_, policy, words, remedy) => {
    const { cluster, state, set } = await clusterWith(policy)
    const before = await state()
    const plan = await planOf(cluster)
    const { events, options } = told(cluster)
    for (const result of await apply(plan, options)) {
      expect(result).toMatchObject({
        outcome: 'blocked',
        message: expect.stringMatching(words),
        remedy: expect.stringMatching(remedy),
        leftStopped: [],
      })
      expect(result.remedy).not.toContain('rbac')
    }
    expect(events.filter(({ type }) => type === 'step-started')).toEqual([])
    expect(await state()).toEqual(before)
    expect(await readRecords(cluster)).toEqual([])
    // allowed since, it is done
    set(undefined)
    expect((await applyAll(cluster, plan)).map(({ outcome }) => outcome)).toEqual(['migrated', 'migrated'])
  },
)

test('a denial that comes during the first copy is heard before anything is stopped too', async () => {
  const { cluster, state, set } = await clusterWith(() => undefined)
  const migration = readMigration(
    MIGRATION_FILE.replace('{mode: none}', '{image: "local/tools:1"}').replace('nodes: shared', 'nodes: [node1]'),
    'm.yaml',
  )
  const plan = makePlan(await survey(cluster, migration), migration, { wholeGroups: false, dangerousSplit: false })
  const before = await state()
  const { options } = told(cluster, {
    emit: ({ type }) => {
      if (type === 'not-rehearsed') set(noCsi)
    },
  })
  const results = await apply(plan, options)
  expect(results.map(({ outcome, leftStopped }) => [outcome, leftStopped])).toEqual([
    ['blocked', []],
    ['blocked', []],
  ])
  const phases = (await readRecords(cluster)).map(({ state: { phase, stopping, failure } }) => [
    phase,
    stopping,
    failure,
  ])
  for (const each of phases) expect(each).toEqual(['migrating', false, expect.stringContaining('only approved')])
  expect((await rollbackAll(cluster)).map(({ outcome }) => outcome)).toEqual(['rolled-back', 'rolled-back'])
  expect(await state()).toEqual(before)
})

test('a rollback that would not get its old volumes back stops nobody, and works once it would', async () => {
  const { cluster, state, set } = await clusterWith(() => undefined)
  const before = await state()
  await applyAll(cluster, await planOf(cluster))
  const moved = await state()
  set(noHostPath)
  for (const { outcome, message } of await rollbackAll(cluster))
    expect([outcome, message]).toEqual(['blocked', expect.stringContaining("'no-host'")])
  expect(await state()).toEqual(moved)
  set(undefined)
  expect((await rollbackAll(cluster)).map(({ outcome }) => outcome)).toEqual(['rolled-back', 'rolled-back'])
  expect(await state()).toEqual(before)
})

test('a quota that is full only because a notebook counts in it while it is there holds nobody back', async () => {
  const quota =
    (used: number): Policy =>
    ({ kind, metadata }, { query }) =>
      kind === 'Pod' && query.has('dryRun')
        ? denied(
            `pods "${metadata.name}" is forbidden: exceeded quota: team, requested: pods=1,limits.cpu=500m, used: pods=${used},limits.cpu=500m, limited: pods=1,limits.cpu=1`,
          )
        : undefined
  const { cluster, set } = await clusterWith(quota(2))
  const plan = await planOf(cluster)
  expect((await applyAll(cluster, plan)).map(({ outcome }) => outcome)).toEqual(['blocked', 'blocked'])
  set(quota(1))
  expect((await applyAll(cluster, plan)).map(({ outcome }) => outcome)).toEqual(['migrated', 'migrated'])
})

test('a quota of juicify’s own namespace holds groups back in a rehearsal, as on a real cluster', async () => {
  const { cluster, sandbox, state } = await clusterWith(() => undefined)
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'juicify' } })
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'none', namespace: 'juicify' } }
  await cluster.create({ ...quota, spec: { hard: { persistentvolumeclaims: '0' } } } as KubeObject)
  await sandbox.settled()
  const migration = readMigration(
    MIGRATION_FILE.replace('{mode: none}', '{image: "local/tools:1"}').replace('nodes: shared', 'nodes: [node1]'),
    'm.yaml',
  )
  const before = await state()
  for (const result of await applyAll(cluster, await planOf(cluster, migration)))
    expect(result).toMatchObject({
      outcome: 'blocked',
      message: expect.stringMatching(/PersistentVolumeClaim juicify\/.*exceeded quota: none/),
      leftStopped: [],
    })
  expect(await state()).toEqual(before)
})

/** As a mutating webhook of a cluster does: to whatever is created, and never to what is there. */
const adds: Policy = (object) => {
  const { kind, metadata, spec } = object
  metadata.labels = { ...metadata.labels, 'policy.example.com/checked': 'yes' }
  if (kind === 'PersistentVolume' && spec.csi) spec.mountOptions = [...(spec.mountOptions ?? []), 'cache-size=1024']
  if (kind === 'PersistentVolume' && spec.hostPath) spec.mountOptions = ['noatime']
  return undefined
}

test('an empty text that the server does not show is no change of a policy', async () => {
  const { cluster } = await clusterWith(({ kind, spec }) => {
    if (kind === 'PersistentVolume') delete spec.storageClassName
    return undefined
  })
  const { events, options } = told(cluster)
  const results = await apply(await planOf(cluster), options)
  expect(results.map(({ message, outcome }) => message ?? outcome)).toEqual(['migrated', 'migrated'])
  expect(events.filter(({ type }) => type === 'admission-changes')).toEqual([])
})

test('what a policy adds to volumes and pods is told before, and they are known with it: there and back, and after a kill anywhere', async () => {
  const kills = [undefined, 'create PersistentVolume jupyter-workspace', 'create Pod notebook-alice'].flatMap((k) =>
    k === undefined ? [undefined] : (['before', 'after'] as const).map((when) => ({ k, when })),
  )
  for (const kill of kills) {
    const { cluster, state } = await clusterWith(adds)
    const before = await state()
    const plan = await planOf(cluster)
    const { events, options } = told(cluster)
    if (kill) {
      await apply(plan, { ...options, cluster: mortal(cluster, kill.k, kill.when) }).catch(() => {})
      await freeLease(cluster)
      expect((await resumeAll(cluster)).map(({ message, outcome }) => message ?? outcome)).toContain('migrated')
    } else {
      const results = await apply(plan, options)
      expect(results.map(({ message, outcome }) => message ?? outcome)).toEqual(['migrated', 'migrated'])
    }
    expect(events).toContainEqual({
      type: 'admission-changes',
      group: expect.any(String),
      object: 'PersistentVolume jupyter-workspace',
      changes: expect.arrayContaining([
        {
          field: 'spec.mountOptions',
          sent: expect.stringMatching(/^\["subdir=[^"]*"\]$/),
          admitted: expect.stringMatching(/^\["subdir=[^"]*","cache-size=1024"\]$/),
        },
      ]),
    })
    expect(events.filter(({ type }) => type === 'workload-left')).toEqual([])
    const back = told(cluster)
    expect((await rollbackAll(cluster, back.options)).map(({ message, outcome }) => message ?? outcome)).toEqual([
      'rolled-back',
      'rolled-back',
    ])
    // nobody has changed a label: the policy has
    expect(back.events.filter(({ type }) => type === 'marks-kept' || type === 'workload-left')).toEqual([])
    expect(withoutPolicy(await state())).toEqual(withoutPolicy(before))
  }
})

function withoutPolicy(state: Record<string, unknown>): unknown {
  const text = JSON.stringify(state).replaceAll('"policy.example.com/checked":"yes"', '').replaceAll(',}', '}')
  return JSON.parse(text.replaceAll('"mountOptions":["noatime"],', '').replaceAll(',"mountOptions":["noatime"]', ''))
}

test('a policy that would send a volume elsewhere holds it back, and what differs is named by field', async () => {
  const { cluster, state } = await clusterWith(({ spec }) => {
    if (spec.csi) spec.mountOptions = ['subdir=elsewhere']
    return undefined
  })
  const before = await state()
  for (const { outcome, message } of await applyAll(cluster, await planOf(cluster)))
    expect([outcome, message]).toEqual([
      'blocked',
      expect.stringMatching(/spec\.mountOptions is subdir=elsewhere and should be subdir=/),
    ])
  expect(await state()).toEqual(before)
})

test('a webhook that takes no dry runs is warned of, and holds nobody back', async () => {
  const { cluster } = await clusterWith(({ kind }, { query }) =>
    kind === 'PersistentVolume' && query.has('dryRun')
      ? denied('admission webhook "old.example.com" does not support dry run', 400, 'BadRequest')
      : undefined,
  )
  const { events, options } = told(cluster)
  expect((await apply(await planOf(cluster), options)).map(({ outcome }) => outcome)).toEqual(['migrated', 'migrated'])
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'admission-unasked', message: expect.stringContaining('old.example.com') }),
  )
})

test.each([
  ['its pod security level', 'Namespace'],
  ['a quota that asks for limits', 'ResourceQuota'],
])('a Deployment whose next pods its namespace would refuse, by %s, is not stopped', async (_, kind) => {
  const story = await begin(smallLaboratory(), { kubernetesVersion: '1.37' })
  closing.push(story.close)
  const { cluster, sandbox } = story
  await sandbox.settled()
  // what runs already goes on
  if (kind === 'Namespace')
    for (const name of ['pipeline', 'jupyter'])
      await cluster.patch(
        { apiVersion: 'v1', kind, name },
        { type: 'merge', body: { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } } },
      )
  else
    await cluster.create({
      apiVersion: 'v1',
      kind,
      metadata: { name: 'limits', namespace: 'pipeline' },
      spec: { hard: { 'limits.cpu': '4' } },
    } as KubeObject)
  await sandbox.settled()
  const { events, options } = told(cluster)
  const results = await apply(await planOf(cluster), options)
  const words = results.map(({ message }) => message ?? '').join('\n')
  expect(words).toContain('a new pod of Deployment pipeline/web')
  expect(events.filter(({ type }) => type === 'workload-stopped')).toEqual([])
})
