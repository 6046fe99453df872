import type { Cluster } from '../cluster/cluster.ts'
import { withRemedy } from '../cluster/errors.ts'
import { describeRef, groupOf, type KubeObject, type ObjectRef } from '../domain/object.ts'
import type { Workload } from '../domain/workload.ts'
import { cronJob } from './cronjob.ts'
import { daemonSet } from './daemonset.ts'
import { deployment } from './deployment.ts'
import { job } from './job.ts'
import { pod } from './pod.ts'
import { replicaSet } from './replicaset.ts'
import { replicationController } from './replicationcontroller.ts'
import { rolling } from './rolling.ts'
import { scalable } from './scalable.ts'
import { statefulSet } from './statefulset.ts'
import { comesToAnEnd, isFinished, unfinished } from './unfinished.ts'
import type { Patience, Remembered, State, WorkloadKind } from './workload-kind.ts'

const KINDS: Readonly<Record<string, WorkloadKind>> = {
  'batch/CronJob': cronJob,
  'apps/Deployment': deployment,
  'apps/ReplicaSet': replicaSet,
  '/ReplicationController': replicationController,
  'apps/StatefulSet': statefulSet,
  'apps/DaemonSet': daemonSet,
  'batch/Job': job,
  '/Pod': pod,
}

/** How a kind of Kubernetes' own is handled, in whichever of its versions; undefined for custom resources. */
export function kindOf(ref: { apiVersion: string; kind: string }): WorkloadKind | undefined {
  return KINDS[`${groupOf(ref.apiVersion)}/${ref.kind}`]
}

function handlerOf({ ref, quiesce }: Pick<Workload, 'ref' | 'quiesce'>): Omit<WorkloadKind, 'remember' | 'isStopped'> {
  if (quiesce === 'rolling') return rolling
  if (quiesce !== 'stop') return unfinished
  return kindOf(ref) ?? scalable
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
  await handlerOf(remembered).stop(cluster, remembered)
}

/**
 * Asks for a workload to be as it was remembered. Returns a sentence for people where it was left otherwise: somebody has
 * scaled, suspended, deleted or replaced it meanwhile. `patience` is for a pod that must be gone before it is made again.
 */
export async function startWorkload(
  cluster: Cluster,
  remembered: Remembered,
  patience: Patience,
): Promise<string | undefined> {
  return handlerOf(remembered).start(cluster, remembered, patience)
}

/** Waits until as many pods of a started workload are ready as were before. Throws DeadlineError. */
export async function waitUntilStarted(cluster: Cluster, remembered: Remembered, patience: Patience): Promise<void> {
  const { ref, stopped } = remembered
  if (stopped) return
  const handler = handlerOf(remembered)
  const { uid: _, ...byName } = ref
  // A pod that was created again has another uid.
  const meant: ObjectRef = handler === pod ? byName : ref
  const what =
    handler === pod ? `${describeRef(ref)} to be ready again` : `the pods of ${describeRef(ref)} to be ready again`
  const isStarted = (now: KubeObject | undefined) => now === undefined || handler.isStarted(now, remembered)
  await withRemedy(
    `See why (kubectl describe pods -n ${ref.namespace}), and run the same command again: it goes on waiting.`,
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
    'Run the same command again, with a longer --timeout: it goes on waiting; or stop that work yourself.',
    cluster.waitFor<KubeObject>(ref, isOver, { ...patience, what: `${describeRef(ref)} to be finished` }),
  )
}
