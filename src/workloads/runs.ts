import { groupOf, type KubeObject } from '../domain/object.ts'

/** A kind of custom resource that runs once and comes to an end. */
export interface RunKind {
  group: string
  kind: string
  /** As RBAC names it. */
  plural: string
}

/** Those of the operators that cube-studio uses; all other custom resources go on until someone ends them. */
export const RUN_KINDS: readonly RunKind[] = [
  { group: 'argoproj.io', kind: 'Workflow', plural: 'workflows' },
  { group: 'batch.volcano.sh', kind: 'Job', plural: 'jobs' },
  { group: 'kubeflow.org', kind: 'Experiment', plural: 'experiments' },
  { group: 'kubeflow.org', kind: 'MPIJob', plural: 'mpijobs' },
  { group: 'kubeflow.org', kind: 'MXJob', plural: 'mxjobs' },
  { group: 'kubeflow.org', kind: 'PaddleJob', plural: 'paddlejobs' },
  { group: 'kubeflow.org', kind: 'PyTorchJob', plural: 'pytorchjobs' },
  { group: 'kubeflow.org', kind: 'TFJob', plural: 'tfjobs' },
  { group: 'kubeflow.org', kind: 'Trial', plural: 'trials' },
  { group: 'kubeflow.org', kind: 'XGBoostJob', plural: 'xgboostjobs' },
  { group: 'ray.io', kind: 'RayJob', plural: 'rayjobs' },
  { group: 'sparkoperator.k8s.io', kind: 'SparkApplication', plural: 'sparkapplications' },
]

const KNOWN = new Set(RUN_KINDS.map(({ group, kind }) => `${group}/${kind}`))

export function isRunKind({ apiVersion, kind }: { apiVersion: string; kind: string }): boolean {
  return KNOWN.has(`${groupOf(apiVersion)}/${kind}`)
}

/** What the operators of those kinds write into the status, as far as it says that the work has ended, well or badly. */
interface EndingStatus {
  phase?: string
  state?: { phase?: string }
  applicationState?: { state?: string }
  jobStatus?: string
  finishedAt?: string | null
  completionTime?: string | null
  conditions?: { type: string; status: string }[]
}
const ENDED = /^(Succeeded|Completed|Complete|Failed|Error|Aborted|Terminated|Stopped)$/i

/** True if the status of something that comes to an end says that it has: it will start no pods any more. */
export function hasEnded(object: KubeObject): boolean {
  const status = (object.status ?? {}) as EndingStatus
  const words = [status.phase, status.state?.phase, status.applicationState?.state, status.jobStatus]
  return (
    words.some((word) => word !== undefined && ENDED.test(word)) ||
    Boolean(status.finishedAt ?? status.completionTime) ||
    (status.conditions ?? []).some(({ type, status: now }) => now === 'True' && ENDED.test(type))
  )
}
