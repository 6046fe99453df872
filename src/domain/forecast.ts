/** From the least to the most that is expected. */
export interface Range {
  low: number
  high: number
}

/** How fast a cluster copies, lists and runs Jobs: what a forecast is made from. */
export interface Pace {
  /** Earlier migrations of this cluster, or a sample that was copied for it. */
  basis: 'history' | 'sample'
  /** Groups whose history was read; absent of a sample. */
  groups?: number
  /** Bytes a second that a copy moves, each file counted as `FILE_WEIGHT` bytes more than it has. */
  copy: Range
  /** Entries a second that are listed on both sides, to find what has changed. */
  list: Range
  /** Seconds that a Job takes to begin and to end. */
  job: Range
  /** Seconds of each step of a group, but for what depends on its data. */
  stop: Range
  swap: Range
  probe: Range
  start: Range
}

/** What is expected of a group. */
export interface Forecast {
  basis: Pace['basis']
  /** What there is to be copied; of several nodes the sum, though they may hold the same. */
  files: number
  bytes: number
  /** Seconds of the copy that is made while everything runs; absent where nothing is copied. */
  copy?: Range
  /** Seconds for which the group's workloads stand still; absent where none is stopped. */
  down?: Range
}

/**
 * Bytes that could be copied in the time that it takes to create a file: a few milliseconds on a network file system, at
 * 50 to 100 MB a second.
 */
export const FILE_WEIGHT = 256 * 1024

/** What a copy of these files with these bytes weighs, in bytes. */
export function weightOf({ files, bytes }: { files: number; bytes: number }): number {
  return bytes + files * FILE_WEIGHT
}
