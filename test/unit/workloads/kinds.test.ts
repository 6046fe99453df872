import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../src/domain/object.ts'
import { troubleWords } from '../../../src/words/trouble.ts'
import { explain, remediesFor } from '../../../src/workloads/blocking-pods.ts'
import { hasMissedTooMany } from '../../../src/workloads/cronjob.ts'
import { isFinished, kindOf } from '../../../src/workloads/kinds.ts'
import { asNew, type Pod } from '../../../src/workloads/pod.ts'
import { mountsAnywhere, mountsOfPodSpec } from '../../../src/workloads/pod-spec.ts'
import type { UsingPod } from '../../../src/workloads/pods.ts'
import { isRolledOut } from '../../../src/workloads/rolling.ts'
import { changedBy, ofWriter, retentionSetBy, scaledBy } from '../../../src/workloads/writer.ts'

describe('A pod without an owner is created again as its user made it', () => {
  const token = {
    name: 'default-token-lsssr',
    mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
    readOnly: true,
  }
  const mine = { name: 'data', mountPath: '/mnt' }
  const made: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'nb', namespace: 'jupyter', labels: { user: 'alice' }, annotations: { a: 'b' } },
    spec: {
      containers: [{ name: 'main', image: 'i', volumeMounts: [mine] }],
      tolerations: [{ key: 'gpu', operator: 'Exists' }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'c' } }],
      restartPolicy: 'Never',
      futureField: { kept: true },
    },
  }
  const asServed = (volume: object, fields: object): Pod => ({
    ...made,
    metadata: {
      ...made.metadata,
      uid: 'u',
      resourceVersion: '7',
      creationTimestamp: '2026-11-23T10:00:00Z',
      managedFields: [{ manager: 'kubectl', fieldsV1: { 'f:spec': { 'f:containers': {}, ...fields } } }],
    },
    spec: {
      ...made.spec,
      nodeName: 'node1',
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
      containers: [{ name: 'main', image: 'i', volumeMounts: [mine, token] }],
      tolerations: [
        { key: 'gpu', operator: 'Exists' },
        ...['not-ready', 'unreachable'].map((what) => ({
          key: `node.kubernetes.io/${what}`,
          operator: 'Exists',
          effect: 'NoExecute',
          tolerationSeconds: 300,
        })),
      ],
      volumes: [...(made.spec.volumes ?? []), { name: token.name, ...volume }],
    },
    status: { phase: 'Running' },
  })
  const secret = { secret: { secretName: token.name } }

  test('without what the server, its admission and the scheduler had added', () => {
    expect(asNew(asServed(secret, {}))).toEqual(made)
  })

  test('on the node that its user chose, if one did', () => {
    expect(asNew(asServed(secret, { 'f:nodeName': {} })).spec.nodeName).toBe('node1')
  })

  test('with a volume of its own that is only named like a token', () => {
    const { volumes } = asNew(asServed({ secret: { secretName: 'another' } }, {})).spec
    expect(volumes?.map(({ name }) => name)).toEqual(['data', token.name])
  })
})

describe('The claims of a pod', () => {
  const containers = (...readOnly: boolean[]) =>
    readOnly.map((each) => ({ volumeMounts: [{ name: 'v', readOnly: each }] }))
  const volumes = (readOnly: boolean) => [{ name: 'v', persistentVolumeClaim: { claimName: 'c', readOnly } }]

  test.each([
    ['mounted to write', { containers: containers(false), volumes: volumes(false) }, true],
    ['read-only in the volume', { containers: containers(false), volumes: volumes(true) }, false],
    ['read-only in every mount', { containers: containers(true, true), volumes: volumes(false) }, false],
    ['read-only in one mount of two', { containers: containers(true, false), volumes: volumes(false) }, true],
    [
      'written by an init container',
      { containers: containers(true), initContainers: containers(false), volumes: volumes(false) },
      true,
    ],
    ['mounted nowhere', { containers: [{}], volumes: volumes(false) }, false],
  ])('%s', (_, spec, writes) => {
    expect(mountsOfPodSpec(spec)).toEqual([{ claim: 'c', writes }])
  })

  test('include those made for it alone', () => {
    expect(mountsOfPodSpec({ containers: [], volumes: [{ name: 'v', ephemeral: {} }] }, 'p')).toEqual([
      { claim: 'p-v', writes: false },
    ])
  })

  test('are found in a custom resource wherever they are, as Volcano names them too', () => {
    const object = {
      spec: {
        volumes: [{ mountPath: '/mnt', volumeClaimName: 'a' }],
        tasks: [{ template: { spec: { volumes: [{ persistentVolumeClaim: { claimName: 'b', readOnly: true } }] } } }],
      },
    } as unknown as KubeObject
    expect(mountsAnywhere(object, new Set(['a', 'b', 'c']))).toEqual([
      { claim: 'a', writes: true },
      { claim: 'b', writes: false },
    ])
  })
})

