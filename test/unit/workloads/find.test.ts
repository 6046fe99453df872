import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { QuiesceSettings } from '../../../src/domain/migration.ts'
import { LABEL } from '../../../src/domain/names.ts'
import { type KubeObject, type ObjectRef, refOf } from '../../../src/domain/object.ts'
import type { Survey } from '../../../src/domain/survey.ts'
import type { PodUse } from '../../../src/domain/workload.ts'
import { findWorkloads } from '../../../src/workloads/find.ts'

const CLAIMS = [{ namespace: 'ns', name: 'data' }]
const REFUSE: QuiesceSettings = { unfinished: 'refuse', rolling: [] }

const surveyOf = (pods: PodUse[], controllers: KubeObject[], scales?: Survey['scales']): Survey => ({
  cluster: { uid: 'u', version: 'v1.20.2' },
  volumes: [],
  claims: [],
  pods,
  controllers,
  ...(scales ? { scales } : {}),
  autoscalers: [],
  nodes: [],
  services: [],
  csiDrivers: [],
  csiNodes: [],
  records: [],
})

const pod = (name: string, controller?: KubeObject | ObjectRef, more: Partial<PodUse> = {}): PodUse => ({
  namespace: 'ns',
  name,
  uid: `pod-${name}`,
  phase: 'Running',
  deleting: false,
  labels: {},
  ...(controller ? { controller: 'metadata' in controller ? refOf(controller) : controller } : {}),
  claims: ['data'],
  readOnlyClaims: [],
  hostPaths: [],
  images: [],
  hostNetwork: false,
  ...more,
})

const MOUNTING = {
  containers: [{ volumeMounts: [{ name: 'v', mountPath: '/mnt' }] }],
  volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }],
}
const READING = { ...MOUNTING, containers: [{ volumeMounts: [{ name: 'v', mountPath: '/mnt', readOnly: true }] }] }

/** A controller of pods that mount the claim; `spec` and `owner` as given. */
function controller(
  apiVersion: string,
  kind: string,
  name: string,
  {
    spec,
    owner,
    labels,
    annotations,
    status,
  }: {
    spec?: object
    owner?: KubeObject
    labels?: Record<string, string>
    annotations?: Record<string, string>
    status?: object
  } = {},
): KubeObject {
  const uid = `${kind}-${name}`
  const ownerReferences = owner && [
    {
      apiVersion: owner.apiVersion,
      kind: owner.kind,
      name: owner.metadata.name,
      uid: owner.metadata.uid ?? '',
      controller: true,
    },
  ]
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace: 'ns',
      uid,
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(ownerReferences ? { ownerReferences } : {}),
    },
    spec: { replicas: 1, template: { spec: MOUNTING }, ...spec },
    ...(status ? { status } : {}),
  }
}

const found = (survey: Survey, settings = REFUSE) => findWorkloads(survey, CLAIMS, settings)
const brief = (survey: Survey, settings = REFUSE) =>
  found(survey, settings).map(
    ({ ref, pods, quiesce, stopped }) => `${ref.kind}/${ref.name} [${pods}] ${quiesce}${stopped ? ' stopped' : ''}`,
  )

