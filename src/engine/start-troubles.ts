import { pause } from '../cluster/signal.ts'
import { Failure } from '../domain/failure.ts'
import { isReady } from '../domain/node.ts'
import { describeRef, type KubeObject, refOf } from '../domain/object.ts'
import type { Trouble } from '../domain/trouble.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { troubleOf } from '../jobs/pod-trouble.ts'
import { type Event, eventsOf, type Pod } from '../jobs/pods.ts'
import { mountsOfPodSpec, type PodSpec } from '../workloads/pod-spec.ts'
import { byNamespace } from '../workloads/pods.ts'
import { isFinished, listPods } from '../workloads/wait-for-pods.ts'
import type { Remembered } from '../workloads/workload-kind.ts'
import { type GroupRun, recordOf } from './step.ts'

/** Milliseconds before the first look at what does not come back, and between two looks. */
const LOOK = 3_000
/** Max pods that are asked at once why they do not start: their causes are few. */
const MOST = 5

/**
 * Does `work`, which waits for started workloads, and says meanwhile of each pod that is not ready what keeps it from that,
 * and of what makes no pods why; each cause once.
 *
 * @throws what `work` throws; and, once it is done, what went wrong in the looking and is no Failure
 */
export async function tellingTroubles(run: GroupRun, started: Remembered[], work: () => Promise<void>): Promise<void> {
  const over = new AbortController()
  const looking = look(run, started, over.signal)
  // a fault in the looking must not end the process while things are stopped; it is thrown below, after the work
  looking.catch(() => undefined)
  try {
    await work()
  } finally {
    over.abort()
  }
  await looking
}

async function look(run: GroupRun, started: Remembered[], over: AbortSignal): Promise<void> {
  const told = new Set<string>()
  /** What cannot be looked into is waited for all the same; and once the waiting is over, the connection may be closed. */
  const noMatter = (error: unknown): [] => {
    if (over.aborted || error instanceof Failure) return []
    throw error
  }
  const begun = await refusals(run, started).catch(noMatter)
  const before = new Set(begun.map(({ event }) => idOf(event)))
  for (;;) {
    await pause(LOOK, over)
    if (over.aborted) return
    const found = [
      ...(await unready(run).catch(noMatter)),
      ...(await refusals(run, started).catch(noMatter))
        .filter(({ event }) => !before.has(idOf(event)))
        .map(({ object, event }) => ({ object, trouble: troubleOf(undefined, [event]) })),
    ]
    for (const { object, trouble } of found) tell(run, object, trouble, told, over)
  }
}

function tell(run: GroupRun, object: string, trouble: Trouble | undefined, told: Set<string>, over: AbortSignal): void {
  if (!trouble || over.aborted) return
  const { why, remedy } = trouble
  const cause = why.replace(/\d+|"[^"]*"/g, '')
  if (told.has(cause)) return
  told.add(cause)
  run.emit({
    type: 'start-trouble',
    group: run.group.name,
    step: 'start',
    object,
    why,
    ...(remedy === undefined ? {} : { remedy }),
    ...(trouble.in ? { in: trouble.in } : {}),
  })
}

interface Found {
  object: string
  trouble: Trouble | undefined
}

/** The pods that mount claims of the group and are not ready, with what is said of them. */
async function unready(run: GroupRun): Promise<Found[]> {
  const { mountTrouble } = fileSystemOf(recordOf(run).kept.plan.migration.target).driver
  const claims = byNamespace(run.group.volumes.flatMap(({ claim }) => (claim ? [claim.metadata] : [])))
  const lists = await Promise.all(
    [...claims].map(([namespace, names]) =>
      listPods(run.cluster, namespace, (pod) => {
        if (isReady(pod) || isFinished(pod) || pod.metadata.deletionTimestamp) return false
        return mountsOfPodSpec(pod.spec as PodSpec, pod.metadata.name).some(({ claim }) => names.has(claim))
      }),
    ),
  )
  const pods = lists.flatMap((list) => list.pods).slice(0, MOST)
  return Promise.all(
    pods.map(async (listed) => {
      const pod = { ...listed, apiVersion: 'v1', kind: 'Pod' } as Pod
      return {
        object: describeRef(refOf(pod)),
        trouble: troubleOf(pod, await eventsOf(run.cluster, pod), mountTrouble),
      }
    }),
  )
}

/** The events that say that no pod could be made for one of these workloads, or for what it makes pods with. */
async function refusals(run: GroupRun, started: Remembered[]): Promise<{ object: string; event: Event }[]> {
  const namespaces = [...new Set(started.map(({ ref }) => ref.namespace ?? ''))]
  const lists = await Promise.all(
    namespaces.map((namespace) =>
      run.cluster.list<Event & { involvedObject?: { name?: string } }>(
        { apiVersion: 'v1', kind: 'Event' },
        { namespace, fieldSelector: 'reason=FailedCreate' },
      ),
    ),
  )
  return lists.flatMap(({ items }, index) =>
    items.flatMap((event) => {
      const name = event.involvedObject?.name ?? ''
      const of = started.find(
        ({ ref }) => ref.namespace === namespaces[index] && (name === ref.name || name.startsWith(`${ref.name}-`)),
      )
      return of ? [{ object: describeRef(of.ref), event }] : []
    }),
  )
}

function idOf({ metadata, count = 1 }: Event & KubeObject): string {
  return `${metadata.uid} ${count}`
}
