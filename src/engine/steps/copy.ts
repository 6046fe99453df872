import { copyAll, describeCopy, verifyAllAhead } from '../copies.ts'
import { recordOf, type Step } from '../step.ts'
import { isWhole } from '../workloads.ts'

/** The bulk of the data, while it is in use: what changes meanwhile is caught up with when nothing writes any more. */
export const copy: Step = {
  name: 'copy',
  describe: ({ copies }) => ({
    title: 'copy the data to the file system, and compare it there, while workloads keep running',
    objects: copies.map(describeCopy),
    undo: 'the copy stays on the file system; the Jobs are removed',
  }),
  /** Where things are being stopped already, a warm copy would only prolong the time that they stand still. */
  async isDone(run) {
    return recordOf(run).state.stopping || !(await isWhole(run))
  },
  async do(run) {
    await copyAll(run, 'copy', 'warm')
    await verifyAllAhead(run, 'copy')
  },
  async undo() {},
}
