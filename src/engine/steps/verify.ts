import type { Step } from '../step.ts'
import { verifyAll } from './copies.ts'
import { isWhole } from './workloads.ts'

/** A step of its own, with Jobs of its own: it would notice a mover that lies. */
export const verify: Step = {
  name: 'verify',
  describe: ({ copies }) => ({
    title: 'compare every entry of the directories with its copy',
    objects: copies.map(({ directory, subdir }) => `${directory} = ${subdir || '/'}`),
    undo: 'nothing was changed',
  }),
  isDone: async (run) => !(await isWhole(run)),
  do: (run) => verifyAll(run, 'verify'),
  async undo() {},
}
