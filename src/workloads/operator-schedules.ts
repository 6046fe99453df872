import type { KubeObject } from '../domain/object.ts'
import { mountsAnywhere } from './pod-spec.ts'
import { suspendable, suspendableBy } from './suspend.ts'
import { STOPPED, type WorkloadKind } from './workload-kind.ts'

/** What starts the runs of an operator by a clock. Suspended, it starts none; those that there are go on, and are workloads of their own. */
function scheduleOf(...runs: string[]): Omit<WorkloadKind, 'group' | 'kind' | 'plural' | 'versions'> {
  return {
    ...suspendable,
    rank: STOPPED.schedule,
    verbs: { object: ['patch'], subresources: {} },
    comesToAnEnd: false,
    leavesWhatItMade: true,
    template: () => undefined,
    owns: (_, { kind }) => runs.includes(kind),
    mounts: mountsAnywhere,
    isPast: () => false,
    canBeStopped: () => true,
    // it has no pods of its own to wait for
    isStarted: () => true,
  }
}

/** https://argo-workflows.readthedocs.io/en/latest/cron-workflows/ */
const cronWorkflow: WorkloadKind = {
  ...scheduleOf('Workflow'),
  group: 'argoproj.io',
  kind: 'CronWorkflow',
  plural: 'cronworkflows',
  versions: ['v1alpha1'],
}

/** https://github.com/kubeflow/spark-operator/blob/master/docs/api-docs.md */
const scheduledSparkApplication: WorkloadKind = {
  ...scheduleOf('SparkApplication'),
  group: 'sparkoperator.k8s.io',
  kind: 'ScheduledSparkApplication',
  plural: 'scheduledsparkapplications',
  versions: ['v1beta2'],
}

/** Of Kubeflow Pipelines; what is not enabled starts nothing. */
const scheduledWorkflow: WorkloadKind = {
  ...scheduleOf('Workflow'),
  ...suspendableBy({
    off: { enabled: false },
    on: { enabled: true },
    isOff: (object: KubeObject) => (object.spec as { enabled?: boolean } | undefined)?.enabled !== true,
    change: 'enabled true → false → true',
  }),
  group: 'kubeflow.org',
  kind: 'ScheduledWorkflow',
  plural: 'scheduledworkflows',
  versions: ['v1beta1'],
}

/** https://docs.ray.io/en/latest/cluster/kubernetes/ */
const rayCronJob: WorkloadKind = {
  ...scheduleOf('RayJob'),
  group: 'ray.io',
  kind: 'RayCronJob',
  plural: 'raycronjobs',
  versions: ['v1'],
}

/** https://volcano.sh/en/docs/, from Volcano 1.13 on */
const volcanoCronJob: WorkloadKind = {
  ...scheduleOf('Job'),
  group: 'batch.volcano.sh',
  kind: 'CronJob',
  plural: 'cronjobs',
  versions: ['v1alpha1'],
}

/** https://openkruise.io/docs/user-manuals/advancedcronjob */
const advancedCronJob: WorkloadKind = {
  ...scheduleOf('Job', 'BroadcastJob'),
  ...suspendableBy({
    off: { paused: true },
    on: { paused: false },
    isOff: (object: KubeObject) => (object.spec as { paused?: boolean } | undefined)?.paused === true,
    change: 'paused false → true → false',
  }),
  group: 'apps.kruise.io',
  kind: 'AdvancedCronJob',
  plural: 'advancedcronjobs',
  versions: ['v1alpha1'],
}

/** What operators start by a clock. */
export const OPERATOR_SCHEDULES: readonly WorkloadKind[] = [
  cronWorkflow,
  scheduledSparkApplication,
  scheduledWorkflow,
  rayCronJob,
  volcanoCronJob,
  advancedCronJob,
]
