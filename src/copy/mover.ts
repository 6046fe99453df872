import type { CopySettings } from '../domain/migration.ts'
import type { ExitCodes } from '../jobs/exit-codes.ts'
import type { Progress } from '../jobs/progress.ts'
import type { CopyLog } from './log.ts'
import type { CopyResult } from './result.ts'

/** A tool that moves a directory: its program, its command line, and how it says how far it is. Pure. */
export interface Mover {
  readonly name: NonNullable<CopySettings['mover']>
  /** Whether it keeps the times of directories, so that they can be asked for. */
  readonly keepsDirectoryTimes: boolean
  /** Whether extended attributes and ACLs come along. */
  readonly keepsAttributes: boolean
  /** Whether it can merge what several nodes hold. */
  readonly merges: boolean
  /** What its own exit codes mean, below 64. */
  readonly exitCodes: ExitCodes
  /** The program that runs it in a Job. */
  program(layout: JobLayout): string
  /** Its command line, one argument each; the program adds what it cannot know before. */
  command(work: MoverWork): string[]
  /** What it did, as one Job's log tells it. */
  amounts(log: CopyLog): Pick<CopyResult, 'copied' | 'bytes' | 'deleted'>
  /** What a line of its progress says; undefined where it is not one of its own. */
  readProgress(line: string): Progress | undefined
}

/**
 * How the Jobs of a stage share a directory: there is one, `single`; each has a node of its own, whose contents are
 * `merged`; or it is `split`, and each takes a part.
 */
export type JobLayout = 'single' | 'merged' | 'split'

/** What a mover is to do. */
export interface MoverWork {
  /** From the file system to the node. */
  back: boolean
  layout: JobLayout
  /** Paths to leave out, relative to the directory. */
  exclude: string[]
  subdir: string
  /** Delete what the source does not have. */
  deletes: boolean
  /** Compare contents, and not only sizes and times. */
  thorough: boolean
  /** MiB a second; absent for no limit. */
  bandwidth?: number
}

/** A path as a pattern of rsync's or find's that matches nothing else. */
export function literal(path: string): string {
  return path.replace(/[\\*?[\]]/g, '\\$&')
}
