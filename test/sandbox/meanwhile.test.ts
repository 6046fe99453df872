import { afterEach, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { type Connection, connect } from '../../src/cluster/connect.ts'
import type { Migration } from '../../src/domain/migration.ts'
import { type KubeObject, refOf } from '../../src/domain/object.ts'
import type { PersistentVolume } from '../../src/domain/volume.ts'
import type { Event } from '../../src/engine/events.ts'
import type { GroupResult } from '../../src/engine/group-runner.ts'
import { readRecords } from '../../src/engine/record.ts'
import { apply, resume, rollback } from '../../src/engine/run.ts'
import { readMigration } from '../../src/planner/migration-file.ts'
import { makePlan } from '../../src/planner/plan.ts'
import { eventTexts } from '../../src/report/event-text.ts'
import type { SandboxRequest } from '../../src/sandbox/index.ts'
import { survey } from '../../src/survey/survey.ts'
import { findWorkloads } from '../../src/workloads/find.ts'
import { freeLease } from '../laboratory/death.ts'
import { customKind, define } from '../laboratory/definition.ts'
import { controller, juicefs, NAMESPACES, nodes, notebook, smallLaboratory, volume } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { mortal } from '../laboratory/mortal.ts'
import { stateOf } from '../laboratory/state.ts'
import { begin, rollbackAll, type Story, told } from '../laboratory/story.ts'

// What people and controllers do while a run is at work, or between two runs. The copies are told, and not made: that a
// message says so is how it is seen here that something is copied.

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const DIRECTORY = '/data/k8s/kubeflow/pipeline/workspace'
const VOLUME = { apiVersion: 'v1', kind: 'PersistentVolume', name: 'jupyter-workspace' }
const LATE = { apiVersion: 'v1', kind: 'Pod', namespace: 'jupyter', name: 'notebook-late' }
const WEB = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'pipeline', name: 'web' }
const late = notebook('late', ['workspace'])

/** A volume of each of these namespaces on one directory, with nobody on them. */
function shared(...namespaces: string[]): KubeObject[] {
  return [
    ...nodes(),
    ...juicefs(),
    ...NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...namespaces.flatMap((namespace) => volume(namespace, 'workspace', DIRECTORY)),
  ]
}

interface Scene extends Story {
  /** Somebody else's way to the cluster. */
  others: Connection
  /** Has something done before the next request of this kind, once. */
  before(request: RegExp, then: () => Promise<unknown>): void
}

async function scene(objects: KubeObject[]): Promise<Scene> {
  let awaited: { request: RegExp; then: () => Promise<unknown> } | undefined
  const story = await begin(objects, {
    async onRequest({ method, path, query }: SandboxRequest) {
      // what is ours is looked for by its labels
      if (query.has('labelSelector') || !awaited?.request.test(`${method} ${path}`)) return undefined
      const { then } = awaited
      awaited = undefined
      await then()
      return undefined
    },
  })
  const others = await connect({ kubeconfigText: story.sandbox.kubeconfig })
  closing.push(story.close, () => others.close())
  return {
    ...story,
    others,
    before(request, then) {
      awaited = { request, then }
    },
  }
}

function copying(more = '', secret = 'juicefs-sc-secret'): Migration {
  const text = MIGRATION_FILE.replace('juicefs-sc-secret', secret).replace('{mode: none}', '{image: "local/tools:1"}')
  return readMigration(text.replace('nodes: shared', 'nodes: [node1]') + more, 'copying.yaml')
}

async function planOf(cluster: Cluster, migration = copying()) {
  return makePlan(await survey(cluster, migration), migration, { wholeGroups: false, dangerousSplit: false })
}

/** A run that does not wait long, and what it says. */
function quick(cluster: Cluster, more: { copyBack?: boolean } = {}) {
  const { events, options } = told(cluster)
  return { events, options: { ...options, settings: { ...options.settings, stopTimeout: 2000, ...more } } }
}

const outcomes = (results: GroupResult[]) => results.map(({ outcome, message }) => message ?? outcome)