describe('What uses a volume', () => {
  test('is found from its pods up through ReplicaSets to the Deployment, once', () => {
    const deployment = controller('apps/v1', 'Deployment', 'web')
    const set = controller('apps/v1', 'ReplicaSet', 'web-1', { owner: deployment })
    expect(brief(surveyOf([pod('b', set), pod('a', set)], [set, deployment]))).toEqual(['Deployment/web [a,b] stop'])
  })

  test('is found where it has no pods now, but would mount the claim when it is started', () => {
    const controllers = [
      controller('apps/v1', 'Deployment', 'asleep', { spec: { replicas: 0 } }),
      controller('apps/v1', 'StatefulSet', 'db', {
        spec: { replicas: 0, template: { spec: {} }, volumeClaimTemplates: [{ metadata: { name: 'files' } }] },
      }),
      controller('batch/v1beta1', 'CronJob', 'nightly', {
        spec: { jobTemplate: { spec: { template: { spec: MOUNTING } } } },
      }),
      controller('apps/v1', 'Deployment', 'stranger', { spec: { template: { spec: {} } } }),
    ]
    const claims = [...CLAIMS, { namespace: 'ns', name: 'files-db-12' }, { namespace: 'ns', name: 'files-db-x' }]
    const workloads = findWorkloads(surveyOf([], controllers), claims, REFUSE)
    expect(workloads.map(({ ref, claims: own, stopped }) => [ref.name, own, stopped])).toEqual([
      ['nightly', ['ns/data'], false],
      ['asleep', ['ns/data'], true],
      ['db', ['ns/files-db-12'], true],
    ])
  })

  test('is not a revision of long ago, a finished run, or a finished pod', () => {
    const deployment = controller('apps/v1', 'Deployment', 'web', { spec: { template: { spec: {} } } })
    const revision = controller('apps/v1', 'ReplicaSet', 'web-0', { owner: deployment, spec: { replicas: 0 } })
    const job = controller('batch/v1', 'Job', 'done', {
      status: { conditions: [{ type: 'Complete', status: 'True' }] },
    })
    const run = controller('argoproj.io/v1alpha1', 'Workflow', 'run', { status: { phase: 'Succeeded' } })
    const pods = [pod('x', run, { phase: 'Succeeded' }), pod('y', undefined, { phase: 'Failed' })]
    expect(brief(surveyOf(pods, [deployment, revision, job, run]))).toEqual([])
  })

  test('says which claims it could write to, and for whom it runs', () => {
    const reader = controller('apps/v1', 'Deployment', 'reader', { spec: { template: { spec: READING } } })
    const notebook = pod('notebook', undefined, { labels: { user: 'alice', 'run-rtx': 'bob' } })
    const job = controller('apps/v1', 'Deployment', 'writer', { labels: { 'run-rtx': 'bob' } })
    const workloads = found(surveyOf([notebook], [reader, job]))
    expect(workloads.map(({ ref, writes, user }) => [ref.name, writes, user])).toEqual([
      ['reader', [], undefined],
      ['writer', ['ns/data'], 'bob'],
      ['notebook', ['ns/data'], 'alice'],
    ])
  })

  test('is stopped in an order in which nothing new starts and what takes long to end comes early', () => {
    const controllers = [
      controller('apps/v1', 'DaemonSet', 'ds'),
      controller('v1', 'ReplicationController', 'rc'),
      controller('apps/v1', 'StatefulSet', 'sts'),
      controller('apps/v1', 'Deployment', 'b'),
      controller('apps/v1', 'Deployment', 'a'),
      controller('apps/v1', 'ReplicaSet', 'rs'),
      controller('argoproj.io/v1alpha1', 'Workflow', 'run'),
      controller('batch/v1', 'Job', 'job'),
      controller('batch/v1beta1', 'CronJob', 'cj', {
        spec: { jobTemplate: { spec: { template: { spec: MOUNTING } } } },
      }),
    ]
    expect(found(surveyOf([pod('notebook')], controllers)).map(({ ref }) => ref.name)).toEqual([
      'cj',
      'job',
      'run',
      'a',
      'b',
      'rs',
      'rc',
      'sts',
      'ds',
      'notebook',
    ])
  })

  test('is counted by its pods: each running one that uses the claim is in exactly one workload, whoever owns it', () => {
    const deployments = [0, 1, 2].map((n) =>
      controller('apps/v1', 'Deployment', `d${n}`, { spec: { template: { spec: {} } } }),
    )
    const sets = deployments.map((owner, n) => controller('apps/v1', 'ReplicaSet', `s${n}`, { owner }))
    const owners = [
      ...sets,
      ...deployments,
      undefined,
      { apiVersion: 'x.dev/v1', kind: 'Thing', name: 't', uid: 'unknown' },
    ]
    const pods = fc.uniqueArray(
      fc.record({
        name: fc.stringMatching(/^[a-z]{1,4}$/),
        owner: fc.constantFrom(...owners),
        phase: fc.constantFrom('Running', 'Pending', 'Succeeded', 'Failed'),
        claims: fc.constantFrom<string[][]>(['data'], ['other'], []),
      }),
      { selector: ({ name }) => name },
    )
    fc.assert(
      fc.property(pods, (drawn) => {
        const all = drawn.map(({ name, owner, phase, claims }) => pod(name, owner, { phase, claims }))
        const workloads = found(surveyOf(all, [...sets, ...deployments]))
        const users = all.filter(
          ({ phase, claims }) => claims.includes('data') && (phase === 'Running' || phase === 'Pending'),
        )
        const counted = workloads.flatMap((workload) => workload.pods)
        expect(new Set(counted).size).toBe(counted.length)
        expect(counted).toEqual(expect.arrayContaining(users.map(({ name }) => name)))
        expect(found(surveyOf(all.toReversed(), [...deployments, ...sets]))).toEqual(workloads)
      }),
    )
  })
})

