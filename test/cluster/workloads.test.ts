import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { connect } from '../../src/cluster/connect.ts'
import { LABEL } from '../../src/domain/names.ts'
import type { KubeObject, ObjectRef } from '../../src/domain/object.ts'
import { describeRef } from '../../src/domain/object.ts'
import type { Workload } from '../../src/domain/workload.ts'
import { survey } from '../../src/survey/survey.ts'
import { troubleWords } from '../../src/words/trouble.ts'
import { findWorkloads } from '../../src/workloads/find.ts'
import { job as jobKind } from '../../src/workloads/job.ts'
import type { Pod } from '../../src/workloads/pod.ts'
import { runningPods, waitUntilUnused } from '../../src/workloads/pods.ts'
import { rememberWorkload, startWorkload, stopWorkload, waitUntilStarted } from '../../src/workloads/quiesce.ts'
import { RESTARTED_AT, restart } from '../../src/workloads/rolling.ts'
import { scaleOf } from '../../src/workloads/scalable.ts'
import type { Remembered } from '../../src/workloads/workload-kind.ts'
import { createBound } from '../laboratory/binding.ts'
import { define } from '../laboratory/definition.ts'
import { cronJobVersion } from '../laboratory/real.ts'

const here = process.env.JUICIFY_TEST_CLUSTER === '1'
const TARGET = {
  target: {
    driver: 'csi.juicefs.com',
    secretRef: { name: 's', namespace: 'kube-system' },
    volumeAttributes: {},
    mountOptions: [],
  },
}
const NAMESPACE = `workloads-${process.pid}`
const PATIENCE = { timeout: 120_000 }
const SETTINGS = { unfinished: 'refuse' as const, rolling: [] }

/** A pod that mounts the claim and does nothing. */
function podSpec(claim: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'main',
        image: 'local/tools:1',
        imagePullPolicy: 'Never',
        command: ['sleep', '100000'],
        volumeMounts: [{ name: 'data', mountPath: '/mnt' }],
      },
    ],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
    ...more,
  }
}

function object(
  apiVersion: string,
  kind: string,
  name: string,
  spec: unknown,
  metadata: Record<string, unknown> = {},
): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace: NAMESPACE, ...metadata }, spec }
}

function controller(kind: string, name: string, claim: string, more: Record<string, unknown> = {}): KubeObject {
  const template = { metadata: { labels: { app: name } }, spec: podSpec(claim) }
  const selector = kind === 'ReplicationController' ? { app: name } : { matchLabels: { app: name } }
  return object(kind === 'ReplicationController' ? 'v1' : 'apps/v1', kind, name, { selector, template, ...more })
}

function volume(claim: string): KubeObject[] {
  const name = `${NAMESPACE}-${claim}`
  const shared = { accessModes: ['ReadWriteMany'], storageClassName: '' }
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: {
        ...shared,
        capacity: { storage: '1Gi' },
        persistentVolumeReclaimPolicy: 'Retain',
        hostPath: { path: `/data/${name}`, type: 'DirectoryOrCreate' },
        claimRef: { namespace: NAMESPACE, name: claim },
      },
    },
    object('v1', 'PersistentVolumeClaim', claim, {
      ...shared,
      resources: { requests: { storage: '1Gi' } },
      volumeName: name,
    }),
  ]
}

const CRD = 'sails.workloads.example.dev'
/** Each test has its own, so that they run at the same time. */
const CLAIMS = [
  'archives',
  'data-sts-0',
  'data-sts-1',
  'changed',
  'minutely',
  'sailed',
  'trained',
  'suspended',
  'finalized',
  'dead',
  'rolled',
]
const claimed = (...names: string[]) => names.map((name) => ({ namespace: NAMESPACE, name }))