/** What people read of the events, a line each. */
const wordsOf = (events: Event[]) =>
  events
    .flatMap(eventTexts)
    .map(({ text }) => text)
    .join('\n')

/** The steps in which something was copied or compared. */
const copied = (events: Event[]) =>
  events.flatMap((event) => (event.type === 'not-rehearsed' ? [event.back ? 'copy back' : event.step] : []))

async function killedAfter(change: string, { cluster }: Scene): Promise<void> {
  await apply(await planOf(cluster), told(mortal(cluster, change, 'after')).options).catch(() => undefined)
  await freeLease(cluster)
}

async function comes({ others, sandbox }: Scene, pod = late): Promise<string | undefined> {
  await others.create(pod)
  await sandbox.settled()
  const now = await others.get<KubeObject & { status: { phase: string } }>({ ...LATE, ...pod.metadata })
  return now.status.phase
}

async function goes({ others, sandbox }: Scene, pod = late): Promise<void> {
  await others.delete({ ...LATE, ...pod.metadata })
  await sandbox.settled()
}

test('what a pod wrote that came before its volume was away is copied, also by the run after the one that waited in vain', async () => {
  const now = await scene(shared('jupyter'))
  const plan = await planOf(now.cluster)
  now.before(/^DELETE .*persistentvolumes/, () => comes(now))
  expect(outcomes(await apply(plan, quick(now.cluster).options))[0]).toMatch(
    /waiting for the pods that use .*notebook-late/,
  )
  await goes(now)
  const { events, options } = quick(now.cluster)
  expect(outcomes(await resume(options))).toEqual(['migrated'])
  expect(copied(events)).toEqual(expect.arrayContaining(['catch-up', 'verify']))
})

