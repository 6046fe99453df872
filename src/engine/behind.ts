import type { Cluster } from '../cluster/cluster.ts'
import { verify } from '../copy/copy.ts'
import type { Difference } from '../copy/request.ts'
import type { GroupRecord } from './record.ts'
import { removeCopies, requestsOf } from './steps/copies.ts'

/** What a rollback without copying back would leave on the file system, of one directory. */
export interface Behind {
  group: string
  directory: string
  /** Entries that were changed, created or deleted there since the directory was copied. */
  count: number
  /** The first twenty. */
  examples: Difference[]
}

/**
 * Compares what is on the file system with the directories that it was copied from, by size and time, and so finds what
 * people have written since. Only of groups whose data was copied, and that are migrated.
 */
export async function behind(cluster: Cluster, records: GroupRecord[], signal: AbortSignal): Promise<Behind[]> {
  const found: Behind[] = []
  for (const { kept, state } of records) {
    if (state.phase !== 'migrated') continue
    for (const request of requestsOf(kept)) {
      const { missing, changed, extra, differences } = await verify(cluster, request, {
        signal,
        compare: 'metadata',
        inUse: true,
      })
      const examples = differences.filter((each) => !isTopsTime(each))
      const count = missing + changed + extra - (differences.length - examples.length)
      if (count > 0) found.push({ group: kept.group.name, directory: request.directory, count, examples })
    }
    await removeCopies(cluster, kept.group)
  }
  return found
}

/** The time of the top directory itself changes with every name in it, our own probe's included; nothing is lost with it. */
function isTopsTime({ path, what }: Difference): boolean {
  return path === '.' && Array.isArray(what) && what.every((each) => each === 'time')
}
