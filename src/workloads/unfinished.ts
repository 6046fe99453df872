import { Failure } from '../domain/failure.ts'
import { describeRef, groupOf, type KubeObject } from '../domain/object.ts'
import type { Mount, WorkloadKind } from './workload-kind.ts'

/** Kinds that run once and come to an end, as `group/Kind`; all others of an operator go on until someone ends them. */
const COMES_TO_AN_END = new Set([
  'batch/Job',
  'argoproj.io/Workflow',
  'batch.volcano.sh/Job',
  'kubeflow.org/TFJob',
  'kubeflow.org/PyTorchJob',
  'kubeflow.org/MPIJob',
  'kubeflow.org/XGBoostJob',
  'kubeflow.org/MXJob',
  'kubeflow.org/PaddleJob',
  'kubeflow.org/Experiment',
  'kubeflow.org/Trial',
  'sparkoperator.k8s.io/SparkApplication',
  'ray.io/RayJob',
])

export function comesToAnEnd(ref: { apiVersion: string; kind: string }): boolean {
  return COMES_TO_AN_END.has(`${groupOf(ref.apiVersion)}/${ref.kind}`)
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

/** True if its status says that it has come to its end: it will start no pods any more. */
export function isFinished(object: KubeObject): boolean {
  if (!comesToAnEnd(object)) return false
  const status = (object.status ?? {}) as EndingStatus
  const words = [status.phase, status.state?.phase, status.applicationState?.state, status.jobStatus]
  return (
    words.some((word) => word !== undefined && ENDED.test(word)) ||
    Boolean(status.finishedAt ?? status.completionTime) ||
    (status.conditions ?? []).some(({ type, status: now }) => now === 'True' && ENDED.test(type))
  )
}

/**
 * Work that cannot be stopped and started again: Jobs of servers that cannot suspend them, and the runs of operators
 * (Argo Workflow, Volcano job, TFJob, PyTorchJob, MPIJob). It is waited for, refused, or deleted.
 */
export const unfinished: WorkloadKind = {
  mounts: mountsAnywhere,
  isStopped: () => false,
  remember: (object) => ({ stopped: isFinished(object) }),
  async stop(cluster, { ref, quiesce, stopped }) {
    if (stopped) return
    if (quiesce === 'delete') return cluster.delete(ref, { propagation: 'Background' })
    if (quiesce !== 'refuse') return
    const object = await cluster.find<KubeObject>(ref)
    if (!object || isFinished(object)) return
    throw new Failure(`${describeRef(ref)} is not finished, and cannot be stopped and started again.`, {
      remedy:
        'Wait until it is finished, or say in the migration that it is to be waited for (quiesce.unfinished: wait).',
    })
  },
  async start() {
    return undefined
  },
  isStarted: () => true,
}

/** Volumes in any place of a custom resource: as in a pod's spec, or as Volcano names them. */
export function mountsAnywhere(object: KubeObject, claims: ReadonlySet<string>): Mount[] {
  const found = new Map<string, boolean>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { persistentVolumeClaim, volumeClaimName } = value as {
      persistentVolumeClaim?: { claimName?: unknown; readOnly?: unknown }
      volumeClaimName?: unknown
    }
    note(persistentVolumeClaim?.claimName, persistentVolumeClaim?.readOnly !== true)
    note(volumeClaimName, true)
    for (const part of Object.values(value)) visit(part)
  }
  const note = (claim: unknown, writes: boolean): void => {
    if (typeof claim === 'string' && claims.has(claim)) found.set(claim, writes || (found.get(claim) ?? false))
  }
  visit(object.spec)
  return [...found].map(([claim, writes]) => ({ claim, writes }))
}