test('nothing is stopped while one of the groups that go in step waits for work that may never end', async () => {
  const WORKFLOWS = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' }
  const stoppedMeanwhile: string[] = []
  const story = await begin(smallLaboratory(), {
    onRequest({ method, path, changing }: SandboxRequest) {
      if (changing && /\/(deployments|pods)\//.test(path)) stoppedMeanwhile.push(`${method} ${path}`)
      return undefined
    },
  })
  closing.push(story.close)
  const { cluster, sandbox } = story
  await define(cluster, customKind(WORKFLOWS.apiVersion, WORKFLOWS.kind))
  const endless = await cluster.create<KubeObject>({
    ...WORKFLOWS,
    metadata: { name: 'endless', namespace: 'pipeline' },
    spec: {},
    status: { phase: 'Running' },
  })
  const { apiVersion, kind, name, uid = '' } = refOf(endless)
  const ownerReferences = [{ apiVersion, kind, name, uid, controller: true }]
  const run = notebook('endless-1', ['archives'])
  await cluster.create({ ...run, metadata: { name: 'endless-1', namespace: 'pipeline', ownerReferences } })
  await sandbox.settled()
  const plan = await planOf(cluster, copying('  quiesce: {unfinished: wait}\n'))
  expect(plan.groups.map(({ workloads }) => workloads.some(({ ref }) => ref.name === 'endless'))).toContain(false)
  stoppedMeanwhile.length = 0
  const { options } = quick(cluster)
  const found: string[][] = []
  const emit = (event: Event) => {
    options.emit(event)
    if (event.type === 'group-ended' && event.outcome === 'failed') found.push([...stoppedMeanwhile])
  }
  const ends = outcomes(await apply(plan, { ...options, emit }))
  expect(ends.find((end) => end !== 'migrated')).toContain(`${endless.kind} pipeline/endless to finish`)
  expect(found).toEqual([[]])
})

test('who starts again what was stopped is named while it is waited for, and the run goes on when that is undone', async () => {
  const now = await scene(smallLaboratory())
  await now.others.create({ ...late, metadata: { ...late.metadata, finalizers: ['example.dev/hold'] } })
  await now.sandbox.settled()
  const plan = await planOf(now.cluster)
  const { events, options } = told(now.cluster)
  const asked: Promise<unknown>[] = []
  const change = (ref: typeof LATE, body: object) => asked.push(now.others.patch(ref, { type: 'merge', body }))
  const emit = (event: Event) => {
    options.emit(event)
    if (event.type === 'waiting-for-pods' && asked.length === 0) change(WEB, { spec: { replicas: 7 } })
    if (event.type !== 'workload-started-again') return
    change(WEB, { spec: { replicas: 0 } })
    change(LATE, { metadata: { finalizers: null } })
  }
  const before = await now.others.get<KubeObject>(WEB)
  expect(outcomes(await apply(plan, { ...options, emit }))).toEqual(plan.groups.map(() => 'migrated'))
  await Promise.all(asked)
  expect(events.filter(({ type }) => type === 'workload-started-again')).toHaveLength(1)
  expect(wordsOf(events)).toContain('Deployment pipeline/web was stopped, and has been started again')
  expect((await now.others.get<KubeObject>(WEB)).spec).toEqual(before.spec)
})

test('what a pod wrote after a run was killed, on a volume that was not away yet, is copied', async () => {
  const now = await scene(shared('jupyter', 'pipeline'))
  await killedAfter('delete PersistentVolume jupyter-workspace', now)
  const elsewhere = { ...late, metadata: { ...late.metadata, namespace: 'pipeline' } }
  expect(await comes(now, elsewhere)).toBe('Running')
  await goes(now, elsewhere)
  const { events, options } = quick(now.cluster)
  expect(outcomes(await resume(options))).toEqual(['migrated'])
  expect(copied(events)).toEqual(expect.arrayContaining(['catch-up', 'verify']))
})

test('a pod that comes to a volume which an earlier run has deleted, and not taken away, is waited for', async () => {
  const now = await scene(shared('jupyter'))
  await killedAfter('delete PersistentVolume jupyter-workspace', now)
  const phases: unknown[] = []
  now.before(/^PATCH .*persistentvolumes/, async () => phases.push(await comes(now)))
  expect(outcomes(await resume(quick(now.cluster).options))[0]).toMatch(/waiting for the pods that use .*notebook-late/)
  expect(phases).toEqual(['Running'])
})

test.each(['finished', 'gone'])(
  'what a pod wrote that came after the comparison and is %s again is copied',
  async (end) => {
    const now = await scene(shared('jupyter'))
    const plan = await planOf(now.cluster)
    now.before(/^GET .*\/persistentvolumes$/, async () => {
      await comes(now)
      if (end === 'gone') return goes(now)
      const body = { status: { phase: 'Succeeded' } }
      return now.others.patch(LATE, { type: 'merge', body }, { subresource: 'status' })
    })
    const { events, options } = quick(now.cluster)
    expect(outcomes(await apply(plan, options))).toEqual(['migrated'])
    expect(copied(events).filter((step) => step === 'swap')).toHaveLength(2)
    expect(wordsOf(events)).toContain('The volumes were used after the last copy, by Pod jupyter/notebook-late')
  },
)

test('what a pod wrote to JuiceFS after it was copied back is copied back too', async () => {
  const now = await scene(shared('jupyter'))
  expect(outcomes(await apply(await planOf(now.cluster), quick(now.cluster).options))).toEqual(['migrated'])
  now.before(/^PUT .*migrationrecords/, async () =>
    now.before(/^GET .*\/persistentvolumes$/, async () => {
      await comes(now)
      await goes(now)
    }),
  )
  const { events, options } = quick(now.cluster, { copyBack: true })
  expect(outcomes(await rollbackAll(now.cluster, options))).toEqual(['rolled-back'])
  expect(copied(events)).toEqual(['copy back', 'copy back'])
})

test('a pod that came while the volumes are away, and cannot start, holds nobody up', async () => {
  const now = await scene(shared('jupyter'))
  const plan = await planOf(now.cluster)
  now.before(/^PATCH .*persistentvolumes/, async () => {
    const away = async () => (await now.others.find(VOLUME)) === undefined
    now.before(/^GET .*\/pods/, async () => expect([await away(), await comes(now)]).toEqual([true, 'Pending']))
  })
  expect(outcomes(await apply(plan, quick(now.cluster).options))).toEqual(['migrated'])
  await now.sandbox.settled()
  expect((await now.others.get<KubeObject>(LATE)).status).toMatchObject({ phase: 'Running' })
})

test('nor does one that came after a run was killed', async () => {
  const now = await scene(shared('jupyter'))
  await killedAfter('patch PersistentVolume jupyter-workspace', now)
  expect(await comes(now)).toBe('Pending')
  expect(outcomes(await resume(quick(now.cluster).options))).toEqual(['migrated'])
})

test('a pod that runs on a new volume already is left alone by who brings the others', async () => {
  const now = await scene(shared('jupyter', 'pipeline'))
  await killedAfter('create PersistentVolume jupyter-workspace', now)
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'jupyter', name: 'workspace' }
  // any change wakes the controller that binds it
  await now.others.patch(claim, { type: 'merge', body: { metadata: { labels: { woken: 'yes' } } } })
  await now.sandbox.settled()
  expect(await comes(now)).toBe('Running')
  expect(outcomes(await resume(quick(now.cluster).options))).toEqual(['migrated'])
})

