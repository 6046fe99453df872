import { describeRef } from '../../domain/object.ts'
import { lookAtQuotas } from '../quotas.ts'
import { recordOf, type Step } from '../step.ts'
import { allReplaced } from '../volumes.ts'
import { startAll, stopAll } from '../workloads.ts'

/** Nothing may be written to the old directories after the last copy; that is why what uses them is stopped. */
export const stop: Step = {
  name: 'stop',
  describe: ({ workloads }) => ({
    title: 'stop the workloads that use the volumes, and wait until their pods are gone',
    objects: workloads
      .filter(({ quiesce, stopped }) => quiesce === 'stop' && !stopped)
      .map(({ ref }) => describeRef(ref)),
    undo: 'they are started again',
  }),
  /** Once every volume is replaced there is nothing left to stop for: what runs, runs on the new ones. */
  isDone: allReplaced,
  async do(run) {
    if (!recordOf(run).state.stopping) await lookAtQuotas(run)
    await stopAll(run)
  },
  undo: startAll,
}
