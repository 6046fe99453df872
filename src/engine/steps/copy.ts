import { copyAll, describeCopy } from '../copies.ts'
import { recordOf, type Step } from '../step.ts'
import { isWhole } from '../workloads.ts'

/** The bulk of the data, while it is in use: what changes meanwhile is caught up with when nothing writes any more. */
export const copy: Step = {
  name: 'copy',
  describe: ({ copies }) => ({
    title: 'copy the data onto the file system, while it is in use',
    objects: copies.map(describeCopy),
    undo: 'what was copied stays on the file system; the Jobs are removed',
  }),
  /** Where things are being stopped already, a warm copy would only prolong the time that they stand still. */
  async isDone(run) {
    return recordOf(run).state.stopping || !(await isWhole(run))
  },
  do: (run) => copyAll(run, 'copy', 'warm'),
  async undo() {},
}
