import { verifyAll } from '../copies.ts'
import type { Step } from '../step.ts'
import { anyReplaced } from '../volumes.ts'

/** A step of its own, with Jobs of its own: it would notice a mover that lies. */
export const verify: Step = {
  name: 'verify',
  describe: ({ copies }) => ({
    title: 'compare every entry of the directories with the copy',
    objects: copies.map(({ directory, subdir }) => `${directory} = ${subdir || '/'}`),
    undo: 'nothing to undo',
  }),
  isDone: anyReplaced,
  do: (run) => verifyAll(run, 'verify'),
  async undo() {},
}