test('workloads come back as they were when they were stopped, not as they were before hours of copying', async () => {
  const now = await scene([...smallLaboratory(), notebook('bob')])
  const plan = await planOf(now.cluster)
  const bob = { ...LATE, name: 'notebook-bob' }
  // one volume is not retained: that step is between the record and the copy
  now.before(/^PATCH .*persistentvolumes/, async () => {
    const { others, sandbox } = now
    await others.patch(WEB, { type: 'merge', body: { spec: { replicas: 4 } } })
    await others.delete({ ...LATE, name: 'notebook-alice' })
    await others.delete(bob)
    await sandbox.settled()
    await others.create({
      ...notebook('bob'),
      metadata: { ...notebook('bob').metadata, labels: { user: 'bob', image: 'new' } },
    })
    await sandbox.settled()
  })
  expect(outcomes(await apply(plan, quick(now.cluster).options))).toEqual(['migrated', 'migrated'])
  expect((await now.others.get<KubeObject>(WEB)).spec).toMatchObject({ replicas: 4 })
  expect(await now.others.find({ ...LATE, name: 'notebook-alice' })).toBeUndefined()
  expect((await now.others.get<KubeObject>(bob)).metadata.labels).toMatchObject({ image: 'new' })
})

test('a CronJob that somebody suspends before it is stopped stays so, and is not waited for', async () => {
  const now = await scene(smallLaboratory())
  const plan = await planOf(now.cluster)
  const nightly = { apiVersion: 'batch/v1beta1', kind: 'CronJob', namespace: 'pipeline', name: 'nightly' }
  now.before(/^PATCH .*cronjobs/, () => now.others.patch(nightly, { type: 'merge', body: { spec: { suspend: true } } }))
  const { events, options } = quick(now.cluster)
  const settings = { ...options.settings, startTimeout: 2000 }
  expect(outcomes(await apply(plan, { ...options, settings }))).toEqual(['migrated', 'migrated'])
  expect(wordsOf(events)).toContain('CronJob pipeline/nightly stays suspended')
  expect((await now.others.get<KubeObject>(nightly)).spec).toMatchObject({ suspend: true })
})

test('a notebook that is refused when it is made again leaves nothing else stopped', async () => {
  let refused = true
  const story = await begin(smallLaboratory(), {
    // by a quota that comes after it was asked
    onRequest: ({ method, path, query }) =>
      refused && method === 'POST' && path.endsWith('/pods') && !query.has('dryRun')
        ? { answer: { status: 403, reason: 'Forbidden', message: 'exceeded quota' } }
        : undefined,
  })
  closing.push(story.close)
  const results = await apply(await planOf(story.cluster), quick(story.cluster).options)
  for (const { outcome, message, leftStopped } of results) {
    expect([outcome, message]).toEqual(['failed', expect.stringContaining('exceeded quota')])
    expect(leftStopped).toEqual(['Pod jupyter/notebook-alice'])
  }
  refused = false
  expect(outcomes(await resume(quick(story.cluster).options))).toEqual(['migrated', 'migrated'])
  expect((await story.cluster.get<KubeObject>({ ...LATE, name: 'notebook-alice' })).status).toBeDefined()
})

