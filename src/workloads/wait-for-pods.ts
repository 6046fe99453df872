import type { Cluster, Kind } from '../cluster/cluster.ts'
import type { KubeObject } from '../domain/object.ts'
import { isRunning } from '../domain/workload.ts'
import type { Pod } from './pod.ts'
import type { Patience } from './workload-kind.ts'

export const POD: Kind = { apiVersion: 'v1', kind: 'Pod' }

/** Which pods are waited for. */
export interface Awaited {
  namespaces: readonly string[]
  /** Asked of every pod of those namespaces, in any state. */
  isOne(pod: Pod): boolean
  /** Those of them that count, where that is not to be seen of the pods alone. */
  thatCount?(pods: Pod[]): Promise<Pod[]>
}

/** Waits until none of the pods is there. Returns those that are left when the time is over. */
export async function waitUntilNone(
  cluster: Cluster,
  awaited: Awaited,
  options: Patience & { onWaiting?: (pods: Pod[]) => Promise<void> },
): Promise<Pod[]> {
  const { namespaces, isOne, thatCount = async (pods) => pods } = awaited
  const lists = await Promise.all(namespaces.map((namespace) => listPods(cluster, namespace, isOne)))
  const there = new Map(lists.flatMap(({ pods }) => pods.map((pod) => [uidOf(pod), pod] as const)))
  // a watch that is given up takes its connection with it
  if ((await thatCount([...there.values()])).length === 0) return []
  const stop = new AbortController()
  const deadline = cluster.deadline(options.timeout)
  const ended = abortOf([deadline.signal, ...(options.signal ? [options.signal] : [])], stop.signal)
  let bell = newBell()
  const follow = async (namespace: string, { pods, resourceVersion }: PodList) => {
    const watch = { namespace, resourceVersion, known: pods, signal: stop.signal }
    for await (const { type, object } of cluster.watch<Pod>(POD, watch)) {
      const before = there.get(uidOf(object))
      const after = type !== 'DELETED' && isOne(object) ? object : undefined
      if (after) there.set(uidOf(after), after)
      else there.delete(uidOf(object))
      if (isOtherwise(before, after)) bell.ring()
    }
  }
  const followed = namespaces.map((namespace, index) => follow(namespace, lists[index] ?? NO_PODS))
  const followers = Promise.all(followed).then(() => 'ended' as const)
  // Whoever waits below hears of its failure; until then it must not count as unheard of.
  followers.catch(() => {})
  try {
    for (;;) {
      bell = newBell()
      const left = await thatCount([...there.values()])
      if (left.length === 0) return []
      await options.onWaiting?.(left)
      if ((await Promise.race([bell.rung, ended, followers])) === 'ended') break
    }
  } finally {
    deadline.clear()
    stop.abort()
  }
  options.signal?.throwIfAborted()
  return thatCount([...there.values()])
}

/** True if a pod came, went, is being deleted now, or has finished. */
function isOtherwise(before: Pod | undefined, after: Pod | undefined): boolean {
  if (!before || !after) return before !== after
  return (
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp || isFinished(before) !== isFinished(after)
  )
}

/** True if its containers have ended, and none will be started any more. */
export function isFinished({ status }: Pod): boolean {
  return !isRunning({ phase: status?.phase ?? 'Pending' })
}

interface Bell {
  ring(): void
  rung: Promise<void>
}

function newBell(): Bell {
  let ring = () => {}
  const rung = new Promise<void>((resolve) => {
    ring = resolve
  })
  return { ring, rung }
}

function abortOf(signals: AbortSignal[], until: AbortSignal): Promise<'ended'> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve('ended')
      signal.addEventListener('abort', () => resolve('ended'), { once: true, signal: until })
    }
  })
}

export interface PodList {
  pods: Pod[]
  resourceVersion: string
}
const NO_PODS: PodList = { pods: [], resourceVersion: '' }

/** The pods of a namespace that count, without holding all the others. */
export async function listPods(cluster: Cluster, namespace: string, concerns: (pod: Pod) => boolean): Promise<PodList> {
  const pods: Pod[] = []
  const onPage = (items: KubeObject[]) => {
    pods.push(...(items as Pod[]).filter(concerns))
  }
  const { resourceVersion } = await cluster.list(POD, { namespace, onPage })
  return { pods, resourceVersion }
}

/** Tells pods of the same name apart. */
export function uidOf(pod: Pod): string {
  return pod.metadata.uid ?? `${pod.metadata.namespace}/${pod.metadata.name}`
}
