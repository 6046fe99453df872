import type { ObjectRef } from './object.ts'

/** A pod, reduced to what a migration asks about it; a cluster has many. */
export interface PodUse {
  namespace: string
  name: string
  uid: string
  /** Succeeded and Failed pods are finished: they use nothing any more. */
  phase: string
  deleting: boolean
  node?: string
  labels: Record<string, string>
  /** The object that controls it, and is to be asked in its place. */
  controller?: ObjectRef
  /** Claims of its own namespace that its spec names. */
  claims: string[]
  /** Those of them that it mounts read-only, in the volume or in every mount. */
  readOnlyClaims: string[]
  /** Host paths that it mounts itself, past any volume. */
  hostPaths: string[]
  /** Images of its containers. */
  images: string[]
  /** The group that the kubelet may give volumes to before it starts. */
  fsGroup?: number
  hostNetwork: boolean
  /** Ports of its node on which it listens, as far as its spec says. */
  hostPorts?: number[]
  podIP?: string
}

/** True as long as the pod may still write: neither finished nor gone. */
export function isRunning(pod: Pick<PodUse, 'phase'>): boolean {
  return pod.phase !== 'Succeeded' && pod.phase !== 'Failed'
}

/** What uses a claim: the topmost object that brings its pods into being, or a pod that nothing controls. */
export interface Workload {
  ref: ObjectRef
  labels: Record<string, string>
  /** `namespace/claim` of each claim that its pods mount, or would mount. */
  claims: string[]
  /** The running pods that it has now; empty where it is scaled to 0. */
  pods: string[]
  /** Stopped, suspended or at 0 already: it is left alone. */
  stopped: boolean
  /** What its spec asks for, where it is of a kind that can be scaled. */
  replicas?: number
  /** How it is to be handled while its volumes move. */
  quiesce: Quiesce
  /** Why it is handled so, in one sentence, where that is not what was asked for or is not plain. */
  reason?: string
  /** Those of `claims` that its pods could write to. */
  writes: string[]
  /** For whom it runs, where a label of it says so (cube-studio's `user`, `username`, `run-rtx`). */
  user?: string
}

/**
 * - `stop`: stopped before the swap, started after it
 * - `rolling`: not stopped; restarted pod by pod after the swap
 * - `wait`: cannot be stopped and started again; waited for until it is finished
 * - `refuse`: the same, but the group is blocked while it runs
 * - `delete`: the same, but it is deleted, and not made again
 */
export type Quiesce = 'stop' | 'rolling' | 'wait' | 'refuse' | 'delete'
