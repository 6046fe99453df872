import type { Cluster } from '../cluster/cluster.ts'
import { Failure } from '../domain/failure.ts'
import { describeRef, type KubeObject } from '../domain/object.ts'
import { markOf } from '../workloads/mark.ts'
import type { Remembered } from '../workloads/workload-kind.ts'
import { type GroupRecord, readRecord } from './record.ts'

/**
 * The workloads of a group that juicify has stopped and that stand still now, by name, as the cluster shows them: a run
 * that failed half way has stopped some, or started some again. What cannot be seen is named with a word that says so.
 */
export async function leftStopped(cluster: Cluster, group: string, asWritten: GroupRecord): Promise<string[]> {
  // the answer to the last write of it may have been lost
  const record = await orElse(readRecord(cluster, group), asWritten)
  if (!record) return []
  const { kept, state } = record
  const mayBe = kept.workloads.filter(({ quiesce, stopped }) => quiesce === 'stop' && !stopped)
  const named = await Promise.all(
    mayBe.map(async (workload) => {
      const name = describeRef(workload.ref)
      const stopped = await orElse(isStopped(cluster, workload, state.stopping), UNSEEN)
      if (stopped === UNSEEN) return [`${name} (${UNSEEN})`]
      return stopped ? [name] : []
    }),
  )
  return named.flat()
}

const UNSEEN = 'as far as is known: it cannot be seen now'

async function orElse<T, U>(answer: Promise<T>, other: U): Promise<T | U> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return other
  }
}

async function isStopped(cluster: Cluster, { ref }: Remembered, stopping: boolean): Promise<boolean> {
  const { uid: _, ...byName } = ref
  const object = await cluster.find<KubeObject>(byName)
  // what makes a pod without an owner stand still is that it is not there
  if (ref.kind === 'Pod') return stopping && (!object || object.metadata.deletionTimestamp !== undefined)
  if (!object || markOf(object) === undefined) return false
  const { replicas, suspend } = object.spec as { replicas?: number; suspend?: boolean }
  return !replicas && suspend !== false
}