describe('How what uses a volume is handled', () => {
  const unfinished = (mode: QuiesceSettings['unfinished']): QuiesceSettings => ({ unfinished: mode, rolling: [] })

  test('a run that comes to an end is handled as the migration says', () => {
    const run = controller('kubeflow.org/v1', 'PyTorchJob', 'train')
    const survey = surveyOf([pod('worker', run)], [run])
    expect((['wait', 'refuse', 'delete'] as const).map((mode) => brief(survey, unfinished(mode)))).toEqual([
      ['PyTorchJob/train [worker] wait'],
      ['PyTorchJob/train [worker] refuse'],
      ['PyTorchJob/train [worker] delete'],
    ])
  })

  test('a Job is suspended where the server knows how, and a run like any other where it does not', () => {
    const job = controller('batch/v1', 'Job', 'job', { spec: { suspend: false } })
    const old = controller('batch/v1', 'Job', 'old')
    expect(brief(surveyOf([], [job, old]))).toEqual(['Job/job [] stop', 'Job/old [] refuse'])
  })

  test('a Job that is held by no pod being allowed to it is left so, whether its server can suspend it or not', () => {
    const held = controller('batch/v1', 'Job', 'held', { spec: { suspend: false, parallelism: 0 } })
    const old = controller('batch/v1', 'Job', 'old', { spec: { parallelism: 0 } })
    expect(brief(surveyOf([], [held, old]))).toEqual(['Job/held [] stop stopped', 'Job/old [] stop stopped'])
  })

  test.each([
    ['argoproj.io/v1alpha1', 'CronWorkflow', {}, 'argoproj.io/v1alpha1', 'Workflow'],
    ['kubeflow.org/v1beta1', 'ScheduledWorkflow', { enabled: true }, 'argoproj.io/v1alpha1', 'Workflow'],
    [
      'sparkoperator.k8s.io/v1beta2',
      'ScheduledSparkApplication',
      {},
      'sparkoperator.k8s.io/v1beta2',
      'SparkApplication',
    ],
  ])(
    'a run of a %s %s is work to be finished, and what starts the next one is suspended',
    (version, kind, spec, of, run) => {
      const schedule = controller(version, kind, 'nightly', { spec })
      const running = controller(of, run, 'nightly-1', { owner: schedule })
      for (const mode of ['wait', 'refuse', 'delete'] as const) {
        expect(brief(surveyOf([pod('p', running)], [running, schedule]), unfinished(mode))).toEqual([
          `${kind}/nightly [] stop`,
          `${run}/nightly-1 [p] ${mode}`,
        ])
      }
    },
  )

  test('what starts runs by a clock is named where it has none now, and left alone where it is suspended', () => {
    const workflowSpec = { volumes: [{ persistentVolumeClaim: { claimName: 'data' } }] }
    const nightly = controller('argoproj.io/v1alpha1', 'CronWorkflow', 'nightly', { spec: { workflowSpec } })
    expect(brief(surveyOf([], [nightly]))).toEqual(['CronWorkflow/nightly [] stop'])
    const resting = controller('argoproj.io/v1alpha1', 'CronWorkflow', 'resting', {
      spec: { workflowSpec, suspend: true },
    })
    const disabled = controller('kubeflow.org/v1beta1', 'ScheduledWorkflow', 'off', {
      spec: { workflow: { spec: workflowSpec } },
    })
    expect(brief(surveyOf([], [resting, disabled]))).toEqual([
      'ScheduledWorkflow/off [] stop stopped',
      'CronWorkflow/resting [] stop stopped',
    ])
  })

  test.each([
    ['ray.io/v1', 'RayCronJob', {}, 'ray.io/v1', 'RayJob'],
    ['batch.volcano.sh/v1alpha1', 'CronJob', {}, 'batch.volcano.sh/v1alpha1', 'Job'],
    ['apps.kruise.io/v1alpha1', 'AdvancedCronJob', {}, 'batch/v1', 'Job'],
  ])('what a %s %s starts is work of its own, and it is held meanwhile', (version, kind, spec, of, run) => {
    const schedule = controller(version, kind, 'nightly', { spec })
    const running = controller(of, run, 'nightly-1', { owner: schedule })
    expect(brief(surveyOf([pod('p', running)], [running, schedule]), unfinished('wait'))).toEqual([
      `${kind}/nightly [] stop`,
      `${run}/nightly-1 [p] wait`,
    ])
    expect(brief(surveyOf([], [controller(version, kind, 'idle')]))).toEqual([`${kind}/idle [] stop`])
  })

  test('a TrainJob is what is suspended of a TrainJob over a JobSet over a Job', () => {
    const train = controller('trainer.kubeflow.org/v1alpha1', 'TrainJob', 'llm', { spec: { suspend: false } })
    const set = controller('jobset.x-k8s.io/v1alpha2', 'JobSet', 'llm', { owner: train, spec: { suspend: false } })
    const job = controller('batch/v1', 'Job', 'llm-node-0', { owner: set, spec: { suspend: false } })
    const all = [train, set, job]
    for (const mode of ['wait', 'refuse', 'delete'] as const) {
      expect(brief(surveyOf([pod('p', job)], all), unfinished(mode))).toEqual(['TrainJob/llm [p] stop'])
      // with no pods now, too
      expect(brief(surveyOf([], all), unfinished(mode))).toEqual(['TrainJob/llm [] stop'])
    }
    const [, alone] = [train, controller('jobset.x-k8s.io/v1alpha2', 'JobSet', 'alone')]
    expect(brief(surveyOf([], [alone]))).toEqual(['JobSet/alone [] stop'])
    const suspended = controller('jobset.x-k8s.io/v1alpha2', 'JobSet', 'rests', { spec: { suspend: true } })
    expect(brief(surveyOf([], [suspended]))).toEqual(['JobSet/rests [] stop stopped'])
  })

  test.each(['MPIJob', 'PyTorchJob', 'TFJob', 'XGBoostJob', 'PaddleJob', 'JAXJob'])(
    'a %s is suspended by its policy where its operator shows that it can be, and else is work to be finished',
    (kind) => {
      const able = controller('kubeflow.org/v1', kind, 'able', { spec: { runPolicy: { suspend: false } } })
      const old = controller('kubeflow.org/v1', kind, 'old', { spec: { runPolicy: { cleanPodPolicy: 'None' } } })
      expect(brief(surveyOf([pod('p', able)], [able, old]), unfinished('wait'))).toEqual([
        `${kind}/able [p] stop`,
        `${kind}/old [] wait`,
      ])
    },
  )

  test('a RayJob is suspended where KubeRay allows it, a RayCluster always, and what is over a RayCluster that is not known is refused', () => {
    const job = controller('ray.io/v1', 'RayJob', 'able', { spec: { shutdownAfterJobFinishes: true } })
    const cluster = controller('ray.io/v1', 'RayCluster', 'able-raycluster', { owner: job })
    const kept = controller('ray.io/v1', 'RayJob', 'kept', { spec: { shutdownAfterJobFinishes: false } })
    const foreign = controller('ray.io/v1', 'RayJob', 'foreign', {
      spec: { shutdownAfterJobFinishes: true, clusterSelector: { 'ray.io/cluster': 'x' } },
    })
    const own = controller('ray.io/v1', 'RayCluster', 'own')
    const all = [job, cluster, kept, foreign, own]
    expect(brief(surveyOf([pod('p', cluster), pod('q', own)], all), unfinished('wait'))).toEqual([
      'RayJob/able [p] stop',
      'RayJob/foreign [] wait',
      'RayJob/kept [] wait',
      'RayCluster/own [q] stop',
    ])
    const service = controller('ray.io/v1', 'RayService', 'serve')
    const served = controller('ray.io/v1', 'RayCluster', 'serve-1', { owner: service })
    expect(brief(surveyOf([pod('p', served)], [service, served]), unfinished('wait'))).toEqual([
      'RayService/serve [p] refuse',
    ])
  })

  test.each([
    ['batch/v1', 'Job', {}],
    ['jobset.x-k8s.io/v1alpha2', 'JobSet', {}],
    ['trainer.kubeflow.org/v1alpha1', 'TrainJob', {}],
    ['kubeflow.org/v1', 'PyTorchJob', {}],
  ])('a %s %s that Kueue starts is neither suspended nor at rest, though it is suspended now', (version, kind) => {
    const labels = { 'kueue.x-k8s.io/queue-name': 'gpus' }
    const spec = (suspend: boolean) => ({ suspend, runPolicy: { suspend } })
    const running = controller(version, kind, 'running', { labels, spec: spec(false) })
    const queued = controller(version, kind, 'queued', { labels, spec: spec(true) })
    const workloads = found(surveyOf([pod('p', running)], [running, queued]), unfinished('wait'))
    expect(workloads.map(({ ref, quiesce, stopped }) => [ref.name, quiesce, stopped])).toEqual([
      ['queued', 'wait', false],
      ['running', 'wait', false],
    ])
    expect(workloads[0]?.reason).toContain('queue gpus')
  })

  test('Volcano’s jobs are work to be finished, and its word for suspending them is told', () => {
    const job = controller('batch.volcano.sh/v1alpha1', 'Job', 'train')
    const [workload] = found(surveyOf([], [job]), unfinished('refuse'))
    expect(workload).toMatchObject({ quiesce: 'refuse', reason: expect.stringContaining('vcctl job suspend') })
  })

  test('a run whose owner nobody knows is work to be finished, and is never suspended below it', () => {
    const thing = controller('example.com/v1', 'Thing', 'platform')
    const job = controller('batch/v1', 'Job', 'train', { owner: thing, spec: { suspend: false } })
    const run = controller('argoproj.io/v1alpha1', 'Workflow', 'flow', { owner: thing })
    const survey = surveyOf([pod('p', job), pod('q', run)], [thing, job, run])
    expect(brief(survey, unfinished('wait'))).toEqual(['Workflow/flow [q] wait', 'Job/train [p] wait'])
    expect(found(survey)[1]?.reason).toContain('Thing platform')
    // what goes on until somebody ends it is its owner's
    const set = controller('apps/v1', 'StatefulSet', 'db', { owner: thing })
    expect(brief(surveyOf([pod('db-0', set)], [thing, set]), unfinished('wait'))).toEqual([
      'Thing/platform [db-0] refuse',
    ])
  })

  const scaler = (name: string, target: object, annotations?: Record<string, string>) =>
    controller('keda.sh/v1alpha1', 'ScaledObject', name, {
      spec: { scaleTargetRef: target },
      ...(annotations ? { annotations } : {}),
    })

  test('what KEDA scales is not started by it meanwhile, also where it is at 0 now', () => {
    const web = controller('apps/v1', 'Deployment', 'web')
    const idle = controller('apps/v1', 'StatefulSet', 'idle', { spec: { replicas: 0 } })
    const stranger = controller('apps/v1', 'Deployment', 'stranger', { spec: { template: { spec: {} } } })
    const scalers = [
      scaler('for-web', { name: 'web' }),
      scaler('for-idle', { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'idle' }),
      scaler('for-stranger', { name: 'stranger' }),
      scaler('for-nobody', { name: 'nobody' }),
    ]
    expect(brief(surveyOf([], [web, idle, stranger, ...scalers]))).toEqual([
      'ScaledObject/for-idle [] stop',
      'ScaledObject/for-web [] stop',
      'Deployment/web [] stop',
      'StatefulSet/idle [] stop stopped',
    ])
  })

  test('what KEDA scales and only reads is scaled on, and what its people have paused is left so', () => {
    const web = controller('apps/v1', 'Deployment', 'web')
    const survey = surveyOf([], [web, scaler('for-web', { name: 'web' })])
    expect(brief(survey, { unfinished: 'refuse', rolling: [{ name: 'web' }] })).toEqual(['Deployment/web [] rolling'])
    const PAUSED = 'autoscaling.keda.sh/paused'
    const paused = (annotations: Record<string, string>) =>
      brief(surveyOf([], [web, scaler('s', { name: 'web' }, annotations)]))[0]
    expect(paused({ [PAUSED]: 'true' })).toBe('ScaledObject/s [] stop stopped')
    expect(paused({ [PAUSED]: 'yes' })).toBe('ScaledObject/s [] stop stopped')
    expect(paused({ [`${PAUSED}-replicas`]: '2' })).toBe('ScaledObject/s [] stop stopped')
    expect(paused({ [PAUSED]: 'false' })).toBe('ScaledObject/s [] stop')
  })

  test('what starts Jobs by a queue is named where it has none now', () => {
    const scaled = controller('keda.sh/v1alpha1', 'ScaledJob', 'queue', {
      spec: { jobTargetRef: { template: { spec: MOUNTING } } },
    })
    const job = controller('batch/v1', 'Job', 'queue-1', { owner: scaled, spec: { suspend: false } })
    expect(brief(surveyOf([], [scaled]))).toEqual(['ScaledJob/queue [] stop'])
    expect(brief(surveyOf([pod('p', job)], [job, scaled]))).toEqual(['ScaledJob/queue [] stop', 'Job/queue-1 [p] stop'])
  })

  test('a Notebook of Kubeflow is stopped as its page stops it, however unfinished work is handled', () => {
    const notebook = controller('kubeflow.org/v1', 'Notebook', 'lab')
    const set = controller('apps/v1', 'StatefulSet', 'lab', { owner: notebook })
    const lab = { ...pod('lab-0', set), labels: {} }
    for (const mode of ['wait', 'refuse', 'delete'] as const)
      expect(brief(surveyOf([lab], [set, notebook]), unfinished(mode))).toEqual(['Notebook/lab [lab-0] stop'])
    notebook.metadata.annotations = { 'kubeflow-resource-stopped': '' }
    expect(brief(surveyOf([], [set, notebook]))).toEqual(['Notebook/lab [] stop stopped'])
  })

  test('the running Job of a CronJob is handled by itself: suspending the CronJob does not end it', () => {
    const cron = controller('batch/v1beta1', 'CronJob', 'cj', {
      spec: { jobTemplate: { spec: { template: { spec: MOUNTING } } } },
    })
    const job = controller('batch/v1', 'Job', 'cj-1', { owner: cron })
    expect(brief(surveyOf([pod('p', job)], [job, cron]), unfinished('wait'))).toEqual([
      'CronJob/cj [] stop',
      'Job/cj-1 [p] wait',
    ])
  })

  test('a custom resource is scaled where it can be, else left to its operator, and never deleted if it has no end', () => {
    const service = controller('serving.example.dev/v1', 'Service', 'model')
    const deployment = controller('apps/v1', 'Deployment', 'model-1', { owner: service })
    const set = controller('apps/v1', 'ReplicaSet', 'model-1-1', { owner: deployment })
    const survey = surveyOf([pod('p', set)], [set, deployment, service])
    expect(brief(survey, unfinished('delete'))).toEqual(['Service/model [p] refuse'])
    expect(found(survey)[0]?.reason).toMatch(/no scale/)
    expect(brief(survey, unfinished('wait'))).toEqual(['Service/model [p] refuse'])
    const scaled = (replicas: number) => ({ ...survey, scales: [{ ref: refOf(service), replicas }] })
    expect(brief(scaled(2))).toEqual(['Service/model [p] stop'])
    expect(brief(scaled(0))).toEqual(['Service/model [p] stop stopped'])
    service.metadata.labels = { [LABEL.stoppedFrom]: '2' }
    expect(brief(scaled(0))).toEqual(['Service/model [p] stop'])
  })

  test('an owner that cannot be read is refused', () => {
    const owner = { apiVersion: 'x.dev/v1', kind: 'Thing', namespace: 'ns', name: 'mine', uid: 'unknown' }
    const [workload] = found(surveyOf([pod('p', owner)], []))
    expect([workload?.quiesce, workload?.reason]).toEqual(['refuse', expect.stringContaining('could not be read')])
  })

  test('what its owner has stopped is left alone, and what juicify has stopped is not taken for it', () => {
    const zero = (name: string, labels?: Record<string, string>) =>
      controller('apps/v1', 'Deployment', name, { spec: { replicas: 0 }, ...(labels ? { labels } : {}) })
    expect(brief(surveyOf([], [zero('theirs'), zero('ours', { [LABEL.stoppedFrom]: '3' })]))).toEqual([
      'Deployment/ours [] stop',
      'Deployment/theirs [] stop stopped',
    ])
  })

  test('a pod without an owner that is on its way out is left to go', () => {
    expect(brief(surveyOf([pod('p', undefined, { deleting: true })], []))).toEqual(['Pod/p [p] stop stopped'])
  })

  test('what the migration names is restarted pod by pod, where it can be', () => {
    const labels = { component: 'inference' }
    const controllers = [
      controller('apps/v1', 'Deployment', 'model', { labels }),
      controller('apps/v1', 'Deployment', 'recreate', { labels, spec: { strategy: { type: 'Recreate' } } }),
      controller('apps/v1', 'Deployment', 'paused', { labels, spec: { paused: true } }),
      controller('apps/v1', 'Deployment', 'other'),
      controller('apps/v1', 'StatefulSet', 'half', {
        labels,
        spec: { updateStrategy: { rollingUpdate: { partition: 2 } } },
      }),
      controller('apps/v1', 'DaemonSet', 'manual', { labels, spec: { updateStrategy: { type: 'OnDelete' } } }),
    ]
    const rolling = [{ namespace: 'n?', name: '*', labels }]
    const workloads = found(surveyOf([pod('notebook', undefined, { labels })], controllers), {
      unfinished: 'refuse',
      rolling,
    })
    expect(
      workloads.map(({ ref, quiesce, reason = '' }) => [ref.name, quiesce, reason.replace(/.*pod by pod: /, '')]),
    ).toEqual([
      ['model', 'rolling', ''],
      ['other', 'stop', ''],
      ['paused', 'stop', 'its rollout is paused.'],
      ['recreate', 'stop', 'its update strategy is Recreate.'],
      ['half', 'stop', 'its update strategy excludes the pods below partition 2.'],
      ['manual', 'stop', 'its update strategy is OnDelete.'],
      ['notebook', 'stop', 'only a Deployment, a StatefulSet and a DaemonSet can.'],
    ])
  })
})