describe.skipIf(!here)('Workloads on a real cluster (with JUICIFY_TEST_CLUSTER=1)', { concurrent: true }, () => {
  let cluster: Cluster
  let cronJobs: string

  const create = async (...objects: KubeObject[]) => {
    for (const each of objects) await cluster.create(each)
  }
  const refTo = (apiVersion: string, kind: string, name: string): ObjectRef => ({
    apiVersion,
    kind,
    namespace: NAMESPACE,
    name,
  })
  const find = async (claims: string[], settings: Parameters<typeof findWorkloads>[2] = SETTINGS) =>
    findWorkloads(await survey(cluster, TARGET), claimed(...claims), settings)
  const running = async (claim: string, count: number) => {
    const pods = new Map<string, Pod>()
    const { items, resourceVersion } = await cluster.list<Pod>(
      { apiVersion: 'v1', kind: 'Pod' },
      { namespace: NAMESPACE },
    )
    const stop = new AbortController()
    const isUp = ({ metadata, status, spec }: Pod) =>
      status?.conditions?.some(({ type, status: now }) => type === 'Ready' && now === 'True') &&
      !metadata.deletionTimestamp &&
      spec.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === claim)
    const note = (pod: Pod, deleted: boolean) =>
      !deleted && isUp(pod) ? pods.set(pod.metadata.name, pod) : pods.delete(pod.metadata.name)
    for (const item of items) note(item, false)
    if (pods.size >= count) return
    for await (const event of cluster.watch<Pod>(
      { apiVersion: 'v1', kind: 'Pod' },
      { namespace: NAMESPACE, resourceVersion, known: items, signal: stop.signal },
    )) {
      note(event.object, event.type === 'DELETED')
      if (pods.size >= count) return stop.abort()
    }
  }
  const createJob = (name: string, claim: string) => {
    const template = { spec: { ...podSpec(claim), restartPolicy: 'Never' } }
    return cluster.create(object('batch/v1', 'Job', name, { template }))
  }
  const rememberJob = async (claim: string, unfinished: 'wait' | 'refuse' | 'delete') => {
    const [workload] = (await find([claim], { unfinished, rolling: [] })).filter(({ ref }) => ref.kind === 'Job')
    if (!workload) throw new Error('the Job should be found')
    return rememberWorkload(cluster, workload)
  }
  const stopAll = async (remembered: Remembered[]) => {
    for (const each of remembered) await stopWorkload(cluster, each)
  }

  beforeAll(async () => {
    cluster = await connect({})
    cronJobs = await cronJobVersion(cluster)
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }
    await createBound(cluster, [namespace, ...CLAIMS.flatMap(volume)])
    await cluster.waitFor(
      { apiVersion: 'v1', kind: 'ServiceAccount', namespace: NAMESPACE, name: 'default' },
      (now) => now !== undefined,
      {
        ...PATIENCE,
        what: 'the service account',
      },
    )
  })

  afterAll(async () => {
    const pods = await cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod' }, { namespace: NAMESPACE })
    await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: NAMESPACE })
    for (const { metadata } of pods.items.filter(({ metadata }) => metadata.finalizers)) {
      await cluster.patch(refTo('v1', 'Pod', metadata.name), {
        type: 'merge',
        body: { metadata: { finalizers: null } },
      })
    }
    for (const claim of CLAIMS)
      await cluster.delete({ apiVersion: 'v1', kind: 'PersistentVolume', name: `${NAMESPACE}-${claim}` })
    cluster.close()
  })

  test('every kind is found, stopped, and started again to the letter, however often it is asked for', async () => {
    const claim = 'archives'
    await create(
      controller('Deployment', 'web', claim, { replicas: 3 }),
      controller('Deployment', 'sleeping', claim, { replicas: 0 }),
      controller('ReplicaSet', 'rs', claim, { replicas: 2 }),
      controller('ReplicationController', 'rc', claim, { replicas: 1 }),
      controller('DaemonSet', 'ds', claim),
      object('apps/v1', 'StatefulSet', 'sts', {
        replicas: 2,
        serviceName: 'sts',
        selector: { matchLabels: { app: 'sts' } },
        template: {
          metadata: { labels: { app: 'sts' } },
          spec: { ...podSpec('unused'), volumes: [] },
        },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteMany'], storageClassName: '', resources: { requests: { storage: '1Gi' } } },
          },
        ],
      }),
      object(cronJobs, 'CronJob', 'cj', {
        schedule: '0 0 1 1 *',
        jobTemplate: { spec: { template: { spec: { ...podSpec(claim), restartPolicy: 'Never' } } } },
      }),
      object(cronJobs, 'CronJob', 'suspended', {
        schedule: '0 0 1 1 *',
        suspend: true,
        jobTemplate: { spec: { template: { spec: { ...podSpec(claim), restartPolicy: 'Never' } } } },
      }),
      object(
        'v1',
        'Pod',
        'notebook-alice',
        { ...podSpec(claim), restartPolicy: 'Never', tolerations: [{ key: 'gpu', operator: 'Exists' }] },
        {
          labels: { user: 'alice' },
          annotations: { note: 'kept' },
        },
      ),
      object('v1', 'Pod', 'notebook-pinned', { ...podSpec(claim), nodeName: 'node2' }),
      object('v1', 'Pod', 'finished', {
        ...podSpec(claim),
        restartPolicy: 'Never',
        containers: [{ name: 'main', image: 'local/tools:1', imagePullPolicy: 'Never', command: ['true'] }],
      }),
    )
    const finished = await cluster.waitFor<Pod>(
      refTo('v1', 'Pod', 'finished'),
      (pod) => pod?.status?.phase === 'Succeeded',
      {
        ...PATIENCE,
        what: 'the finished pod',
      },
    )
    await running(claim, 3 + 2 + 1 + 2 + 2)
    await running('data-sts-1', 0)
    await cluster.waitFor<KubeObject & { status?: { readyReplicas?: number } }>(
      refTo('apps/v1', 'StatefulSet', 'sts'),
      (sts) => sts?.status?.readyReplicas === 2,
      { ...PATIENCE, what: 'sts' },
    )

    const workloads = await find([claim, 'data-sts-0', 'data-sts-1'])
    expect(
      workloads.map(
        ({ ref, pods, stopped, quiesce }) =>
          `${ref.kind} ${ref.name} ${pods.length} ${quiesce}${stopped ? ' (stopped)' : ''}`,
      ),
    ).toEqual([
      'CronJob cj 0 stop',
      'CronJob suspended 0 stop (stopped)',
      'Deployment sleeping 0 stop (stopped)',
      'Deployment web 3 stop',
      'ReplicaSet rs 2 stop',
      'ReplicationController rc 1 stop',
      'StatefulSet sts 2 stop',
      'DaemonSet ds 2 stop',
      'Pod notebook-alice 1 stop',
      'Pod notebook-pinned 1 stop',
    ])
    expect(workloads.find(({ ref }) => ref.name === 'notebook-alice')?.user).toBe('alice')

    const before = await manifestsOf(workloads)
    const remembered = await Promise.all(workloads.map((workload) => rememberWorkload(cluster, workload)))
    // As it comes back from the record.
    const kept = JSON.parse(JSON.stringify(remembered)) as Remembered[]
    await stopAll(kept)
    await stopAll(kept)
    await waitUntilUnused(cluster, claimed(claim, 'data-sts-0', 'data-sts-1'), PATIENCE)
    expect(await runningPods(cluster, claimed(claim))).toEqual([])
    expect((await cluster.get(refTo('v1', 'Pod', 'finished'))).metadata.uid).toBe(finished?.metadata.uid)
    // One who looks now sees what they were, not a 0 of our own making.
    for (const { ref, quiesce, stopped, replicas } of kept.filter(({ ref }) => ref.kind !== 'Pod')) {
      const again = await rememberWorkload(cluster, { ref, quiesce } as Workload)
      expect(again, describeRef(ref)).toMatchObject({ stopped, ...(replicas === undefined ? {} : { replicas }) })
    }
    expect((await find([claim])).filter(({ stopped }) => stopped).map(({ ref }) => ref.name)).toEqual([
      'suspended',
      'sleeping',
    ])

    for (const each of kept.toReversed()) expect(await startWorkload(cluster, each, PATIENCE)).toBeUndefined()
    for (const each of kept.toReversed()) expect(await startWorkload(cluster, each, PATIENCE)).toBeUndefined()
    for (const each of kept) await waitUntilStarted(cluster, each, PATIENCE)
    expect(await manifestsOf(workloads)).toEqual(before)
    const back = await find([claim, 'data-sts-0', 'data-sts-1'])
    expect(back.map(({ ref, pods }) => `${ref.name} ${pods.length}`)).toEqual(
      workloads.map(({ ref, pods }) => `${ref.name} ${pods.length}`),
    )
    const pinned = await cluster.get<Pod>(refTo('v1', 'Pod', 'notebook-pinned'))
    expect(pinned.spec.nodeName).toBe('node2')
    expect(kept.filter(({ manifest }) => manifest).map(({ ref }) => ref.name)).toEqual([
      'notebook-alice',
      'notebook-pinned',
    ])
    for (const { ref } of back) await cluster.delete(ref, { propagation: 'Background' })
    await waitUntilUnused(cluster, claimed(claim, 'data-sts-0', 'data-sts-1'), PATIENCE)
  })

  test('what somebody changed while it was stopped is left, and said', async () => {
    const claim = 'changed'
    await create(
      controller('Deployment', 'scaled', claim, { replicas: 2 }),
      controller('Deployment', 'lost', claim, { replicas: 1 }),
      object('v1', 'Pod', 'retaken', podSpec(claim)),
    )
    await running(claim, 4)
    const remembered = await Promise.all((await find([claim])).map((workload) => rememberWorkload(cluster, workload)))
    await stopAll(remembered)
    await waitUntilUnused(cluster, claimed(claim), PATIENCE)
    await cluster.patch(refTo('apps/v1', 'Deployment', 'scaled'), { type: 'merge', body: { spec: { replicas: 1 } } })
    await cluster.delete(refTo('apps/v1', 'Deployment', 'lost'))
    // from 1.27 on one that has ended no longer counts, and its name is free only when it is gone
    const retaken = refTo('v1', 'Pod', 'retaken')
    await cluster.waitFor(retaken, (now) => now === undefined, { ...PATIENCE, what: 'the first pod to be gone' })
    await create(object('v1', 'Pod', 'retaken', podSpec(claim, { terminationGracePeriodSeconds: 2 })))
    const left = await Promise.all(remembered.map((each) => startWorkload(cluster, each, PATIENCE)))
    const said = left.map((wording) => wording?.(troubleWords('en')))
    expect(said).toEqual([
      `Deployment ${NAMESPACE}/lost is not started: somebody deleted it in the meantime.`,
      `Deployment ${NAMESPACE}/scaled had 2 replicas and stays at 1: somebody scaled it in the meantime.`,
      `Pod ${NAMESPACE}/retaken is not created again: somebody created another pod with that name, which stays as it is.`,
    ])
    const scaled = await cluster.get<KubeObject & { spec: { replicas: number } }>(
      refTo('apps/v1', 'Deployment', 'scaled'),
    )
    expect([scaled.spec.replicas, scaled.metadata.labels?.[LABEL.stoppedFrom]]).toEqual([1, undefined])
    const text: string[] = []
    await expect(
      waitUntilUnused(cluster, claimed(claim), {
        timeout: 500,
        onWaiting: (line) => void text.push(line(troubleWords('en'))),
      }),
    ).rejects.toThrow(/of Deployment \S+\/scaled; not being deleted/)
    expect(text.join('\n')).toContain(`Pod ${NAMESPACE}/retaken`)
    for (const ref of [refTo('apps/v1', 'Deployment', 'scaled'), refTo('v1', 'Pod', 'retaken')])
      await cluster.delete(ref)
  })

  test('a CronJob that missed more than a hundred runs while it was suspended runs again', async () => {
    const claim = 'minutely'
    const ref = refTo(cronJobs, 'CronJob', 'minutely')
    const template = { spec: { ...podSpec(claim), restartPolicy: 'Never' } }
    await create(
      object(cronJobs, 'CronJob', 'minutely', { schedule: '* * * * *', jobTemplate: { spec: { template } } }),
    )
    const [workload] = (await find([claim])).filter(({ ref: { kind } }) => kind === 'CronJob')
    if (!workload) throw new Error('the CronJob should be found')
    const remembered = await rememberWorkload(cluster, workload)
    await stopWorkload(cluster, remembered)
    const lastScheduleTime = `${new Date(Date.now() - 3 * 3_600_000).toISOString().slice(0, 19)}Z`
    await cluster.patch(ref, { type: 'merge', body: { status: { lastScheduleTime } } }, { subresource: 'status' })
    expect(await startWorkload(cluster, remembered, PATIENCE)).toBeUndefined()
    await cluster.waitFor<KubeObject & { status?: { active?: unknown[] } }>(
      ref,
      (now) => (now?.status?.active ?? []).length > 0,
      {
        ...PATIENCE,
        what: 'a run',
      },
    )
    await cluster.delete(ref, { propagation: 'Background' })
    await waitUntilUnused(cluster, claimed(claim), PATIENCE)
  })

  test('a custom resource is scaled by its scale subresource, and back', async () => {
    const replicas = { type: 'integer' }
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: CRD },
      spec: {
        group: 'workloads.example.dev',
        scope: 'Namespaced',
        names: { plural: 'sails', singular: 'sail', kind: 'Sail' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: {
              status: {},
              scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.replicas' },
            },
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  spec: { type: 'object', properties: { size: replicas } },
                  status: { type: 'object', properties: { replicas } },
                },
              },
            },
          },
        ],
      },
    }
    try {
      await define(cluster, definition)
      const sail = await cluster.create(object('workloads.example.dev/v1', 'Sail', 'boat', { size: 3 }))
      const { uid = '' } = sail.metadata
      const ownerReferences = [{ apiVersion: sail.apiVersion, kind: 'Sail', name: 'boat', uid, controller: true }]
      await create(object('v1', 'Pod', 'boat-0', podSpec('sailed'), { ownerReferences }))
      const [workload, ...others] = (await find(['sailed'])).filter(({ ref }) => ref.kind === 'Sail')
      expect([workload?.quiesce, workload?.stopped, workload?.replicas, workload?.pods, others]).toEqual([
        'stop',
        false,
        3,
        ['boat-0'],
        [],
      ])
      if (!workload) return
      const remembered = await rememberWorkload(cluster, workload)
      for (let twice = 0; twice < 2; twice++) await stopWorkload(cluster, remembered)
      expect([await scaleOf(cluster, workload.ref), (await rememberWorkload(cluster, workload)).replicas]).toEqual([
        0, 3,
      ])
      for (let twice = 0; twice < 2; twice++) expect(await startWorkload(cluster, remembered, PATIENCE)).toBeUndefined()
      const now = await cluster.get(workload.ref)
      expect([now.spec, now.metadata.labels]).toEqual([{ size: 3 }, undefined])
      await cluster.delete(refTo('v1', 'Pod', 'boat-0'))
    } finally {
      await cluster.delete({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: CRD })
    }
  })

  test('a Job of a server that cannot suspend it is refused, waited for, or deleted, as the migration says', async ({
    skip,
  }) => {
    const claim = 'trained'
    skip(jobKind.canBeStopped(await createJob('training', claim)), 'this server can suspend Jobs')
    const ofJob = (unfinished: 'wait' | 'refuse' | 'delete') => rememberJob(claim, unfinished)
    await expect(stopWorkload(cluster, await ofJob('refuse'))).rejects.toThrow(/Job \S+\/training has not finished/)
    await stopWorkload(cluster, await ofJob('wait'))
    expect(await cluster.find(refTo('batch/v1', 'Job', 'training'))).toBeDefined()
    await stopWorkload(cluster, await ofJob('delete'))
    await waitUntilUnused(cluster, claimed(claim), PATIENCE)
    expect(await cluster.find(refTo('batch/v1', 'Job', 'training'))).toBeUndefined()
  })

  test('a Job of a server that can suspend it is suspended, and goes on with new pods', async ({ skip }) => {
    const claim = 'suspended'
    skip(!jobKind.canBeStopped(await createJob('suspendable', claim)), 'this server cannot suspend Jobs')
    await running(claim, 1)
    const remembered = await rememberJob(claim, 'refuse')
    const before = await runningPods(cluster, claimed(claim))
    for (let twice = 0; twice < 2; twice++) await stopWorkload(cluster, remembered)
    await waitUntilUnused(cluster, claimed(claim), { ...PATIENCE, comingBack: [remembered.ref] })
    for (let twice = 0; twice < 2; twice++) expect(await startWorkload(cluster, remembered, PATIENCE)).toBeUndefined()
    await waitUntilStarted(cluster, remembered, PATIENCE)
    const after = await runningPods(cluster, claimed(claim))
    expect(after).toHaveLength(1)
    expect(after[0]?.ref.uid).not.toBe(before[0]?.ref.uid)
    expect((await cluster.get(remembered.ref)).metadata.labels ?? {}).not.toHaveProperty([LABEL.stoppedFrom])
  })

  test('a pod that a finalizer holds is named, with what to do', async () => {
    await create(object('v1', 'Pod', 'held', podSpec('finalized'), { finalizers: ['example.dev/hold'] }))
    await running('finalized', 1)
    const [workload] = await find(['finalized'])
    if (!workload) throw new Error('the pod should be found')
    const remembered = await rememberWorkload(cluster, workload)
    await stopWorkload(cluster, remembered)
    const waiting = waitUntilUnused(cluster, claimed('finalized'), {
      timeout: 4000,
      forceDelete: true,
      comingBack: [remembered.ref],
    })
    await expect(waiting).rejects.toMatchObject({
      message: expect.stringMatching(/Pod \S+\/held \(on node\d; .*held by the finalizer example.dev\/hold\)/),
      remedy: expect.stringContaining(`kubectl patch pod -n ${NAMESPACE} held --type=json`),
    })
    // Taken off while it is started again: it goes, and comes back as it was, finalizer and all.
    const started = startWorkload(cluster, remembered, PATIENCE)
    await cluster.patch(refTo('v1', 'Pod', 'held'), { type: 'merge', body: { metadata: { finalizers: null } } })
    expect(await started).toBeUndefined()
    await waitUntilStarted(cluster, remembered, PATIENCE)
    const again = await cluster.get(refTo('v1', 'Pod', 'held'))
    expect([again.metadata.uid === workload.ref.uid, again.metadata.finalizers]).toEqual([false, ['example.dev/hold']])
  })

  test('a rolling Deployment of 4 is restarted with never fewer than 3 ready, once, and its template is restored', async () => {
    const ref = refTo('apps/v1', 'Deployment', 'rolling')
    const strategy = { rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } }
    await create(controller('Deployment', 'rolling', 'rolled', { replicas: 4, strategy }))
    await running('rolled', 4)
    const rolling = [{ namespace: 'workloads-*', name: 'roll*' }]
    const [workload] = await find(['rolled'], { unfinished: 'refuse', rolling })
    expect(workload?.quiesce).toBe('rolling')
    if (!workload) return
    const remembered = await rememberWorkload(cluster, workload)
    const stop = new AbortController()
    const ready: number[] = []
    const watching = (async () => {
      for await (const { object: now } of cluster.watch<KubeObject & { status: { readyReplicas?: number } }>(
        { apiVersion: 'apps/v1', kind: 'Deployment' },
        { namespace: NAMESPACE, name: 'rolling', signal: stop.signal },
      )) {
        ready.push(now.status.readyReplicas ?? 0)
      }
    })()
    const old = await runningPods(cluster, claimed('rolled'))
    const since = await serverTime()
    await restart(cluster, remembered, { ...PATIENCE, since })
    const fresh = await runningPods(cluster, claimed('rolled'))
    expect(fresh.filter(({ ref: pod }) => old.some((each) => each.ref.uid === pod.uid))).toEqual([])
    const { generation } = (await cluster.get(ref)).metadata
    await restart(cluster, remembered, { ...PATIENCE, since })
    expect((await cluster.get(ref)).metadata.generation).toBe(generation)

    await restart(cluster, remembered, { ...PATIENCE, since: await serverTime(), back: true })
    const back = await runningPods(cluster, claimed('rolled'))
    expect(back.filter(({ ref: pod }) => fresh.some((each) => each.ref.uid === pod.uid))).toEqual([])
    const { spec } = await cluster.get<KubeObject & { spec: { template: { metadata: { annotations?: object } } } }>(ref)
    expect(spec.template.metadata.annotations ?? {}).not.toHaveProperty([RESTARTED_AT])
    stop.abort()
    await watching
    expect(Math.min(...ready)).toBeGreaterThanOrEqual(3)
    expect(ready.length).toBeGreaterThan(8)
  })

  test.sequential('a pod on a dead node is named, and forced only when that is asked for', async () => {
    const node = `dead-${NAMESPACE}`
    // no DaemonSet of anybody else may get a pod on it: whoever plans meanwhile misses the driver there
    const taints = [{ key: 'juicify.dev/dead', effect: 'NoSchedule' }]
    const dead: KubeObject & { spec: object } = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: node },
      spec: { taints },
    }
    await cluster.create(dead)
    try {
      await create(object('v1', 'Pod', 'stranded', podSpec('dead', { nodeName: node })))
      await cluster.delete(refTo('v1', 'Pod', 'stranded'))
      await expect(waitUntilUnused(cluster, claimed('dead'), { timeout: 1000 })).rejects.toMatchObject({
        message: expect.stringContaining(`on ${node}, which is not ready`),
        remedy: expect.stringMatching(/Bring dead-\S+ back\. .*--force-delete-pods/),
      })
      await waitUntilUnused(cluster, claimed('dead'), { timeout: 1000, forceDelete: true })
    } finally {
      await cluster.delete({ apiVersion: 'v1', kind: 'Node', name: node })
    }
  })

  /** The server's clock, from an object that it has just made; a second later than every pod that is there. */
  async function serverTime(): Promise<string> {
    const probe = object('v1', 'ConfigMap', `clock-${Math.random().toString(36).slice(2)}`, undefined)
    const { metadata } = await cluster.create(probe)
    return metadata.creationTimestamp ?? ''
  }

  /** All that a user can have said of them; what only the server and its controllers write is left out. */
  async function manifestsOf(workloads: Workload[]): Promise<unknown[]> {
    return Promise.all(
      workloads.map(async ({ ref: { uid: _, ...ref } }) => {
        const { metadata, spec } = await cluster.get<KubeObject & { spec: Record<string, unknown> }>(ref)
        const { 'deprecated.daemonset.template.generation': __, ...annotations } = metadata.annotations ?? {}
        // The scheduler may choose another node.
        const { nodeName: ___, ...rest } = spec
        const said = JSON.stringify(ref.name === 'notebook-pinned' ? spec : rest)
        // of the token's volume servers of today make the name up; those of 2021 call it as its Secret
        const fixed = JSON.parse(said.replaceAll(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access')) as unknown
        return { ref, labels: metadata.labels, annotations, spec: fixed }
      }),
    )
  }
})

test.skipIf(here)('the workloads of a real cluster are not tried: JUICIFY_TEST_CLUSTER=1 is not set', () => {})
