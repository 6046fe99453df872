import type { Cluster } from '../cluster/cluster.ts'
import type { KubeObject, ObjectRef } from '../domain/object.ts'
import type { Quiesce } from '../domain/workload.ts'

/**
 * What a workload was before juicify stopped it the first time; plain JSON, kept in the record. Of one that juicify has
 * stopped already, its mark (see mark.ts) says what it was, so that a 0 of our own making is never remembered.
 */
export interface Remembered extends State {
  ref: ObjectRef
  quiesce: Quiesce
}

/** A kind's own part of what is remembered. */
export interface State {
  /** It was stopped, suspended, at 0, finished or being deleted before us: it is left alone. */
  stopped: boolean
  replicas?: number
  /** How many of its pods were ready: as many are waited for after the start. Unknown means all. */
  ready?: number
  /** Of one that is restarted pod by pod: the annotation that says since when, as it was. */
  restartedAt?: string
  /** Of a pod without an owner: all of it, as the server sent it. */
  manifest?: KubeObject
}

/** A claim that pods mount, by its name in their namespace. */
export interface Mount {
  claim: string
  /** False where it is read-only, in the volume or in every mount. */
  writes: boolean
}

/** How long to wait, in milliseconds. */
export interface Patience {
  timeout: number
  signal?: AbortSignal
}

/**
 * How one kind of workload is stopped and started again. Stopping and starting may be asked for any number of times, from
 * wherever an earlier run was killed. They change an object only in the version that they have just read; over a cluster
 * that checks the lease before each change, a stale run can therefore not stop what another one has started.
 */
export interface WorkloadKind {
  /** Which of `claims` its pods mount, or would mount. */
  mounts(object: KubeObject, claims: ReadonlySet<string>): Mount[]
  /** True if it is stopped, and not by juicify: it is left alone. */
  isStopped(object: KubeObject): boolean
  /** What is to be known of it to start it again as it is. */
  remember(object: KubeObject): State
  /** Asks for it to be stopped; its pods go later. */
  stop(cluster: Cluster, remembered: Remembered): Promise<void>
  /** Asks for it to be as it was. Returns a sentence where it was left otherwise, because somebody has changed it meanwhile. */
  start(cluster: Cluster, remembered: Remembered, patience: Patience): Promise<string | undefined>
  /** True if as many of its pods are ready as were before. */
  isStarted(object: KubeObject, remembered: Remembered): boolean
}
