import type { Cluster } from '../cluster/cluster.ts'
import { withRemedy } from '../cluster/errors.ts'
import { describeRef, type KubeObject, type ObjectRef } from '../domain/object.ts'
import type { Workload } from '../domain/workload.ts'
import type { Wording } from '../words/trouble.ts'
import { comesToAnEnd, isFinished, isPod, kindOf } from './kinds.ts'
import { rolling } from './rolling.ts'
import { scalable } from './scalable.ts'
import { unfinished } from './unfinished.ts'
import type { Handling, Patience, Remembered, State, Stoppable } from './workload-kind.ts'

/** How a kind is stopped and started again; a custom resource of which nothing is known by its scale. */
export function stoppableOf(ref: Pick<ObjectRef, 'apiVersion' | 'kind'>): Stoppable {
  return kindOf(ref) ?? scalable
}

/** True for what is deleted and created again: it keeps its name, and gets another uid. */
export function isRecreated(ref: Pick<ObjectRef, 'apiVersion' | 'kind'>): boolean {
  return stoppableOf(ref).means.by === 'recreate'
}

function handlingOf({ ref, quiesce }: Pick<Workload, 'ref' | 'quiesce'>): Handling {
  if (quiesce === 'rolling') return rolling
  if (quiesce !== 'stop') return unfinished
  return stoppableOf(ref)
}

/** What a workload is now, for its group's record; to be asked before anything is stopped. One that is gone is `stopped`. */
export async function rememberWorkload(
  cluster: Cluster,
  { ref, quiesce }: Pick<Workload, 'ref' | 'quiesce'>,
): Promise<Remembered> {
  const object = await cluster.find<KubeObject>(ref)
  return { ref, quiesce, ...(object ? await stateOf(cluster, object, { ref, quiesce }) : { stopped: true }) }
}

async function stateOf(cluster: Cluster, object: KubeObject, of: Pick<Workload, 'ref' | 'quiesce'>): Promise<State> {
  if (of.quiesce === 'rolling') return rolling.remember(object)
  if (of.quiesce !== 'stop') return unfinished.remember(object)
  return kindOf(of.ref)?.remember(object) ?? scalable.remember(cluster, object, of.ref)
}

/**
 * Asks for a workload to be stopped, and does not wait for its pods (waitUntilUnused does). Does nothing where it is
 * stopped, is restarted pod by pod, or is waited for. Throws Refusal where unfinished work is to be refused.
 */
export async function stopWorkload(cluster: Cluster, remembered: Remembered): Promise<void> {
  await handlingOf(remembered).stop(cluster, remembered)
}

/**
 * Asks for a workload to be as it was remembered. Returns a sentence for people where it was left otherwise: somebody has
 * scaled, suspended, deleted or replaced it meanwhile. `patience` is for a pod that must be gone before it is made again.
 */
export async function startWorkload(
  cluster: Cluster,
  remembered: Remembered,
  patience: Patience,
): Promise<Wording | undefined> {
  return handlingOf(remembered).start(cluster, remembered, patience)
}

/** Waits until as many pods of a started workload are ready as were before. Throws DeadlineError. */
export async function waitUntilStarted(cluster: Cluster, remembered: Remembered, patience: Patience): Promise<void> {
  const { ref, quiesce, stopped } = remembered
  if (stopped) return
  const handling = handlingOf(remembered)
  const { uid: _, ...byName } = ref
  const meant: ObjectRef = quiesce === 'stop' && isRecreated(ref) ? byName : ref
  const what: Wording = (say) => say.workload.toBeReady(describeRef(ref), isPod(ref))
  const isStarted = (now: KubeObject | undefined) => now === undefined || handling.isStarted(now, remembered)
  await withRemedy(
    (say) => say.workload.seeWhyWaiting(ref.namespace ?? ''),
    cluster.waitFor<KubeObject>(meant, isStarted, { ...patience, what }),
  )
}

/**
 * Waits until unfinished work that is waited for has come to its end; its pods may take a moment longer, and of what has
 * no end they are all there is to wait for. Throws DeadlineError.
 */
export async function waitUntilFinished(cluster: Cluster, remembered: Remembered, patience: Patience): Promise<void> {
  const { ref, quiesce, stopped } = remembered
  if (stopped || quiesce !== 'wait' || !comesToAnEnd(ref)) return
  const isOver = (now: KubeObject | undefined) => now === undefined || isFinished(now)
  await withRemedy(
    (say) => say.workload.waitOrStop(),
    cluster.waitFor<KubeObject>(ref, isOver, { ...patience, what: (say) => say.workload.toFinish(describeRef(ref)) }),
  )
}
