import type { Cluster } from '../cluster/cluster.ts'
import { Failure } from '../domain/failure.ts'
import { describeRef, type KubeObject } from '../domain/object.ts'
import { isRecreated, stoppableOf } from '../workloads/quiesce.ts'
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

const UNSEEN = 'last known state: it cannot be read now'

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
  // what is missing says of nobody that it was him: before anything is stopped it is not juicify
  if (isRecreated(ref) && !stopping) return false
  return stoppableOf(ref).isLeftStopped(object)
}
