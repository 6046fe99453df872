import type { CopySettings } from '../domain/migration.ts'
import type { Pass } from './request.ts'

/** A tool that moves a directory: its script, its command line, and how it says how far it is. Pure. */
export interface Mover {
  readonly name: NonNullable<CopySettings['mover']>
  /** Whether it keeps the times of directories, so that they can be asked for. */
  readonly keepsDirectoryTimes: boolean
  /** Whether extended attributes and ACLs come along. */
  readonly keepsAttributes: boolean
  /** Whether it can merge what several nodes hold. */
  readonly merges: boolean
  /** The script that runs it in a Job. */
  script(way: WorkSplit): string
  /** Its command line, one argument each; the script adds what it cannot know before. */
  command(work: MoverWork): string[]
  /** What its exit code means, in a few words. */
  meaning(exitCode: number): string | undefined
}

/**
 * How the Jobs of a stage share a directory: there is one, `alone`; each has a node of its own, whose contents are
 * `merged`; or it is `split`, and each takes a part.
 */
export type WorkSplit = 'alone' | 'merged' | 'split'

export interface MoverWork {
  pass: Pass
  /** From the file system to the node. */
  back: boolean
  way: WorkSplit
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
