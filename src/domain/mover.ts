import type { ExitCodes } from './exit-codes.ts'
import type { Progress } from './progress.ts'

/**
 * A tool that moves a directory: its programs, its command line, and how it says how far it is. Pure. Any file system
 * takes rsync; one that has a tool of its own brings it along. A mover works between two mounted directories, with no
 * Secret and no network: it writes nowhere but below its target, whatever people do to its source meanwhile.
 */
export interface Mover {
  /** As `spec.copy.mover` names it. */
  readonly name: string
  /** As people know it, in the midst of a sentence. */
  readonly title: string
  /** Which image has it, after `Set spec.copy.image to`. */
  readonly image: string
  /** Why an image, by its name, cannot have it: the rest of a sentence that begins with it. Absent where names say nothing. */
  imageProblem?(image: string): string | undefined
  /** Whether it keeps the times of directories, so that they can be asked for. */
  readonly keepsDirectoryTimes: boolean
  /** Whether it copies extended attributes and ACLs. */
  readonly keepsAttributes: boolean
  /** Whether its program leaves out what a verification ahead of time has found equal and nobody has touched since. */
  readonly goesByListing: boolean
  /** Whether it can merge what several nodes hold. */
  readonly merges: boolean
  /** What its own exit codes mean; those of 64 and more only where it has more to say of them than all others. */
  readonly exitCodes: ExitCodes
  /** The shell programs that its own source, by file name, besides those that each mover's may source. */
  readonly libraries: Readonly<Record<string, string>>
  /** The shell program that runs it in a Job. */
  program(layout: JobLayout): string
  /** Its command line, one argument each; the program adds what it cannot know before. */
  command(work: MoverWork): string[]
  /** What it did, as one Job's log tells it. */
  amounts(log: MoverLog): MovedAmounts
  /** What a line of its progress says; undefined where it is not one of its own. */
  readProgress(line: string): Progress | undefined
}

/**
 * How the Jobs of a stage share a directory: there is one, `single`; each has a node of its own, whose contents are
 * `merged`; or it is `split`, and each takes a part.
 */
export type JobLayout = 'single' | 'merged' | 'split'

/** What a mover is to do: from /source to /target, whichever of them is the node's. */
export interface MoverWork {
  layout: JobLayout
  /** Paths to leave out, relative to the directory. */
  exclude: string[]
  /** Delete what the source does not have. */
  deletes: boolean
  /** Compare contents, and not only sizes and times. */
  thorough: boolean
  /** MiB a second; absent for no limit. */
  bandwidth?: number
}

/** What a mover's program has told: the pairs of its result, and its `summary` lines. */
export interface MoverLog {
  readonly result: ReadonlyMap<string, string> | undefined
  readonly summaries: readonly string[]
}

/** What a mover has moved. */
export interface MovedAmounts {
  /** How many files it copied. */
  copied: number
  /** How many bytes these have; absent where the mover does not tell. */
  bytes?: number
  /** How many entries it deleted; absent where the mover does not tell. */
  deleted?: number
}
