import pLimit from 'p-limit'
import type { Cluster } from '../cluster/cluster.ts'
import { compare } from '../copy/copy.ts'
import type { Difference } from '../copy/result.ts'
import { JobFailure } from '../jobs/diagnosis.ts'
import { copyTasksOf, removeCopies } from './copies.ts'
import { inspectGroup } from './inspect.ts'
import type { GroupRecord } from './record.ts'

/** Max groups compared in parallel: each needs a Job, which takes seconds even for an empty directory. */
const GROUPS_AT_ONCE = 4

/** What a rollback without copying back would leave on the file system, of one directory. */
export interface Unreturned {
  group: string
  directory: string
  /** Entries that were changed, created or deleted there since the directory was copied. */
  count: number
  /** The first twenty. */
  examples: Difference[]
  /** Why it is not known: the two could not be compared. */
  unknown?: string
}

/**
 * Compares what is on the file system with the directories that it was copied from, by size and time, and so finds what
 * people have written since. Of every group whose data was copied and of which a volume is, or is to be, a new one: it
 * may be migrated, half way there, or half way back. Where that cannot be told, it says why: who makes something that nothing can
 * read must not keep anybody from taking the group back.
 */
export async function findUnreturned(
  cluster: Cluster,
  records: GroupRecord[],
  signal: AbortSignal,
): Promise<Unreturned[]> {
  const limit = pLimit(GROUPS_AT_ONCE)
  // all of them, so that none goes on behind our back where one fails
  const groups = await Promise.allSettled(records.map((record) => limit(behindOf, cluster, record, signal)))
  return groups.flatMap((group) => {
    if (group.status === 'rejected') throw group.reason
    return group.value
  })
}

async function behindOf(cluster: Cluster, record: GroupRecord, signal: AbortSignal): Promise<Unreturned[]> {
  const { kept, state } = record
  const { volumes } = await inspectGroup(cluster, record)
  // where all volumes are the old ones, whatever differs may have been written to the old directories
  if (volumes.every((volume) => volume.state === 'original' || volume.state === 'restored')) return []
  const found: Unreturned[] = []
  for (const task of copyTasksOf(kept)) {
    const result = await compare(cluster, task, { signal }).catch(whyNot)
    if ('unknown' in result) {
      found.push({ group: kept.group.name, directory: task.directory, count: 0, examples: [], ...result })
      continue
    }
    const examples = result.differences.filter((each) => !isTopsTime(each))
    const differing = result.missing + result.changed + result.extra
    const count = differing - (result.differences.length - examples.length)
    if (count > 0) found.push({ group: kept.group.name, directory: task.directory, count, examples })
  }
  // a group that is under way may have Jobs of a run that is alive
  if (state.phase === 'migrated') await removeCopies(cluster, kept)
  return found
}

function whyNot(error: unknown): { unknown: string } {
  if (error instanceof JobFailure) return { unknown: error.message }
  throw error
}

/** The time of the top directory itself changes with every name in it, our own probe's included; nothing is lost with it. */
function isTopsTime({ path, what }: Difference): boolean {
  return path === '.' && Array.isArray(what) && what.every((each) => each === 'time')
}
