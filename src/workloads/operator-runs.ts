import type { KubeObject } from '../domain/object.ts'
import { queueOf } from './kueue.ts'
import { mountsAnywhere } from './pod-spec.ts'
import { hasEnded } from './runs.ts'
import { isSuspended, suspendable, suspendableBy } from './suspend.ts'
import { STOPPED, type WorkloadKind } from './workload-kind.ts'

type Name = Pick<WorkloadKind, 'group' | 'kind' | 'plural' | 'versions'>
type Suspension = Pick<WorkloadKind, keyof typeof suspendable | 'canBeStopped' | 'isStarted'>

interface Spec {
  runPolicy?: { suspend?: boolean }
  shutdownAfterJobFinishes?: boolean
  clusterSelector?: object
  restartPolicy?: { type?: string }
}

/** What an operator runs once, in pods of its own or of what it makes. */
function run(name: Name, suspension: Suspension): WorkloadKind {
  return {
    ...suspension,
    ...name,
    rank: STOPPED.run,
    // deleted where the migration says so of unfinished work
    verbs: { object: ['patch', 'delete'], subresources: {} },
    comesToAnEnd: true,
    leavesWhatItMade: false,
    template: () => undefined,
    owns: () => true,
    mounts: mountsAnywhere,
    isPast: hasEnded,
    ...heldByKueue(suspension),
  }
}

/** Whom Kueue starts can neither be suspended by another, nor is one that is suspended at rest. */
export function heldByKueue({ canBeStopped, isStopped }: Pick<WorkloadKind, 'canBeStopped' | 'isStopped'>) {
  return {
    canBeStopped: (object: KubeObject) => queueOf(object) === undefined && canBeStopped(object),
    isStopped: (object: KubeObject) => queueOf(object) === undefined && isStopped(object),
    whyNot(object: KubeObject) {
      const queue = queueOf(object)
      return queue === undefined
        ? undefined
        : `Kueue starts and suspends it, from its queue ${queue}: what another suspends, it starts again.`
    },
  }
}

/** It has no way of being stopped and started again that its operator documents, or none that keeps what it has done. */
const NOT_SUSPENDABLE: Suspension = {
  ...suspendable,
  isStopped: () => false,
  canBeStopped: () => false,
  isStarted: () => true,
}

/** By `spec.suspend`: its pods go, and new ones come when it goes on. */
const BY_SPEC: Suspension = {
  ...suspendable,
  canBeStopped: () => true,
  isStarted: (object) => hasEnded(object) || !isSuspended(object),
}

const isPolicyOff = (object: KubeObject) => (object.spec as Spec | undefined)?.runPolicy?.suspend === true

/**
 * By `spec.runPolicy.suspend`, which the training operator has from 1.7 on and the MPI operator from 0.4 on. They default it to
 * false, so that every object shows it; where a server shows none it does not know it, and drops it.
 */
const BY_RUN_POLICY: Suspension = {
  ...suspendableBy({
    off: { runPolicy: { suspend: true } },
    on: { runPolicy: { suspend: false } },
    isOff: isPolicyOff,
    change: 'runPolicy.suspend false → true → false',
  }),
  canBeStopped: (object) => (object.spec as Spec | undefined)?.runPolicy?.suspend !== undefined,
  isStarted: (object) => hasEnded(object) || !isPolicyOff(object),
}

/** KubeRay takes the cluster of a suspended RayJob away, and refuses to where it would not do so at the job's end, or did not make it. */
const OF_RAY: Suspension = {
  ...BY_SPEC,
  canBeStopped(object) {
    const { shutdownAfterJobFinishes, clusterSelector } = (object.spec ?? {}) as Spec
    return shutdownAfterJobFinishes === true && clusterSelector === undefined
  },
}

const kubeflow = (kind: string, suspension: Suspension, ...versions: [string, ...string[]]): WorkloadKind =>
  run({ group: 'kubeflow.org', kind, plural: `${kind.toLowerCase()}s`, versions }, suspension)

/**
 * The runs of the operators that cube-studio uses and of those that take their place.
 * https://jobset.sigs.k8s.io/docs/concepts/, https://www.kubeflow.org/docs/components/trainer/,
 * https://docs.ray.io/en/latest/cluster/kubernetes/
 */
export const OPERATOR_RUNS: readonly WorkloadKind[] = [
  {
    ...run({ group: 'argoproj.io', kind: 'Workflow', plural: 'workflows', versions: ['v1alpha1'] }, NOT_SUSPENDABLE),
    unended: 'workflows.argoproj.io/completed!=true',
    whyEndless: (object) =>
      isSuspended(object) ? 'It is suspended, and goes on only when somebody resumes it.' : undefined,
  },
  {
    ...run({ group: 'batch.volcano.sh', kind: 'Job', plural: 'jobs', versions: ['v1alpha1'] }, NOT_SUSPENDABLE),
    // a command is an object without a version: one that comes late would abort what another run has resumed
    whyNot: () => 'Volcano suspends it by a command (vcctl job suspend), which juicify does not give.',
  },
  run({ group: 'jobset.x-k8s.io', kind: 'JobSet', plural: 'jobsets', versions: ['v1alpha2'] }, BY_SPEC),
  run({ group: 'trainer.kubeflow.org', kind: 'TrainJob', plural: 'trainjobs', versions: ['v1alpha1'] }, BY_SPEC),
  run({ group: 'ray.io', kind: 'RayJob', plural: 'rayjobs', versions: ['v1', 'v1alpha1'] }, OF_RAY),
  {
    ...run(
      {
        group: 'sparkoperator.k8s.io',
        kind: 'SparkApplication',
        plural: 'sparkapplications',
        versions: ['v1beta2'],
      },
      NOT_SUSPENDABLE,
    ),
    whyEndless: (object) =>
      (object.spec as Spec | undefined)?.restartPolicy?.type === 'Always'
        ? 'Its restartPolicy is Always: its operator starts it again whenever it has ended.'
        : undefined,
  },
  kubeflow('Experiment', NOT_SUSPENDABLE, 'v1beta1'),
  kubeflow('Trial', NOT_SUSPENDABLE, 'v1beta1'),
  kubeflow('MPIJob', BY_RUN_POLICY, 'v2beta1', 'v1', 'v1alpha2'),
  kubeflow('PyTorchJob', BY_RUN_POLICY, 'v1'),
  kubeflow('TFJob', BY_RUN_POLICY, 'v1'),
  kubeflow('XGBoostJob', BY_RUN_POLICY, 'v1'),
  kubeflow('MXJob', BY_RUN_POLICY, 'v1'),
  kubeflow('PaddleJob', BY_RUN_POLICY, 'v1'),
  kubeflow('JAXJob', BY_RUN_POLICY, 'v1'),
]