describe('A run is finished when its operator says so', () => {
  const run = (apiVersion: string, kind: string, status: object): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name: 'r' },
    status,
  })
  test.each([
    [
      'Argo Workflow',
      run('argoproj.io/v1alpha1', 'Workflow', { phase: 'Running', startedAt: 'x', finishedAt: null }),
      false,
    ],
    ['Argo Workflow', run('argoproj.io/v1alpha1', 'Workflow', { phase: 'Error' }), true],
    ['Volcano job', run('batch.volcano.sh/v1alpha1', 'Job', { state: { phase: 'Completed' } }), true],
    ['Volcano job', run('batch.volcano.sh/v1alpha1', 'Job', { state: { phase: 'Running' } }), false],
    [
      'TFJob',
      run('kubeflow.org/v1', 'TFJob', {
        conditions: [
          { type: 'Running', status: 'False' },
          { type: 'Succeeded', status: 'True' },
        ],
      }),
      true,
    ],
    [
      'PyTorchJob',
      run('kubeflow.org/v1', 'PyTorchJob', {
        conditions: [
          { type: 'Failed', status: 'False' },
          { type: 'Running', status: 'True' },
        ],
      }),
      false,
    ],
    ['Job', run('batch/v1', 'Job', { conditions: [{ type: 'Failed', status: 'True' }] }), true],
    ['one that has not begun', run('kubeflow.org/v1', 'MPIJob', {}), false],
    ['what has no end', run('serving.example.dev/v1', 'Service', { phase: 'Succeeded' }), false],
  ])('%s %#', (_, object, finished) => {
    expect(isFinished(object)).toBe(finished)
  })
})

describe('What was stopped once is remembered as it was before', () => {
  const workload = (kind: string, apiVersion: string, labels: Record<string, string>, spec: object): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name: 'w', labels },
    spec: { template: {}, ...spec },
  })
  const mark = (value: string) => ({ 'juicify.dev/stopped-from': value })
  test.each([
    [
      'a Deployment at 3',
      workload('Deployment', 'apps/v1', {}, { replicas: 3 }),
      { stopped: false, replicas: 3, ready: 0 },
    ],
    [
      'a Deployment at 0',
      workload('Deployment', 'apps/v1', {}, { replicas: 0 }),
      { stopped: true, replicas: 0, ready: 0 },
    ],
    [
      'a Deployment that juicify stopped at 3',
      workload('Deployment', 'apps/v1', mark('3'), { replicas: 0 }),
      { stopped: false, replicas: 3 },
    ],
    ['a Job', workload('Job', 'batch/v1', {}, { suspend: false, parallelism: 1 }), { stopped: false }],
    [
      'a Job held by parallelism 0',
      workload('Job', 'batch/v1', {}, { suspend: false, parallelism: 0 }),
      { stopped: true },
    ],
    [
      'a Job that juicify suspended, and that was held since',
      workload('Job', 'batch/v1', mark('running'), { suspend: true, parallelism: 0 }),
      { stopped: false },
    ],
    ['a CronJob', workload('CronJob', 'batch/v1', {}, { suspend: false }), { stopped: false }],
    ['a suspended CronJob', workload('CronJob', 'batch/v1', {}, { suspend: true }), { stopped: true }],
    [
      'a CronJob that juicify suspended',
      workload('CronJob', 'batch/v1', mark('running'), { suspend: true }),
      { stopped: false },
    ],
  ])('%s', (_, object, state) => {
    expect(kindOf(object)?.remember(object)).toEqual(state)
  })
})

describe('A CronJob that would never run again', () => {
  const now = Date.parse('2026-11-23T12:00:00Z')
  const cron = (schedule: string, lastScheduleTime: string, more = {}): KubeObject => ({
    apiVersion: 'batch/v1beta1',
    kind: 'CronJob',
    metadata: { name: 'c' },
    spec: { schedule, ...more },
    status: { lastScheduleTime },
  })
  test.each([
    ['is every minute, three hours ago', cron('* * * * *', '2026-11-23T09:00:00Z'), true],
    ['with a time zone', cron('CRON_TZ=Asia/Shanghai */1 * * * *', '2026-11-23T09:00:00Z'), true],
    ['written with a space before it', cron(' */5 * * * *', '2026-11-23T09:00:00Z'), true],
    ['not one that was away for an hour', cron('* * * * *', '2026-11-23T11:00:00Z'), false],
    ['not one that runs once an hour', cron('5 * * * *', '2026-11-23T09:00:00Z'), false],
    [
      'not one with a deadline of its own',
      cron('* * * * *', '2026-11-23T09:00:00Z', { startingDeadlineSeconds: 60 }),
      false,
    ],
  ])('%s', (_, object, missed) => {
    expect(hasMissedTooMany(object, now)).toBe(missed)
  })
})

