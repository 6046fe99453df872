import { groupOf, type KubeObject, type ObjectRef } from '../domain/object.ts'
import { cronJob } from './cronjob.ts'
import { daemonSet } from './daemonset.ts'
import { deployment } from './deployment.ts'
import { job } from './job.ts'
import { scaledJob, scaledObject } from './keda.ts'
import { notebook } from './notebook.ts'
import { OPERATOR_RUNS } from './operator-runs.ts'
import { OPERATOR_SCHEDULES } from './operator-schedules.ts'
import { pod } from './pod.ts'
import { rayCluster } from './raycluster.ts'
import { replicaSet } from './replicaset.ts'
import { replicationController } from './replicationcontroller.ts'
import { hasEnded } from './runs.ts'
import { statefulSet } from './statefulset.ts'
import { STOPPED, type WorkloadKind } from './workload-kind.ts'

/** The kinds of workload that juicify knows by name, each in a file of its own. */
export const WORKLOAD_KINDS: readonly WorkloadKind[] = [
  cronJob,
  ...OPERATOR_SCHEDULES,
  scaledObject,
  scaledJob,
  job,
  ...OPERATOR_RUNS,
  notebook,
  rayCluster,
  deployment,
  replicaSet,
  replicationController,
  statefulSet,
  daemonSet,
  pod,
]

/** Those of them that bring pods into being. */
export const CONTROLLER_KINDS = WORKLOAD_KINDS.filter((kind) => kind !== pod)

type Which = Pick<ObjectRef, 'apiVersion' | 'kind'>

const BY_NAME = new Map(WORKLOAD_KINDS.map((known) => [`${known.group}/${known.kind}`, known]))

/** What is known of a kind, in whichever of its versions; undefined for a custom resource that is not among them. */
export function kindOf({ apiVersion, kind }: Which): WorkloadKind | undefined {
  return BY_NAME.get(`${groupOf(apiVersion)}/${kind}`)
}

/** The apiVersions in which servers have a kind, the newest first. */
export function apiVersionsOf({ group, versions }: WorkloadKind): string[] {
  return versions.map((version) => (group === '' ? version : `${group}/${version}`))
}

/** True for a pod itself, which nothing brings into being. */
export function isPod(ref: Which): boolean {
  return kindOf(ref) === pod
}

/** True for kinds that run once; all others go on until someone ends them. */
export function comesToAnEnd(ref: Which): boolean {
  return kindOf(ref)?.comesToAnEnd === true
}

/** True if it is of a kind that comes to an end, and has: it will start no pods any more. */
export function isFinished(object: KubeObject): boolean {
  return comesToAnEnd(object) && hasEnded(object)
}

/** When something of this kind is stopped: the lower, the earlier. */
export function rankOf(ref: Which): number {
  return kindOf(ref)?.rank ?? STOPPED.customResource
}
