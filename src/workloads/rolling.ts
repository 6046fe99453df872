import type { Cluster } from '../cluster/cluster.ts'
import { DeadlineError, withRemedy } from '../cluster/errors.ts'
import { Failure } from '../domain/failure.ts'
import { describeRef, type KubeObject, type ObjectRef, sameObject } from '../domain/object.ts'
import { isRunning } from '../domain/workload.ts'
import { worded } from '../words/trouble.ts'
import { kindOf, WORKLOAD_KINDS } from './kinds.ts'
import { updateMarked } from './mark.ts'
import { Owners } from './owner.ts'
import type { Pod } from './pod.ts'
import { isObserved } from './rollout.ts'
import { listPods, waitUntilNone } from './wait-for-pods.ts'
import type { Handling, Patience, Remembered, Rollout, State } from './workload-kind.ts'

/** The annotation of the pod template that `kubectl rollout restart` sets. */
export const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt'

/** Of one that is restarted pod by pod nothing is stopped and nothing started; `restart` does what there is to do. */
export const rolling: Handling & { remember(object: KubeObject): State } = {
  remember(object) {
    const restartedAt = restartedAtOf(object)
    const stopped = kindOf(object)?.replicas?.(object) === 0
    return { stopped, ...(restartedAt === undefined ? {} : { restartedAt }) }
  },
  async stop() {},
  async start() {
    return undefined
  },
  isStarted: (object) => isRolledOut(object),
}

/** Why a workload cannot be restarted pod by pod, in one sentence; undefined where it can. */
export function whyNotRolling(ref: ObjectRef, object: KubeObject | undefined): string | undefined {
  const cannot = `${describeRef(ref)} cannot be restarted pod by pod`
  const rollout = kindOf(ref)?.rollout
  if (!object || !rollout) {
    const able = WORKLOAD_KINDS.flatMap(({ kind, rollout }) => (rollout ? [`a ${kind}`] : []))
    return `${cannot}: only ${able.slice(0, -1).join(', ')} and ${able.at(-1)} can.`
  }
  const obstacle = rollout.obstacle(object)
  return obstacle === undefined ? undefined : `${cannot}: ${obstacle}.`
}

export interface RestartOptions extends Patience {
  /**
   * When the volumes were swapped, by the server's clock, as RFC 3339: the latest creationTimestamp of their PVs. Pods
   * that were created up to then may have the other volumes.
   */
  since: string
  /** Pods that were created before this have never had any other volume; all have to be restarted where it is not given. */
  from?: string
  /** Taking a migration back: the template is restored to what it was, which restarts the pods as well. */
  back?: boolean
}

/**
 * Restarts a workload's pods one by one, as `kubectl rollout restart` does, until none is left that may have the other
 * volumes. How many are ready at any time is the business of its own update strategy. Run again it goes on, and does
 * nothing when done, or where the workload is gone. Returns for how many milliseconds none of its pods was ready, as far
 * as its status told; undefined where there is nothing to restart. Throws DeadlineError, and Failure where its rollout has
 * failed.
 */
export async function restart(
  cluster: Cluster,
  remembered: Remembered,
  options: RestartOptions,
): Promise<number | undefined> {
  const { ref, stopped, restartedAt } = remembered
  const object = await cluster.find<KubeObject>(ref)
  if (stopped || !object) return undefined
  const down = new DownTime(object)
  const old = await oldPods(cluster, ref, options)
  const wanted = options.back ? restartedAt : options.since
  if (restartedAtOf(object) !== wanted && (options.back || old.some(isStaying))) await annotate(cluster, ref, wanted)
  await awaitRollout(cluster, ref, down, options)
  // The template said it already, and pods are left that are older: they are restarted all the same.
  if ((await oldPods(cluster, ref, options)).some((pod) => isStaying(pod) && isOneOf(old, pod))) {
    await annotate(cluster, ref, new Date().toISOString())
    await awaitRollout(cluster, ref, down, options)
    if (options.back) await annotate(cluster, ref, wanted)
    await awaitRollout(cluster, ref, down, options)
  }
  await awaitGone(cluster, ref, old, options)
  return down.milliseconds
}

