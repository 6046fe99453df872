import { verifyAll } from '../copies.ts'
import type { Step } from '../step.ts'
import { anyReplaced } from '../volumes.ts'

/**
 * A step of its own, with Jobs of its own: it would notice a mover that lies. Where none was at work, because the last copy went
 * by the listing, the Job of that has listed both sides again and compared them.
 */
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
