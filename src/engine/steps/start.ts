import { describeRef } from '../../domain/object.ts'
import { lookAtMounts } from '../mounts.ts'
import { recordOf, type Step } from '../step.ts'
import { hasArrived, startAll, stopAll } from '../workloads.ts'

/** Everything comes back as it was, on the new volumes. */
export const start: Step = {
  name: 'start',
  describe: ({ workloads }) => ({
    title: 'start the stopped workloads, and wait until they are Ready',
    objects: workloads.filter(({ stopped }) => !stopped).map(({ ref }) => describeRef(ref)),
    undo: 'they are stopped again before the volumes are swapped back',
  }),
  async isDone(run) {
    return recordOf(run).state.phase === 'migrated'
  },
  async do(run) {
    await startAll(run)
    await lookAtMounts(run)
  },
  async undo(run) {
    // where every volume is back already nothing has to be stopped for it any more, and some of it may run again
    if (!(await hasArrived(run, recordOf(run)))) await stopAll(run)
  },
}
