import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { connect } from '../../src/cluster/connect.ts'
import { type KubeObject, type ObjectRef, refOf } from '../../src/domain/object.ts'
import { type Interference, type Sandbox, type SandboxRequest, startSandbox } from '../../src/sandbox/index.ts'
import { survey } from '../../src/survey/survey.ts'
import { troubleWords } from '../../src/words/trouble.ts'
import { findWorkloads } from '../../src/workloads/find.ts'
import { runningPods, waitUntilUnused } from '../../src/workloads/pods.ts'
import {
  rememberWorkload,
  startWorkload,
  stoppableOf,
  stopWorkload,
  waitUntilFinished,
  waitUntilStarted,
} from '../../src/workloads/quiesce.ts'
import { restart } from '../../src/workloads/rolling.ts'
import { UsageWatch } from '../../src/workloads/usage-watch.ts'
import type { Remembered } from '../../src/workloads/workload-kind.ts'
import { customKind, define } from '../laboratory/definition.ts'
import { laboratory, NAMESPACES, podSpec } from '../laboratory/manifests.ts'
import { stateOf } from '../laboratory/state.ts'

const TARGET = {
  target: {
    driver: 'csi.juicefs.com',
    secretRef: { name: 's', namespace: 'kube-system' },
    volumeAttributes: {},
    mountOptions: [],
  },
}
const CLAIMS = NAMESPACES.flatMap((namespace) => ['workspace', 'archives'].map((name) => ({ namespace, name })))
const PATIENCE = { timeout: 20_000 }

interface Scene {
  sandbox: Sandbox
  cluster: Cluster
  remembered: Remembered[]
}

/** Runs a scene in a laboratory with a workload of every kind; `interfere` is asked before each request of the scene. */
async function inLaboratory(
  scene: (scene: Scene) => Promise<void>,
  interfere: (request: SandboxRequest) => Interference | undefined = () => undefined,
  rolling: Parameters<typeof findWorkloads>[2]['rolling'] = [],
  version: '1.20' | '1.37' = '1.20',
): Promise<void> {
  let isOn = false
  const onRequest = (request: SandboxRequest) => (isOn ? interfere(request) : undefined)
  const sandbox = await startSandbox({ objects: laboratory(), onRequest, kubernetesVersion: version })
  const cluster = await connect({ kubeconfigText: sandbox.kubeconfig })
  try {
    await sandbox.settled()
    const workloads = findWorkloads(await survey(cluster, TARGET), CLAIMS, { unfinished: 'refuse', rolling })
    const remembered = await Promise.all(workloads.map((workload) => rememberWorkload(cluster, workload)))
    isOn = true
    await scene({ sandbox, cluster, remembered })
  } finally {
    cluster.close()
    await sandbox.close()
  }
}

async function stopAndStart({ cluster, remembered }: Scene): Promise<void> {
  for (const each of remembered) await stopWorkload(cluster, each)
  await waitUntilUnused(cluster, CLAIMS, PATIENCE)
  for (const each of remembered.toReversed()) expect(await startWorkload(cluster, each, PATIENCE)).toBeUndefined()
  for (const each of remembered) await waitUntilStarted(cluster, each, PATIENCE)
}

