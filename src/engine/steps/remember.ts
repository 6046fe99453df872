import { type KubeObject, refOf, sameObject } from '../../domain/object.ts'
import type { Workload } from '../../domain/workload.ts'
import { controllerOf } from '../../workloads/owner.ts'
import { rememberWorkload } from '../../workloads/quiesce.ts'
import type { Remembered } from '../../workloads/workload-kind.ts'
import type { GroupRun } from '../step.ts'

/**
 * What the workloads of a group are, to be started again as they were. One that another group under way has stopped
 * already is remembered as that group's record says: what can be seen of it is its absence.
 */
export async function rememberWorkloads(run: GroupRun, workloads: Workload[]): Promise<Remembered[]> {
  if (workloads.length === 0) return []
  const elsewhere = (await run.others()).filter(({ state }) => state.stopping).flatMap(({ kept }) => kept.workloads)
  return Promise.all(
    workloads.map(async (planned) => {
      const workload = await asItIsNow(run, planned)
      const known = elsewhere.find(({ ref }) => sameObject(ref, workload.ref))
      return known ?? (await rememberWorkload(run.cluster, workload))
    }),
  )
}

/**
 * A pod without an owner that was created again since it was planned, by another group's start or by its user, is the
 * same workload under another uid.
 */
async function asItIsNow(run: GroupRun, workload: Workload): Promise<Workload> {
  const { uid: _, ...byName } = workload.ref
  if (byName.kind !== 'Pod') return workload
  const now = await run.cluster.find<KubeObject>(byName)
  return now && !controllerOf(now) ? { ...workload, ref: refOf(now) } : workload
}
