import { sameObject } from '../../domain/object.ts'
import type { Workload } from '../../domain/workload.ts'
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
    workloads.map(
      async (workload) =>
        elsewhere.find(({ ref }) => sameObject(ref, workload.ref)) ?? (await rememberWorkload(run.cluster, workload)),
    ),
  )
}
