import type { CopySettings } from '../domain/migration.ts'
import type { CopyProgress, Pass } from './request.ts'

/** A tool that moves a directory: its script, its command line, and how it says how far it is. Pure. */
export interface Mover {
  readonly name: NonNullable<CopySettings['mover']>
  /** Whether it keeps the times of directories, so that they can be asked for. */
  readonly keepsDirectoryTimes: boolean
  /** Whether it can merge what several nodes hold. */
  readonly merges: boolean
  /** The script that runs it in a Job. */
  script(merged: boolean): string
  /** Its command line, one argument each; the script adds what it cannot know before. */
  command(work: MoverWork): string[]
  /** What a `juicify progress` line of its script says. */
  progress(line: string): Omit<CopyProgress, 'node'> | undefined
  /** What its exit code means, in a few words. */
  meaning(exitCode: number): string | undefined
}

export interface MoverWork {
  pass: Pass
  /** From the file system to the node. */
  back: boolean
  merged: boolean
  /** Paths to leave out, relative to the directory. */
  leave: string[]
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