describe('Workloads of every kind', () => {
  test('are stopped until no pod uses the volumes, and come back as they were', () =>
    inLaboratory(async (scene) => {
      const before = stateOf(scene.sandbox.objects())
      expect(before.pods).toHaveLength(12)
      await stopAndStart(scene)
      await scene.sandbox.settled()
      expect(stateOf(scene.sandbox.objects())).toEqual(before)
    }))

  const TROUBLES: [string, Interference][] = [
    ['is refused with a conflict', { answer: { status: 409, reason: 'Conflict' } }],
    ['is answered with an error', { answer: { status: 500, reason: 'InternalError' } }],
    ['breaks off before it is done', { cut: 'before' }],
    ['breaks off after it was done', { cut: 'after' }],
  ]
  test.each(TROUBLES)('come back as they were where the first try of each change %s', (_, trouble) => {
    const seen = new Set<string>()
    const interfere = ({ changing, method, path }: SandboxRequest) => {
      // A refused deletion or creation is final; a creation that never arrived is for the next run.
      const isFinal = 'answer' in trouble ? method !== 'PATCH' : method === 'POST' && trouble.cut === 'before'
      if (!changing || isFinal || seen.has(`${method} ${path}`)) return undefined
      seen.add(`${method} ${path}`)
      return trouble
    }
    return inLaboratory(async (scene) => {
      const before = stateOf(scene.sandbox.objects())
      await stopAndStart(scene)
      await scene.sandbox.settled()
      expect(stateOf(scene.sandbox.objects())).toEqual(before)
      // Each of the six controllers that were running, at least.
      expect(seen.size).toBeGreaterThanOrEqual(6)
    }, interfere)
  })

  test('are seen if they appear while others are waited for, with who made them', () =>
    inLaboratory(async ({ cluster, remembered }) => {
      const late: KubeObject = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'late', namespace: 'pipeline', finalizers: ['example.dev/hold'] },
        spec: {
          containers: [{ name: 'main', image: 'i' }],
          volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'archives' } }],
        },
      }
      const [first, ...others] = remembered
      const said: string[] = []
      const done: Promise<unknown>[] = []
      for (const each of others) await stopWorkload(cluster, each)
      await cluster.create({ ...late, metadata: { ...late.metadata, name: 'early' } })
      const waiting = waitUntilUnused(cluster, CLAIMS, {
        ...PATIENCE,
        onWaiting: (text, pods) => {
          said.push(text(troubleWords('en')))
          if (said.length === 1) done.push(cluster.create(late))
          if (!pods.some(({ ref }) => ref.name === 'late')) return
          for (const { ref } of pods) {
            done.push(cluster.delete(ref))
            done.push(cluster.patch(ref, { type: 'merge', body: { metadata: { finalizers: null } } }))
          }
        },
      })
      await waiting
      await Promise.allSettled(done)
      expect(first?.ref.kind).toBe('CronJob')
      expect(said.join('\n')).toMatch(/Pod pipeline\/late \([^)]*created after juicify began to wait/)
    }))

  test('are started at the number that they had when they were stopped, if it is another than was written down', () =>
    inLaboratory(async ({ cluster, remembered }) => {
      const web = remembered.find(({ ref }) => ref.name === 'web') as Remembered
      await cluster.patch(web.ref, { type: 'merge', body: { spec: { replicas: 5 } } })
      await stopWorkload(cluster, web)
      expect((await cluster.get<KubeObject>(web.ref)).spec).toMatchObject({ replicas: 0 })
      expect(await startWorkload(cluster, web, PATIENCE)).toBeUndefined()
      expect((await cluster.get<KubeObject>(web.ref)).spec).toMatchObject({ replicas: 5 })
    }))

  test('of an operator that somebody has scaled since they were started are told to be so in the next run too', () =>
    inLaboratory(async ({ cluster }) => {
      const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' }
      await define(cluster, customKind('example.com/v1', 'Notebook', { scale }))
      const custom: KubeObject = {
        apiVersion: 'example.com/v1',
        kind: 'Notebook',
        metadata: { name: 'dana', namespace: 'jupyter' },
        spec: { replicas: 2 },
      }
      await cluster.create(custom)
      const remembered: Remembered = { ref: refOf(custom), quiesce: 'stop', stopped: false, replicas: 3 }
      const left = await startWorkload(cluster, remembered, PATIENCE)
      expect(left?.(troubleWords('en'))).toMatch(/had 3 replicas and stays at 2/)
    }))

  test.each([
    ['ScaledObject', 'keda.sh', 'v1alpha1', 'autoscaling.keda.sh/paused', 'false', 'true'],
    ['ScaledObject', 'keda.sh', 'v1alpha1', 'autoscaling.keda.sh/paused', undefined, 'true'],
    ['ScaledJob', 'keda.sh', 'v1alpha1', 'autoscaling.keda.sh/paused', undefined, 'true'],
    ['Notebook', 'kubeflow.org', 'v1', 'kubeflow-resource-stopped', undefined, expect.stringMatching(/^20..-.*Z$/)],
  ])(
    'that an operator stops by an annotation have it while they are stopped: a %s of %s %s, whose %s said %j before',
    (kind, group, version, annotation, before, meanwhile) =>
      inLaboratory(async ({ cluster }) => {
        await define(cluster, customKind(`${group}/${version}`, kind))
        const made = await cluster.create<KubeObject>({
          apiVersion: `${group}/${version}`,
          kind,
          metadata: {
            name: 'one',
            namespace: 'jupyter',
            annotations: { mine: 'kept', ...(before === undefined ? {} : { [annotation]: before }) },
          },
          spec: { scaleTargetRef: { name: 'web' } },
        })
        const remembered = await rememberWorkload(cluster, { ref: refOf(made), quiesce: 'stop' })
        const now = () => cluster.get<KubeObject>(refOf(made))
        // asked for twice, as after a kill
        for (let asked = 0; asked < 2; asked++) await stopWorkload(cluster, remembered)
        expect((await now()).metadata.annotations).toEqual({ mine: 'kept', [annotation]: meanwhile })
        expect(stoppableOf(refOf(made)).isLeftStopped(await now())).toBe(true)
        for (let asked = 0; asked < 2; asked++)
          expect(await startWorkload(cluster, remembered, PATIENCE)).toBeUndefined()
        const { annotations, labels = {} } = (await now()).metadata
        expect({ annotations, labels }).toEqual({ annotations: made.metadata.annotations, labels: {} })
      }),
  )

  test.each([
    ['JobSet', 'jobset.x-k8s.io', 'v1alpha2', { suspend: false }, { suspend: true }],
    ['TrainJob', 'trainer.kubeflow.org', 'v1alpha1', { suspend: false }, { suspend: true }],
    ['RayCluster', 'ray.io', 'v1', { suspend: false }, { suspend: true }],
    ['PyTorchJob', 'kubeflow.org', 'v1', { runPolicy: { suspend: false } }, { runPolicy: { suspend: true } }],
    ['AdvancedCronJob', 'apps.kruise.io', 'v1alpha1', { paused: false }, { paused: true }],
  ])('that an operator suspends are suspended meanwhile, and go on: a %s of %s %s', (kind, group, version, on, off) =>
    inLaboratory(async ({ cluster }) => {
      await define(cluster, customKind(`${group}/${version}`, kind))
      const made = await cluster.create<KubeObject>({
        apiVersion: `${group}/${version}`,
        kind,
        metadata: { name: 'one', namespace: 'jupyter' },
        spec: { ...on, volumes: [{ persistentVolumeClaim: { claimName: 'workspace' } }] },
      })
      const listed = findWorkloads(await survey(cluster, TARGET), CLAIMS, { unfinished: 'refuse', rolling: [] })
      expect(listed.find(({ ref }) => ref.name === 'one')).toMatchObject({ quiesce: 'stop', stopped: false })
      const remembered = await rememberWorkload(cluster, { ref: refOf(made), quiesce: 'stop' })
      const now = () => cluster.get<KubeObject>(refOf(made))
      for (let asked = 0; asked < 2; asked++) await stopWorkload(cluster, remembered)
      expect((await now()).spec).toMatchObject(off)
      expect(stoppableOf(refOf(made)).isLeftStopped(await now())).toBe(true)
      for (let asked = 0; asked < 2; asked++) expect(await startWorkload(cluster, remembered, PATIENCE)).toBeUndefined()
      await waitUntilStarted(cluster, remembered, PATIENCE)
      const { spec, metadata } = await now()
      expect({ spec, labels: metadata.labels ?? {} }).toEqual({ spec: made.spec, labels: {} })
    }),
  )

  test('whose operator does not know how to suspend them are not waited for, and are as they were', () =>
    inLaboratory(async ({ cluster }) => {
      await define(cluster, customKind('jobset.x-k8s.io/v1alpha2', 'JobSet'))
      const made = await cluster.create<KubeObject>({
        apiVersion: 'jobset.x-k8s.io/v1alpha2',
        kind: 'JobSet',
        metadata: { name: 'old', namespace: 'jupyter' },
        spec: {},
      })
      const remembered = await rememberWorkload(cluster, { ref: refOf(made), quiesce: 'stop' })
      // a server drops what the schema of a definition does not have
      const patch = (ref: ObjectRef, { body }: { body: Record<string, unknown> }) =>
        cluster.patch(ref, { type: 'merge', body: { metadata: body.metadata } })
      const dropping = { find: cluster.find.bind(cluster), patch } as Partial<Cluster> as Cluster
      await expect(stopWorkload(dropping, remembered)).rejects.toMatchObject({
        message: expect.stringContaining('is not stopped'),
        remedy: expect.stringContaining('Stop it yourself'),
      })
      expect(stoppableOf(refOf(made)).isLeftStopped(await cluster.get<KubeObject>(refOf(made)))).toBe(false)
      expect(await startWorkload(cluster, remembered, PATIENCE)).toBeUndefined()
      expect((await cluster.get<KubeObject>(refOf(made))).metadata.labels ?? {}).toEqual({})
    }))

  test('of Kubeflow go with their pods, and come back', () =>
    inLaboratory(async ({ cluster, remembered }) => {
      await define(cluster, customKind('kubeflow.org/v1', 'Notebook'))
      const set = remembered.find(({ ref }) => ref.kind === 'StatefulSet') as Remembered
      const { namespace = '' } = set.ref
      const notebook = await cluster.create<KubeObject>({
        apiVersion: 'kubeflow.org/v1',
        kind: 'Notebook',
        metadata: { name: 'lab', namespace },
        spec: {},
      })
      const { apiVersion, kind, name, uid = '' } = refOf(notebook)
      const owned = { ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] }
      await cluster.patch(set.ref, { type: 'merge', body: { metadata: owned, spec: { replicas: 1 } } })
      await cluster.waitFor<KubeObject & { status?: { readyReplicas?: number } }>(
        refOf(notebook),
        (now) => now?.status?.readyReplicas === 1,
        { ...PATIENCE, what: 'the notebook to run' },
      )
      const found = findWorkloads(await survey(cluster, TARGET), CLAIMS, { unfinished: 'wait', rolling: [] })
      const lab = found.find(({ ref }) => ref.name === 'lab')
      expect(lab).toMatchObject({ quiesce: 'stop', pods: [`${set.ref.name}-0`] })
      const before = await rememberWorkload(cluster, { ref: refOf(notebook), quiesce: 'stop' })
      await stopWorkload(cluster, before)
      const its = { apiVersion: 'v1', kind: 'Pod', namespace, name: `${set.ref.name}-0` }
      await cluster.waitFor(its, (now) => now === undefined, { ...PATIENCE, what: 'its pod to be gone' })
      expect((await cluster.get<KubeObject>(set.ref)).spec).toMatchObject({ replicas: 0 })
      expect(await startWorkload(cluster, before, PATIENCE)).toBeUndefined()
      await waitUntilStarted(cluster, before, PATIENCE)
      expect((await cluster.get<KubeObject>(refOf(notebook))).status).toMatchObject({ readyReplicas: 1 })
    }))

  test('are seen in a run that is being interrupted too', () =>
    inLaboratory(async ({ cluster }) => {
      const visits = await UsageWatch.begin(cluster, CLAIMS, { except: [], signal: AbortSignal.abort() })
      expect(await visits.seen()).toHaveLength(11)
    }))

  test('that do not come to their end in time are told with what to do', () =>
    inLaboratory(async ({ cluster }) => {
      const work: KubeObject = {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'training', namespace: 'pipeline' },
        spec: { template: { spec: podSpec(['archives'], { restartPolicy: 'Never' }) } },
      }
      await cluster.create(work)
      const remembered: Remembered = { ref: refOf(work), quiesce: 'wait', stopped: false }
      const waiting = waitUntilFinished(cluster, remembered, { timeout: 100 })
      await expect(waiting).rejects.toMatchObject({ remedy: expect.stringContaining('--timeout') })
    }))

  test('that are restarted pod by pod do not count among those who still use a volume', () =>
    inLaboratory(
      async ({ cluster, remembered }) => {
        const rolling = remembered.filter(({ quiesce }) => quiesce === 'rolling')
        expect(rolling.map(({ ref }) => ref.name)).toEqual(['web'])
        for (const each of remembered) await stopWorkload(cluster, each)
        const except = rolling.map(({ ref }) => ref)
        await waitUntilUnused(cluster, CLAIMS, { ...PATIENCE, except })
        const old = await runningPods(cluster, CLAIMS)
        expect([old.length, await runningPods(cluster, CLAIMS, except)]).toEqual([3, []])
        const since = `${new Date(Date.now() + 1000).toISOString().slice(0, 19)}Z`
        for (const each of rolling) await restart(cluster, each, { ...PATIENCE, since })
        const names = (await runningPods(cluster, CLAIMS)).map(({ ref }) => ref.name)
        expect(names.filter((name) => old.some(({ ref }) => ref.name === name))).toEqual([])
        expect(names).toHaveLength(3)
      },
      undefined,
      [{ name: 'web' }],
    ))

  test('are their own where they only say that a Deployment owns them: it is not stopped for them, nor are they taken for its', () =>
    inLaboratory(
      async ({ cluster, remembered }) => {
        const web = remembered.find(({ ref }) => ref.name === 'web') as Remembered
        const { apiVersion, kind, name, uid = '' } = web.ref
        const tenant = await cluster.create<KubeObject>({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            name: 'tenant',
            namespace: 'pipeline',
            ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
          },
          spec: { ...podSpec(['mine']), nodeName: 'node1' },
        })
        const mine = [{ namespace: 'pipeline', name: 'mine' }]
        const found = findWorkloads(await survey(cluster, TARGET), mine, { unfinished: 'refuse', rolling: [] })
        expect(found.map(({ ref, quiesce }) => ({ ref, quiesce }))).toEqual([{ ref: refOf(tenant), quiesce: 'stop' }])
        const users = await runningPods(cluster, mine, [web.ref])
        expect(users.map(({ ref, owner }) => [ref.name, owner])).toEqual([['tenant', undefined]])
      },
      undefined,
      [{ name: 'web' }],
    ))

  test('that would have their claims deleted when they are scaled down keep them, though it was set after the plan', () =>
    inLaboratory(
      async ({ cluster, remembered }) => {
        const set = remembered.find(({ ref }) => ref.kind === 'StatefulSet') as Remembered
        const policy = { whenDeleted: 'Retain', whenScaled: 'Delete' }
        const volumeClaimTemplates = [{ metadata: { name: 'own' }, spec: { accessModes: ['ReadWriteOnce'] } }]
        const { metadata, spec } = await cluster.get<KubeObject>(set.ref)
        await cluster.delete(set.ref)
        const risky = await cluster.create<KubeObject>({
          apiVersion: 'apps/v1',
          kind: 'StatefulSet',
          metadata: { name: `${metadata.name}-own`, namespace: metadata.namespace ?? '' },
          spec: { ...(spec as object), volumeClaimTemplates, persistentVolumeClaimRetentionPolicy: policy },
        })
        const own = { ...set, ref: refOf(risky) }
        await stopWorkload(cluster, own)
        expect(await cluster.get<KubeObject>(refOf(risky))).toMatchObject({
          spec: { replicas: 0, persistentVolumeClaimRetentionPolicy: { ...policy, whenScaled: 'Retain' } },
        })
        expect(await startWorkload(cluster, own, PATIENCE)).toBeUndefined()
        const started = await cluster.get<KubeObject>(refOf(risky))
        expect(started).toMatchObject({
          spec: { replicas: set.replicas, persistentVolumeClaimRetentionPolicy: policy },
        })
        expect(started.metadata.annotations ?? {}).toEqual({})
      },
      undefined,
      [],
      '1.37',
    ))
})
