import { type Downtime, historyOf } from './read-history.ts'
import type { GroupRecord } from './record.ts'

/** What a rollback that is not over has done so far; when it is over there is no record that could tell. */
export interface WayBack {
  /** Milliseconds since 1970. */
  from: number
  /** Workloads that were stopped for it, or before it and not started again before. */
  downtimes: Downtime[]
  /** What was copied back of each directory, the last word on it. */
  copiedBack: { directory: string; files: number; bytes?: number }[]
  /** What is on the file system, and stays there. */
  staying: Staying[]
}

/**
 * - `written`: what people have written since the swap, which is seen no more when the volumes are back
 * - `to-copy-back`: the same, and it is to be copied back, or has been
 * - `copy`: a copy that nobody has used
 */
export interface Staying {
  subdir: string
  what: 'written' | 'to-copy-back' | 'copy'
}

/** Reads it from the record of a group; undefined where that is not being rolled back. */
export function wayBackOf(record: GroupRecord): WayBack | undefined {
  const { kept, state } = record
  if (state.phase !== 'rolling-back') return undefined
  const { steps, downtimes, copied } = historyOf(record)
  // the oldest lines of a long history are gone
  const from = steps.find(({ undo }) => undo)?.from ?? Date.parse(state.updatedAt)
  const back = new Map(
    copied.filter((each) => each.back).map(({ directory, files, bytes }) => [directory, { directory, files, bytes }]),
  )
  const wasUsed = steps.some(({ step, undo }) => step === 'swap' && !undo)
  const what = !wasUsed ? 'copy' : state.copyBack ? 'to-copy-back' : 'written'
  // where nothing was swapped and nothing was copied, nothing of the group is there
  const places = wasUsed ? kept.group.volumes : kept.group.copies
  const subdirs = new Set(
    places.flatMap(({ directory, subdir }) => (kept.group.directories.includes(directory) ? [subdir] : [])),
  )
  return {
    from,
    downtimes: downtimes.filter(({ until }) => until === undefined || until >= from),
    copiedBack: [...back.values()].map(({ bytes, ...each }) => ({
      ...each,
      ...(bytes === undefined ? {} : { bytes }),
    })),
    staying: [...subdirs].map((subdir) => ({ subdir, what })),
  }
}