test('a volume that nobody had claimed, and that somebody claims meanwhile, is not taken from under its pods', async () => {
  const objects = shared('jupyter')
  const claim = objects.find(({ kind }) => kind === 'PersistentVolumeClaim') as KubeObject
  const now = await scene(objects.filter((object) => object !== claim))
  const plan = await planOf(now.cluster)
  now.before(/^GET .*\/persistentvolumes$/, async () => {
    await now.others.create(claim)
    await now.sandbox.settled()
    expect(await comes(now)).toBe('Running')
  })
  const [result] = await apply(plan, quick(now.cluster).options)
  expect(result?.message).toMatch(/had no claim .*bound to PersistentVolumeClaim jupyter\/workspace/)
  expect(outcomes(await rollbackAll(now.cluster))).toEqual(['rolled-back'])
  expect((await now.others.get<PersistentVolume>(VOLUME)).spec.hostPath?.path).toBe(DIRECTORY)
})

test('where one volume of a group cannot be exchanged, none is taken away', async () => {
  const now = await scene(shared('jupyter', 'pipeline'))
  const plan = await planOf(now.cluster)
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'pipeline', name: 'workspace' }
  now.before(/^GET .*\/persistentvolumes$/, async () => {
    await now.others.delete(claim)
    await now.sandbox.settled()
  })
  const [result] = await apply(plan, quick(now.cluster).options)
  expect(result?.message).toMatch(/PersistentVolumeClaim pipeline\/workspace (was deleted|\(uid .*\) no longer exists)/)
  const left = await now.others.find<PersistentVolume>(VOLUME)
  expect(left?.spec.hostPath?.path).toBe(DIRECTORY)
  expect(left?.metadata.deletionTimestamp).toBeUndefined()
})

test('nothing is stopped for a volume that cannot be exchanged', async () => {
  const now = await scene(smallLaboratory())
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'jupyter', name: 'workspace' }
  const { spec } = await now.others.get<KubeObject>(claim)
  const again = async () => {
    // the claim goes when nobody uses it any more
    await now.others.delete({ ...LATE, name: 'notebook-alice' })
    await now.others.delete(claim)
    await now.sandbox.settled()
    await now.others.create({ ...claim, metadata: { namespace: 'jupyter', name: 'workspace' }, spec })
  }
  const failed = (results: GroupResult[]) =>
    results.flatMap(({ outcome, message, leftStopped }) => (outcome === 'failed' ? [[message, leftStopped]] : []))
  const isAnother = [[expect.stringContaining('PersistentVolumeClaim jupyter/workspace was replaced'), []]]

  const plan = await planOf(now.cluster)
  now.before(/^PATCH .*persistentvolumes/, again)
  expect(failed(await apply(plan, quick(now.cluster).options))).toEqual(isAnother)
  expect((await now.others.get<KubeObject>(WEB)).spec).toMatchObject({ replicas: 2 })
})

test('nor for one that cannot be taken back', async () => {
  const now = await scene(shared('jupyter', 'pipeline'))
  expect(outcomes(await apply(await planOf(now.cluster), quick(now.cluster).options))).toEqual(['migrated'])
  expect(await comes(now)).toBe('Running')
  await now.others.delete({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'pipeline', name: 'workspace' })
  await now.sandbox.settled()
  const [result] = await rollbackAll(now.cluster)
  expect(result).toMatchObject({
    outcome: 'failed',
    message: expect.stringContaining('PersistentVolumeClaim pipeline/workspace was deleted'),
    leftStopped: [],
  })
  expect((await now.others.get<KubeObject>(LATE)).status).toMatchObject({ phase: 'Running' })
})

test('a volume that is claimed as soon as it is new has arrived', async () => {
  const objects = shared('jupyter')
  const claim = objects.find(({ kind }) => kind === 'PersistentVolumeClaim') as KubeObject
  const now = await scene(objects.filter((object) => object !== claim))
  const plan = await planOf(now.cluster)
  now.before(/^POST .*\/persistentvolumes$/, async () =>
    now.before(/^GET .*\/persistentvolumes\/jupyter-workspace$/, async () => {
      await now.others.create(claim)
      await now.sandbox.settled()
    }),
  )
  const { options } = quick(now.cluster)
  const settings = { ...options.settings, bindTimeout: 2000 }
  expect(outcomes(await apply(plan, { ...options, settings }))).toEqual(['migrated'])
})

