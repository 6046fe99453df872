import type { ExitCodes } from '../domain/exit-codes.ts'
import type { Mover, MoverWork } from '../domain/mover.ts'
import type { Progress } from '../domain/progress.ts'
import { numberIn } from '../jobs/log.ts'
import { literal } from './patterns.ts'
import whole from './programs/rsync.sh'
import merged from './programs/rsync-merged.sh'
import library from './programs/rsync-mover.sh'
import part from './programs/rsync-part.sh'

// rsync's manual, "EXIT VALUES".
const EXIT_CODES: ExitCodes = {
  1: { means: 'syntax or usage error' },
  2: { means: 'protocol incompatibility' },
  3: { means: 'errors selecting files or directories' },
  4: { means: 'the action is not supported by this rsync' },
  10: { means: 'error in socket I/O' },
  11: { means: 'error in file I/O' },
  12: { means: 'error in the data stream between its processes' },
  13: { means: 'errors in program diagnostics' },
  14: { means: 'error in inter-process communication' },
  20: { means: 'ended by a signal' },
  21: { means: 'an error of waitpid()' },
  22: { means: 'out of memory', remedy: 'Raise spec.copy.resources.limits.memory.' },
  23: { means: 'some files or attributes were not transferred' },
  24: { means: 'files vanished while they were copied' },
  25: { means: 'too many deletions' },
  30: { means: 'timeout in sending or receiving' },
}

/** rsync between two mounted directories: keeps hard links, sparse files, numeric owners, and what the target can hold of ACLs and attributes. */
export const rsync: Mover = {
  name: 'rsync',
  title: 'rsync',
  image: 'an image with rsync that the nodes can pull',
  keepsDirectoryTimes: true,
  keepsAttributes: true,
  goesByListing: false,
  merges: true,
  exitCodes: EXIT_CODES,
  libraries: { 'rsync-mover.sh': library },
  program: (layout) => ({ single: whole, merged, split: part })[layout],
  command: rsyncCommand,
  amounts: ({ result }) => ({
    copied: numberIn(result, 'copied'),
    bytes: numberIn(result, 'bytes'),
    deleted: numberIn(result, 'deleted'),
  }),
  readProgress: rsyncProgress,
}

/** The arguments before source and destination; -A and -X are the script's, which sees whether the target has room for them. */
export function rsyncCommand(work: MoverWork): string[] {
  return [
    // -a without devices and specials, which cannot be carried; whether it descends and deletes, the scripts of several
    // Jobs say themselves
    work.layout === 'single' ? '-rlptgo' : '-lptgo',
    '--hard-links',
    '--sparse',
    '--numeric-ids',
    // Times to the nanosecond: a file that is written twice in a second would look unchanged.
    '--modify-window=-1',
    '--info=progress2',
    '--no-human-readable',
    '--stats',
    ...(work.thorough ? ['--checksum'] : []),
    ...(work.deletes && work.layout === 'single' ? ['--delete'] : []),
    ...(work.bandwidth === undefined ? [] : [`--bwlimit=${Math.max(1, Math.round(work.bandwidth * 1024))}`]),
    // A backslash is an escape only in a pattern with a wildcard in it.
    ...work.exclude.map((path) => `--exclude=/${/[*?[]/.test(path) ? literal(path) : path}`),
  ]
}

/**
 * `1234567  45%  117.74MB/s    0:00:12 (xfr#5, to-chk=169/396)`. The time is what is left within a file, and what has
 * passed at the end of each; so it is worked out from the rest.
 */
export function rsyncProgress(line: string): Progress | undefined {
  const [, moved, share, speed, unit = ''] = /^\s*([\d,]+)\s+(\d+)%\s+([\d.]+)([kMGT]?)B\/s\s/.exec(line) ?? []
  if (moved === undefined) return undefined
  const [bytes, percent] = [Number(moved.replaceAll(',', '')), Number(share)]
  const rate = Math.round(Number(speed) * 1024 ** ['', 'k', 'M', 'G', 'T'].indexOf(unit))
  const files = /xfr#(\d+)/.exec(line)?.[1]
  return {
    bytes,
    percent,
    rate,
    ...(percent > 0 && rate > 0 ? { left: Math.round((bytes * (100 - percent)) / percent / rate) } : {}),
    ...(files === undefined ? {} : { files: Number(files) }),
  }
}
