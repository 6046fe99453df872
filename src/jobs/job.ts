import type { ExitCodes } from '../domain/exit-codes.ts'
import type { KubeObject } from '../domain/object.ts'
import type { Progress } from '../domain/progress.ts'
import type { MountTrouble } from '../domain/trouble.ts'
import type { Wording } from '../words/trouble.ts'
import type { JobLog } from './log.ts'
import type { JobProgress, JobTrouble, Stall } from './progress.ts'

/** A Job, as far as its end is read. */
export interface Job extends KubeObject {
  status?: {
    succeeded?: number
    failed?: number
    conditions?: { type: string; status: string; reason?: string; message?: string }[]
  }
}

/** What a Job was for, as far as its diagnosis needs it. */
export interface JobPurpose {
  /** For messages: `the first copy of /data`. */
  what: Wording
  /** The tool that its program runs, `rsync`, and what its own exit codes mean. */
  tool: { name: string; exitCodes: ExitCodes }
}

/** Jobs that do one thing together, one for each node or part that takes part in it. */
export interface JobSet extends JobPurpose {
  /** Where they are; juicify's own where not given. */
  namespace?: string
  /** Selects these Jobs, and those that did other things to the same. */
  selector: string
  /** The directory on the node that they mount. */
  directory: string
  /** What its file system's driver means where it cannot mount. */
  mountTrouble?: MountTrouble | undefined
  /** The Jobs. The same work has the same names, so that a later run finds them; `run` is what those of one run share. */
  jobs(run: string): Job[]
  /** What their pods run: the text whose SHA-256 is in their command. */
  program: string
  /** They change nothing, and tell what is there at the moment: those that are there already are made anew. */
  onlyLooks: boolean
  /** Whether another Job of the selector must be gone before these begin. */
  isInTheWay(job: Job): boolean
  /** What a line of progress says; undefined where it says nothing. */
  readProgress(line: string): Progress | undefined
}

export interface JobOptions {
  /** Ends the waiting. The Jobs go on in the cluster, and the next call finds them. */
  signal?: AbortSignal | undefined
  onProgress?: (progress: JobProgress) => void
  /** Told what keeps a Job's pod from starting, or goes wrong while it runs, once for each cause. It is waited for still. */
  onTrouble?: (trouble: JobTrouble) => void
  /** Told each time that a Job whose pod runs has not got further for long. It is waited for still. */
  onStall?: (stall: Stall) => void
}

/** What each Job has told, once all have succeeded. */
export interface JobResult {
  node: string
  log: JobLog
}
