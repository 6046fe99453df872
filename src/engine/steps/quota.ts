import { quotasOf } from '../../domain/quota.ts'
import { removeQuotas, setQuotas } from '../quotas.ts'
import type { Step } from '../step.ts'
import { anyReplaced } from '../volumes.ts'

/** When all is there, and before people come: nothing that is copied meets a limit, and nobody grows beyond one. */
export const quota: Step = {
  name: 'quota',
  describe: (group) => ({
    title: 'limit the directories of the volumes to their capacities',
    objects: quotasOf(group).map(({ subdir, gib }) => `${subdir}: ${gib} GiB`),
    undo: 'the quotas that were set are taken away',
  }),
  isDone: anyReplaced,
  do: setQuotas,
  undo: removeQuotas,
}
