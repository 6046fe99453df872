import { type ObjectRef, sameObject } from '../../domain/object.ts'
import type { Remembered } from '../../workloads/workload-kind.ts'
import { operator } from '../lease.ts'
import { writeRecord, writeState } from '../record.ts'
import { type GroupRun, recordOf, type Step } from '../step.ts'
import { removeCopies } from './copies.ts'
import { rememberWorkloads } from './remember.ts'
import { changesToKeep } from './restore.ts'

/** The group is where it was to go. The record stays, so that it can be taken back, until somebody forgets it. */
export const finish: Step = {
  name: 'finish',
  describe: ({ name }) => ({
    title: 'mark the group as migrated; the record stays, and so do the old directories',
    objects: [`ConfigMap juicify/juicify-${name}`],
    undo: 'the group is marked as rolling back',
  }),
  async isDone(run) {
    return recordOf(run).state.phase === 'migrated'
  },
  async do(run) {
    await removeCopies(run.cluster, run.group)
    run.record = await writeState(run.cluster, recordOf(run), {
      phase: 'migrated',
      stopping: false,
      failure: undefined,
      away: { ...recordOf(run).state.away, ...run.away },
      by: operator(),
    })
  },
  /**
   * The first thing of a rollback: from here on the record says that the way is back.
   */
  async undo(run) {
    const record = recordOf(run)
    const { state, kept } = record
    if (state.phase === 'rolling-back' && state.stopping) return
    run.record = await writeRecord(run.cluster, {
      ...record,
      kept: {
        ...kept,
        workloads: await workloadsNow(run),
        restore: { ...kept.restore, ...(await changesToKeep(run)) },
      },
      state: {
        ...state,
        phase: 'rolling-back',
        copyBack: run.settings.copyBack,
        failure: undefined,
        by: operator(),
        updatedAt: new Date().toISOString(),
      },
    })
  },
}

/**
 * What uses the volumes now, as it is to be when the way back is done. What juicify has stopped is as the record says:
 * what can be seen of it is a 0. What has come since, a pod that was created again included, is as it is.
 */
async function workloadsNow(run: GroupRun): Promise<Remembered[]> {
  const { state, kept } = recordOf(run)
  const stopped = state.stopping ? kept.workloads : []
  const others = run.group.workloads.filter((now) => !stopped.some(({ ref }) => sameObject(ref, now.ref)))
  const come = await rememberWorkloads(run, others)
  const replaced = (ref: ObjectRef) => come.some((now) => sameObject({ ...now.ref, uid: undefined }, ref))
  return [...stopped.filter(({ ref }) => !replaced(ref)), ...come]
}
