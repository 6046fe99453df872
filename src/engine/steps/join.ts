import { compareJoined } from '../copies.ts'
import type { Step } from '../step.ts'
import { anyReplaced } from '../volumes.ts'

/** The directories have moved before: nothing is copied, but what the place lacks is named before users see the place instead. */
export const join: Step = {
  name: 'join',
  describe: ({ joins = [] }) => ({
    title: 'list what is missing or older on the file system, compared with the old directories',
    objects: joins.map(({ directory, subdir, nodes }) => `${nodes.join(', ')}:${directory} and ${subdir || '/'}`),
    undo: 'nothing to undo; what was copied stays on the file system',
  }),
  isDone: anyReplaced,
  do: (run) => compareJoined(run, 'join'),
  async undo() {},
}
