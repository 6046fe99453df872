import { copyAll } from '../copies.ts'
import type { Step } from '../step.ts'
import { waitForNoUsers, watchUsage } from '../usage.ts'
import { anyReplaced } from '../volumes.ts'

/** What changed since the warm copy, deletions included, now that nothing writes any more. */
export const catchUp: Step = {
  name: 'catch-up',
  describe: ({ copies }) => ({
    title: 'copy what changed since the first copy, now that the workloads are stopped',
    objects: copies.map(({ directory, subdir }) => `${directory} → ${subdir || '/'}`),
    undo: 'the copy stays on the file system',
  }),
  /**
   * Once a new volume is there the file system is the users': a copy would overwrite what they write there. Volumes that
   * an earlier run took away are no reason: who came before they were all away may have written since its copy.
   */
  isDone: anyReplaced,
  async do(run) {
    await waitForNoUsers(run)
    await watchUsage(run)
    await copyAll(run, 'catch-up', 'catch-up')
  },
  async undo() {},
}