/** The running pods of a workload that may have the other volumes. */
async function oldPods(cluster: Cluster, ref: ObjectRef, { since, from = '', back }: RestartOptions): Promise<Pod[]> {
  const isOld = ({ metadata: { creationTimestamp = '', annotations }, status }: Pod) =>
    creationTimestamp <= since &&
    creationTimestamp >= from &&
    // Made by the restart after that very swap, if in the same second.
    (back || annotations?.[RESTARTED_AT] !== since) &&
    isRunning({ phase: status?.phase ?? 'Pending' })
  const { pods } = await listPods(cluster, ref.namespace ?? '', isOld)
  const owners = new Owners(cluster)
  const tops = await Promise.all(pods.map((pod) => owners.topLevelOwnerOf(pod)))
  return pods.filter((_, index) => {
    const top = tops[index]
    return top !== undefined && sameObject(top, ref)
  })
}

function isStaying({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp === undefined
}

function isOneOf(pods: Pod[], { metadata }: Pod): boolean {
  return pods.some((pod) => pod.metadata.uid === metadata.uid)
}

async function annotate(cluster: Cluster, ref: ObjectRef, restartedAt: string | undefined): Promise<void> {
  const annotations = { [RESTARTED_AT]: restartedAt ?? null }
  await updateMarked(cluster, ref, (object) =>
    restartedAtOf(object) === restartedAt ? undefined : { spec: { template: { metadata: { annotations } } } },
  )
}

/** Counts for how long a workload that had ready pods has none, as it is seen. */
class DownTime {
  milliseconds = 0
  #since: number | undefined
  readonly #counts: boolean

  constructor(object: KubeObject) {
    this.#counts = readyOf(object) > 0
  }

  see(object: KubeObject): void {
    if (!this.#counts) return
    const now = performance.now()
    if (this.#since !== undefined) this.milliseconds += Math.round(now - this.#since)
    this.#since = readyOf(object) === 0 ? now : undefined
  }
}

function readyOf(object: KubeObject): number {
  return rolloutOf(object).ready(object)
}

async function awaitRollout(cluster: Cluster, ref: ObjectRef, down: DownTime, patience: Patience): Promise<void> {
  const name = describeRef(ref)
  const isOver = (now: KubeObject | undefined) => {
    if (now) down.see(now)
    return now === undefined || isRolledOut(now) || hasFailed(now)
  }
  const object = await withRemedy(
    (say) => say.workload.seeWhyWaiting(ref.namespace ?? ''),
    cluster.waitFor<KubeObject>(ref, isOver, { ...patience, what: (say) => say.workload.toBeRestarted(name) }),
  )
  if (!object || !hasFailed(object)) return
  throw new Failure(...worded((say) => say.workload.rolloutFailed(name, ref.namespace ?? '')))
}

async function awaitGone(cluster: Cluster, ref: ObjectRef, old: Pod[], patience: Patience): Promise<void> {
  const isOne = (pod: Pod) => isOneOf(old, pod)
  const left = await waitUntilNone(cluster, { namespaces: [ref.namespace ?? ''], isOne }, patience)
  if (left.length === 0) return
  const names = left.map(({ metadata }) => metadata.name)
  throw new DeadlineError(...worded((say) => say.workload.oldPodsStay(describeRef(ref), names)))
}

/** True if all pods of a workload are of its newest template, and ready. */
export function isRolledOut(object: KubeObject): boolean {
  return rolloutOf(object).isOver(object)
}

function rolloutOf(object: KubeObject): Rollout {
  const rollout = kindOf(object)?.rollout
  if (!rollout) throw new Failure(...worded((say) => say.workload.noRollout(object.kind, object.apiVersion)))
  return rollout
}

function hasFailed(object: KubeObject): boolean {
  if (!isObserved(object)) return false
  const { status } = object as { status?: { conditions?: { type: string; reason?: string }[] } }
  return (status?.conditions ?? []).some(
    ({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded',
  )
}

function restartedAtOf(object: KubeObject): string | undefined {
  return kindOf(object)?.template(object)?.metadata?.annotations?.[RESTARTED_AT]
}