test('a copy back that is no longer wanted is ended before the first old volume comes', async () => {
  const now = await scene(shared('jupyter'))
  expect(outcomes(await apply(await planOf(now.cluster), quick(now.cluster).options))).toEqual(['migrated'])
  const dying = mortal(now.cluster, 'delete PersistentVolume jupyter-workspace', 'before')
  await rollbackAll(dying, quick(dying, { copyBack: true }).options).catch(() => undefined)
  await freeLease(now.cluster)
  const [record] = await readRecords(now.others)
  expect(record?.state.copyBack).toBe(true)
  const labels = { 'juicify.dev/group': record?.kept.group.name ?? '', 'juicify.dev/copy': 'x' }
  const job = { apiVersion: 'batch/v1', kind: 'Job', namespace: 'juicify', name: 'at-work' }
  const containers = [{ name: 'copy', image: 'local/tools:1' }]
  await now.others.create({
    apiVersion: job.apiVersion,
    kind: job.kind,
    metadata: { name: job.name, namespace: job.namespace, labels },
    spec: { template: { spec: { restartPolicy: 'Never', containers } } },
  } as KubeObject)

  let there: KubeObject | undefined
  now.before(/^DELETE .*persistentvolumes/, async () => {
    there = await now.others.find(job)
  })
  expect(outcomes(await rollbackAll(now.cluster, quick(now.cluster, { copyBack: false }).options))).toEqual([
    'rolled-back',
  ])
  expect(there).toBeUndefined()
})

test('a rollback that was killed is gone on with for the workloads that it had found', async () => {
  const now = await scene(shared('jupyter'))
  const [group] = (await planOf(now.cluster)).groups
  expect(outcomes(await apply(await planOf(now.cluster), quick(now.cluster).options))).toEqual(['migrated'])
  const web = controller('apps/v1', 'Deployment', 'web', ['workspace'], { replicas: 1 })
  await now.others.create({ ...web, metadata: { ...web.metadata, namespace: 'jupyter' } })
  await now.sandbox.settled()
  const dying = mortal(now.cluster, `replace MigrationRecord ${group?.name}`, 'after')
  await rollbackAll(dying).catch(() => undefined)
  await freeLease(now.cluster)
  expect(outcomes(await resume(quick(now.cluster).options))).toEqual(['rolled-back'])
  expect((await now.others.get<KubeObject>({ ...WEB, namespace: 'jupyter' })).spec).toMatchObject({ replicas: 1 })
})

test('what was restarted pod by pod has its own template again after a rollback', async () => {
  const migration = copying('  quiesce: {rolling: [{name: web}]}\n')
  const now = await scene(smallLaboratory())
  const template = async () => {
    const { spec } = await now.others.get<KubeObject & { spec: { template: { metadata: object } } }>(WEB)
    return { annotations: {}, ...spec.template.metadata }
  }
  const before = [await template(), stateOf(now.sandbox.objects()).pods]
  expect(outcomes(await apply(await planOf(now.cluster, migration), quick(now.cluster).options))).toEqual([
    'migrated',
    'migrated',
  ])
  expect(await template()).not.toEqual(before[0])
  const surveyed = await survey(now.cluster, migration)
  const workloads = (await readRecords(now.cluster)).map(({ kept: { group } }) => {
    const claims = group.volumes.flatMap(({ claim }) => (claim ? [claim.metadata] : []))
    return [group.name, findWorkloads(surveyed, claims, migration.quiesce)] as const
  })
  const back = await rollback(new Map(workloads), quick(now.cluster).options)
  expect(outcomes(back)).toEqual(['rolled-back', 'rolled-back'])
  await now.sandbox.settled()
  expect([await template(), stateOf(now.sandbox.objects()).pods]).toEqual(before)
})
