import { type KubeObject, refOf, sameObject } from '../domain/object.ts'
import type { Workload } from '../domain/workload.ts'
import { Owners } from '../workloads/owner.ts'
import { isRecreated, rememberWorkload } from '../workloads/quiesce.ts'
import type { Remembered } from '../workloads/workload-kind.ts'
import type { GroupRun } from './step.ts'

type Looking = Pick<GroupRun, 'cluster' | 'others'>
type Which = Pick<Workload, 'ref' | 'quiesce'>

/**
 * What the workloads of a group are, to be started again as they were. One that another group under way has stopped
 * already is remembered as that group's record says: what can be seen of it is its absence.
 */
export async function rememberWorkloads(run: Looking, workloads: Which[]): Promise<Remembered[]> {
  if (workloads.length === 0) return []
  const seen = await Promise.all(
    workloads.map(async (workload) => rememberWorkload(run.cluster, await asItIsNow(run, workload))),
  )
  // looked at after them: who stops one writes down before what it was
  const elsewhere = (await run.others()).filter(({ state }) => state.stopping).flatMap(({ kept }) => kept.workloads)
  return seen.map((now) => {
    const { uid: _, ...byName } = now.ref
    // a pod that is gone may have been made again since it was planned, before another group stopped it
    const wanted = now.stopped && isRecreated(now.ref) ? byName : now.ref
    return elsewhere.find(({ ref }) => sameObject(ref, wanted)) ?? now
  })
}

/**
 * A pod without an owner that was created again since it was planned, by another group's start or by its user, is the
 * same workload under another uid.
 */
async function asItIsNow(run: Looking, workload: Which): Promise<Which> {
  const { uid: _, ...byName } = workload.ref
  if (!isRecreated(byName)) return workload
  const now = await run.cluster.find<KubeObject>(byName)
  const isLoose = now !== undefined && (await new Owners(run.cluster).topLevelOwnerOf(now)) === undefined
  return isLoose ? { ...workload, ref: refOf(now) } : workload
}
