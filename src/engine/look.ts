import pLimit from 'p-limit'
import { look } from '../copy/copy.ts'
import { Failure, type Refusal } from '../domain/failure.ts'
import { copyTasksOf, jobOptions } from './copies.ts'
import { type GroupLook, refusedFor } from './one-directory.ts'
import type { GroupRun } from './step.ts'

/** Max Jobs at once: each only asks a node's kernel which directory a path leads to. */
const AT_ONCE = 8

/** What a look at the directories of groups has found, by group. */
export interface Looked {
  /** Why it must not move. */
  refused: ReadonlyMap<string, Refusal>
  /** Why it could not be looked at. */
  unseen: ReadonlyMap<string, Failure>
}

/**
 * Looks which directories those of the groups really are, before anything of any of them is copied: one that is reached by two
 * paths is seen only where both are looked at. Changes nothing but Jobs of its own.
 */
export async function lookAtSources(runs: readonly GroupRun[]): Promise<Looked> {
  const limit = pLimit(AT_ONCE)
  const unseen = new Map<string, Failure>()
  const looks = runs.flatMap((run) =>
    copyTasksOf(run).map((task) =>
      limit(async (): Promise<GroupLook[]> => {
        try {
          const found = await look(run.cluster, task, jobOptions(run, 'copy', task))
          return found.map((each) => ({ ...each, group: task.group }))
        } catch (error) {
          if (!(error instanceof Failure)) throw error
          unseen.set(task.group, error)
          return []
        }
      }),
    ),
  )
  return { refused: refusedFor((await Promise.all(looks)).flat()), unseen }
}
