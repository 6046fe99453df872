import type { Cluster } from '../cluster/cluster.ts'
import type { KubeObject, ObjectRef } from '../domain/object.ts'
import type { Verb } from '../domain/permissions.ts'
import type { Quiesce } from '../domain/workload.ts'
import type { FindingData } from '../words/findings.en.ts'
import type { Wording } from '../words/trouble.ts'
import type { PodTemplate } from './pod-spec.ts'

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
  /** Of one that is stopped by an annotation: what that said before; absent where it was not there. */
  annotation?: string
  /** Of a StatefulSet whose claims would be deleted when it is scaled down: what its policy said (`whenScaled`). */
  whenScaled?: string
  /** Of a pod without an owner: all of it, as the server sent it. */
  manifest?: KubeObject
}

/** A claim that pods mount, by its name in their namespace. */
export interface Mount {
  claim: string
  /** False where it is read-only, in the volume or in every mount. */
  writes: boolean
}

/** What a controller knows its own by, besides the owner that they name. */
export interface Owned {
  kind: string
  name: string
  labels: Record<string, string>
}

/** Why something must not be stopped as it is, in a sentence, and the next thing to try. */
export interface Loss {
  /** What both sentences are made of. */
  data: FindingData<'claims-deleted'>
  why: string
  remedy: string
}

/** How long to wait, in milliseconds. */
export interface Patience {
  timeout: number
  signal?: AbortSignal
}

/**
 * How a workload is stopped and started again. Both may be asked for any number of times, from wherever an earlier run
 * was killed. They change an object only in the version that they have just read; over a cluster that checks the lease
 * before each change, a stale run can therefore not stop what another one has started.
 */
export interface Handling {
  /** Asks for it to be stopped; its pods go later. */
  stop(cluster: Cluster, remembered: Remembered): Promise<void>
  /** Asks for it to be as it was. Returns a sentence where it was left otherwise, because somebody has changed it meanwhile. */
  start(cluster: Cluster, remembered: Remembered, patience: Patience): Promise<Wording | undefined>
  /** True if as many of its pods are ready as were before. */
  isStarted(object: KubeObject, remembered: Remembered): boolean
}

/**
 * By what a workload is stopped, for people and for the commands that they would type:
 * - `scale`: its replicas are set to 0, and back to what they were
 * - `patch`: its spec is changed by a merge patch, and back by another one; `change` says it in a few words
 * - `annotate`: its operator stops it while it has an annotation; `value` is what that says, the time where it is to say since when
 * - `recreate`: it is deleted, and created again from what it was: it is told by its name, for its uid is another then
 */
export type Means =
  | { by: 'scale' }
  | { by: 'patch'; stop: object; start: object; change: string }
  | { by: 'annotate'; annotation: string; value: 'true' | 'the time' }
  | { by: 'recreate' }

/** What is stopped before the swap and started after it. */
export interface Stoppable extends Handling {
  means: Means
  /** True if it stands still because juicify has stopped it; `object` is what has its name now, undefined where nothing has. */
  isLeftStopped(object: KubeObject | undefined): boolean
}

/** How a kind's pods are made anew one by one, by its own controller. */
export interface Rollout {
  /** Why this one cannot be restarted so, as the end of a sentence; undefined where it can. */
  obstacle(object: KubeObject): string | undefined
  /** True if all of its pods are of the newest template, and ready: as `kubectl rollout status` judges it. */
  isOver(object: KubeObject): boolean
  /** How many of its pods are ready. */
  ready(object: KubeObject): number
  /** The words of kubectl that ask for it, in front of the object's name. */
  command: readonly string[]
}

/**
 * One kind of workload, and all that juicify knows of it: what is read, asked permission for, planned, stopped, restarted,
 * started, and said of it is derived from this.
 */
export interface WorkloadKind extends Stoppable {
  /** The API group; empty for the core group. */
  group: string
  kind: string
  /** As RBAC names it: `deployments`. */
  plural: string
  /** The versions in which servers have it, the newest first: what a server has in the one, it has in the others too. */
  versions: readonly [string, ...string[]]
  /** When it is stopped: the lower, the earlier (see STOPPED). */
  rank: number
  /** What juicify does with it besides reading it: to the object, and to subresources of it, by their names. */
  verbs: { object: readonly Verb[]; subresources: Readonly<Record<string, readonly Verb[]>> }
  /** Which are listed, as a label selector, where its operator labels those that have ended: there may be tens of thousands. */
  unended?: string
  /** True where it runs once and comes to an end by itself. */
  comesToAnEnd: boolean
  /** True where what it has made goes on when it is stopped: each of those is a workload of its own. */
  leavesWhatItMade: boolean
  /** What its pods are made from; undefined where there is nothing of the kind. */
  template(object: KubeObject): PodTemplate | undefined
  /** True if its controller takes what names it as its owner for its own: what it makes, with its labels and names. */
  owns(object: KubeObject, owned: Owned): boolean
  /** Which of `claims` its pods mount, or would mount. */
  mounts(object: KubeObject, claims: ReadonlySet<string>): Mount[]
  /** How many pods it asks for; undefined for a kind that does not say that. */
  replicas: ((object: KubeObject) => number) | undefined
  /** Which object it scales, though it does not own it: it would start that again; undefined for a kind that scales none. */
  scales: ((object: KubeObject) => ObjectRef | undefined) | undefined
  /** True if it will start no pods any more although it is there: finished, or a revision of long ago. */
  isPast(object: KubeObject): boolean
  /** True if this very object can be stopped and started again on its server; if not it is work to be finished. */
  canBeStopped(object: KubeObject): boolean
  /** Why this very object cannot, in a sentence, where there is more to say than that. */
  whyNot?(object: KubeObject): string | undefined
  /** Why this very object never comes to an end by itself, in a sentence, though its kind does: there is nothing to wait for. */
  whyEndless?(object: KubeObject): string | undefined
  /** True if its claims would be deleted with its pods, unless the policy that says so is changed for the time that it is stopped. */
  retains(object: KubeObject): boolean
  /** What would be lost if its owner scaled it down, and could not be had back; undefined where nothing is. That one is not stopped then. */
  lossWhenScaled(object: KubeObject): Loss | undefined
  /** True if it is stopped, and not by juicify: it is left alone. */
  isStopped(object: KubeObject): boolean
  /** What is to be known of it to start it again as it is. */
  remember(object: KubeObject): State
  /** How it is restarted pod by pod; undefined for a kind that cannot be. */
  rollout: Rollout | undefined
}

/**
 * The order in which things are stopped: what starts others, so that nothing new comes; work that may take long to end;
 * custom resources, whose operators keep the others up; what serves people; pods without an owner last.
 */
export const STOPPED = {
  schedule: 0,
  run: 1,
  customResource: 2,
  deployment: 3,
  replicaSet: 4,
  replicationController: 5,
  statefulSet: 6,
  daemonSet: 7,
  pod: 9,
} as const
