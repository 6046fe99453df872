import { operator } from '../lease.ts'
import { writeRecord, writeState } from '../record.ts'
import { recordOf, type Step } from '../step.ts'
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
    run.record = await writeState(run.cluster, recordOf(run), {
      phase: 'migrated',
      stopping: false,
      failure: undefined,
      by: operator(),
    })
  },
  /**
   * The first thing of a rollback: from here on the record says that the way is back. What the workloads are now is
   * remembered, unless they are stopped by us: then what they were is in the record, and what can be seen is a 0.
   */
  async undo(run) {
    const record = recordOf(run)
    const { state, kept } = record
    if (state.phase === 'rolling-back' && state.stopping) return
    run.record = await writeRecord(run.cluster, {
      ...record,
      kept: {
        ...kept,
        workloads: state.stopping ? kept.workloads : await rememberWorkloads(run, run.group.workloads),
        restore: { ...kept.restore, ...(await changesToKeep(run)) },
      },
      state: {
        ...state,
        phase: 'rolling-back',
        failure: undefined,
        by: operator(),
        updatedAt: new Date().toISOString(),
      },
    })
  },
}
