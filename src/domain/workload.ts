import type { ObjectRef } from './object.ts'

/** A pod, reduced to what a migration asks about it; a cluster has many. */
export interface PodUse {
  namespace: string
  name: string
  uid: string
  /** Succeeded and Failed pods are finished: they use nothing any more. */
  phase: string
  /** Its condition Ready is met. */
  ready?: true
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
  /** What keeps it there when it is deleted, Kubernetes' own left out; absent where that is nothing. */
  finalizers?: string[]
  /** The group that the kubelet may give volumes to before it starts. */
  fsGroup?: number
  /** What its spec asks for that a CSI volume gets otherwise than a host path; absent where that is nothing. */
  wishes?: VolumeWishes
  /** What its spec says of the nodes that it may run on; absent where that is nothing. */
  scheduling?: Scheduling
  hostNetwork: boolean
  /** Ports of its node on which it listens, as far as its spec says. */
  hostPorts?: number[]
  podIP?: string
}

/** What a pod's spec asks the kubelet for with its volumes, besides mounting them. */
export interface VolumeWishes {
  /** Claims whose mounts pass on what is mounted below them (`mountPropagation` other than None). */
  propagated?: string[]
  /** Directories of claims that it mounts in place of the whole; `path` is absent where each pod makes it up (`subPathExpr`). */
  subPaths?: { claim: string; path?: string }[]
  /** It says itself by which SELinux label it may read its volumes. */
  seLinux?: true
}

/** What a pod's spec says of the nodes that it may run on. */
export interface Scheduling {
  nodeSelector?: Record<string, string>
  affinity?: unknown
  tolerations?: { key?: string; operator?: string; effect?: string; tolerationSeconds?: number; value?: string }[]
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
  /** What would be lost with it: a StatefulSet's claims, by the policy that its owner has set; with the command that shows it. */
  loss?: { statefulSet: string; owner?: string; command: string }
  /** Kubernetes would delete its claims if it were scaled to 0: it is told to retain them while it is stopped. */
  retains?: true
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