describe('A rollout is over when all pods are of the new revision, and ready', () => {
  const deployment = (status: object): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', generation: 2 },
    spec: { replicas: 2 },
    status: { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2, ...status },
  })
  test.each([
    ['all of them', {}, true],
    ['not before its controller has seen the change', { observedGeneration: 1 }, false],
    ['not while an old one is there', { replicas: 3 }, false],
    ['not while a new one is missing', { updatedReplicas: 1 }, false],
    ['not while one is not ready', { availableReplicas: 1 }, false],
  ])('%s', (_, status, over) => {
    expect(isRolledOut(deployment(status))).toBe(over)
  })
})

describe('A pod that will not go', () => {
  const using = (more: Partial<UsingPod>): UsingPod => ({
    ref: { apiVersion: 'v1', kind: 'Pod', namespace: 'ns', name: 'p' },
    claims: ['data'],
    node: 'node1',
    deletedAt: '2026-11-23T10:00:00Z',
    finalizers: [],
    finished: false,
    appeared: false,
    ...more,
  })
  const owner = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', namespace: 'ns', name: 'run' }

  test.each([
    ['on a dead node', using({}), 'not ready' as const, 'on node1, which is not ready', 'Bring node1 back'],
    ['that ends slowly', using({}), 'ready' as const, 'terminating, grace period ends at ', 'to wait longer'],
    [
      'with a finalizer',
      using({ finalizers: ['a.dev/x'] }),
      'ready' as const,
      'held by the finalizer a.dev/x',
      'kubectl patch pod -n ns p',
    ],
    [
      'that has ended and is held',
      using({ finished: true, finalizers: ['a.dev/x'] }),
      'ready' as const,
      'finished, but its name is needed for the new pod; terminating',
      'kubectl patch pod -n ns p',
    ],
    [
      'that an operator made',
      using({ owner, deletedAt: undefined, appeared: true }),
      'ready' as const,
      'of Workflow ns/run; created after',
      'Wait until Workflow ns/run has finished, or have whoever runs it stop it',
    ],
    [
      'that a person made',
      using({ deletedAt: undefined, madeBy: 'kubectl-run' }),
      'ready' as const,
      'created by kubectl-run',
      'Wait until Pod ns/p has finished, or have whoever runs it stop it',
    ],
  ])('%s is explained, with what to do', (_, pod, node, why, remedy) => {
    const nodes = new Map([['node1', node]])
    const say = troubleWords('en')
    expect(explain(pod, nodes, say)).toContain(why)
    expect(remediesFor([pod], nodes, say).join(' ')).toContain(remedy)
  })
})

describe('Who has changed a workload', () => {
  const replicas = { 'f:spec': { 'f:replicas': {} } }
  const entry = (manager: string, hour: number, fieldsV1: object, subresource?: string) => ({
    manager,
    operation: 'Update',
    time: `2026-11-26T0${hour}:00:00Z`,
    fieldsV1,
    ...(subresource ? { subresource } : {}),
  })
  const changed: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      managedFields: [
        entry('kubectl', 1, { 'f:spec': { 'f:replicas': {}, 'f:template': {} } }),
        entry('keda', 4, replicas, 'scale'),
        entry('argocd-controller', 5, { 'f:metadata': { 'f:annotations': {} } }),
        entry('kube-controller-manager', 6, { 'f:status': {} }, 'status'),
        entry('juicify', 7, { 'f:metadata': { 'f:labels': {} } }),
      ],
    },
  }

  test('is told by the field that says how many replicas there are, by whichever way it was set', () => {
    expect(scaledBy(changed)).toEqual({ manager: 'keda', time: '2026-11-26T04:00:00Z' })
  })

  test('is never juicify itself, which has scaled it to stop and to start it', () => {
    const managedFields = [...(changed.metadata.managedFields as object[]), entry('juicify', 8, replicas, 'scale')]
    expect(scaledBy({ ...changed, metadata: { name: 'web', managedFields } })?.manager).toBe('keda')
    expect(scaledBy({ ...changed, metadata: { name: 'web', managedFields: managedFields.slice(-1) } })).toBeUndefined()
  })

  test('is told by what was changed last besides its status, where there is no such field', () => {
    expect(changedBy(changed)).toEqual({ manager: 'argocd-controller', time: '2026-11-26T05:00:00Z' })
  })

  test('who has set its policy for claims is read of it, whoever has scaled it since, and nothing else is', () => {
    const policy = { 'f:persistentVolumeClaimRetentionPolicy': { 'f:whenScaled': {} } }
    const managedFields = [
      entry('argocd-controller', 1, { 'f:spec': { ...policy, 'f:template': {} } }),
      entry('keda', 4, replicas),
    ]
    const read = managedFields.map(ofWriter)
    expect(read).toMatchObject([{ manager: 'argocd-controller' }, { manager: 'keda' }])
    expect(JSON.stringify(read)).not.toContain('template')
    const object = { ...changed, metadata: { name: 'web', managedFields: read } }
    expect(retentionSetBy(object)).toEqual(['argocd-controller'])
    expect(scaledBy(object)?.manager).toBe('keda')
  })

  test('is not known where its managed fields are not shown', () => {
    expect(scaledBy({ ...changed, metadata: { name: 'web' } })).toBeUndefined()
  })
})
