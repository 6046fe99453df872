import { describeRef, type KubeObject, sameObject } from '../../domain/object.ts'
import type { Workload } from '../../domain/workload.ts'
import { kindOf } from '../../workloads/kinds.ts'
import type { Remembered } from '../../workloads/workload-kind.ts'
import type { GroupRun } from '../step.ts'

/**
 * What the workloads of a group are, to be started again as they were. One that another group under way has stopped
 * already is remembered as that group's record says: what can be seen of it is its absence.
 */
export async function rememberWorkloads(run: GroupRun, workloads: Workload[]): Promise<Remembered[]> {
  if (workloads.length === 0) return []
  const elsewhere = (await run.others()).filter(({ state }) => state.stopping).flatMap(({ kept }) => kept.workloads)
  const remembered = await Promise.all(
    workloads.map(async (workload): Promise<Remembered | undefined> => {
      const known = elsewhere.find(({ ref }) => sameObject(ref, workload.ref))
      if (known) return known
      const object = await run.cluster.find<KubeObject>(workload.ref)
      if (object && object.metadata.uid === workload.ref.uid) {
        return { ref: workload.ref, quiesce: workload.quiesce, ...kindOf(workload.ref).remember(object) }
      }
      const text = `${describeRef(workload.ref)} is gone since the plan was made; there is nothing of it to stop.`
      run.emit({ type: 'message', group: run.group.name, level: 'info', text })
      return undefined
    }),
  )
  return remembered.filter((each) => each !== undefined)
}