describe('A neighbour’s workload is not stopped for a pod that names it as its owner', () => {
  const UNUSED = { selector: { matchLabels: { app: 'web' } }, template: { spec: {} } }
  const web = controller('apps/v1', 'Deployment', 'web', { spec: UNUSED })
  const set = controller('apps/v1', 'ReplicaSet', 'web-1', { owner: web, spec: UNUSED, labels: { app: 'web' } })
  const elsewhere = (object: KubeObject): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, namespace: 'neighbour' },
  })
  const claiming = (owner: KubeObject, more: Partial<ObjectRef> = {}) => ({ ...refOf(owner), namespace: 'ns', ...more })

  test('but is for one that it has made itself', () => {
    const own = pod('web-1-x', set, { labels: { app: 'web', more: 'x' } })
    expect(brief(surveyOf([own], [set, web]))).toEqual(['Deployment/web [web-1-x] stop'])
  })

  test.each<[string, KubeObject[], ObjectRef, Record<string, string>]>([
    ['of another namespace', [elsewhere(set), elsewhere(web)], claiming(set), { app: 'web' }],
    ['that does not select it', [set, web], claiming(set), { app: 'tenant' }],
    ['that makes no pods itself', [set, web], claiming(web), { app: 'web' }],
    ['of another name', [set, web], claiming(set, { name: 'web-2' }), { app: 'web' }],
    ['a volume of another type', [set, web], claiming(set, { kind: 'StatefulSet' }), { app: 'web' }],
    ['of another API group', [set, web], claiming(set, { apiVersion: 'x.dev/v1' }), { app: 'web' }],
    ['that is not there', [set, web], claiming(set, { uid: 'of-none' }), { app: 'web' }],
  ])('%s', (_, controllers, owner, labels) => {
    expect(brief(surveyOf([pod('tenant', owner, { labels })], controllers))).toEqual(['Pod/tenant [tenant] stop'])
  })

  test('whose number it does not have: a StatefulSet’s pods end in theirs', () => {
    const db = controller('apps/v1', 'StatefulSet', 'db', { spec: UNUSED })
    const labels = { app: 'web' }
    const pods = [pod('db-0', db, { labels }), pod('db-x', db, { labels })]
    expect(brief(surveyOf(pods, [db]))).toEqual(['StatefulSet/db [db-0] stop', 'Pod/db-x [db-x] stop'])
  })

  test('nor are its own pods lost to it, whichever comes first', () => {
    const pods = [
      pod('tenant', { ...refOf(set), namespace: 'ns' }, { labels: { app: 'tenant' } }),
      pod('web-1-x', set, { labels: { app: 'web' } }),
    ]
    const workloads = ['Deployment/web [web-1-x] stop', 'Pod/tenant [tenant] stop']
    expect(brief(surveyOf(pods, [set, web]))).toEqual(workloads)
    expect(brief(surveyOf(pods.toReversed(), [web, set]))).toEqual(workloads)
  })

  test('nor is what starts a neighbour’s runs by a clock, for a run that names it', () => {
    const nightly = controller('argoproj.io/v1alpha1', 'CronWorkflow', 'nightly', { spec: {} })
    const run = (named: KubeObject) => {
      const workflow = controller('argoproj.io/v1alpha1', 'Workflow', 'run', { spec: {} })
      const { apiVersion, kind, metadata } = named
      const ownerReferences = [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true }]
      return { ...workflow, metadata: { ...workflow.metadata, ownerReferences } }
    }
    const kindsFor = (named: KubeObject) =>
      brief(surveyOf([pod('run-1', run(named))], [run(named), named])).map((text) => text.split('/')[0])
    expect(kindsFor(nightly)).toContain('CronWorkflow')
    expect(kindsFor(elsewhere(nightly))).toEqual(['Workflow'])
  })

  test('but the owner of what is in no namespace is found', () => {
    const { namespace: _, ...metadata } = controller('x.dev/v1', 'Pool', 'pool').metadata
    const pool: KubeObject = { apiVersion: 'x.dev/v1', kind: 'Pool', metadata, spec: {} }
    expect(brief(surveyOf([pod('p', claiming(pool))], [pool]))).toEqual(['Pool/pool [p] refuse'])
  })
})
