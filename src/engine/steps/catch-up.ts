import type { Step } from '../step.ts'
import { copyAll } from './copies.ts'
import { unused } from './unused.ts'
import { isWhole } from './workloads.ts'

/** What changed since the warm copy, deletions included, now that nothing writes any more. */
export const catchUp: Step = {
  name: 'catch-up',
  describe: ({ copies }) => ({
    title: 'copy what has changed since, now that nothing writes any more',
    objects: copies.map(({ directory, subdir }) => `${directory} → ${subdir || '/'}`),
    undo: 'what was copied stays on the file system',
  }),
  /** Once a volume is exchanged the file system is the users': a copy would overwrite what they write there. */
  isDone: async (run) => !(await isWhole(run)),
  async do(run) {
    await unused(run)
    await copyAll(run, 'catch-up', 'catch-up')
  },
  async undo() {},
}
