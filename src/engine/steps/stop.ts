import { describeRef } from '../../domain/object.ts'
import type { Step } from '../step.ts'
import { allReplaced } from '../volumes.ts'
import { startAll, stopAll } from '../workloads.ts'

/** Nothing may be written to the old directories after the last copy; that is why what uses them is stopped. */
export const stop: Step = {
  name: 'stop',
  describe: ({ workloads }) => ({
    title: 'stop what uses the volumes, and wait until its pods are gone',
    objects: workloads
      .filter(({ quiesce, stopped }) => quiesce === 'stop' && !stopped)
      .map(({ ref }) => describeRef(ref)),
    undo: 'they are started again as they were',
  }),
  /** Once every volume is replaced there is nothing left to stop for: what runs, runs on the new ones. */
  isDone: allReplaced,
  do: stopAll,
  undo: startAll,
}
