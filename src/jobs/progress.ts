import type { InLanguage } from '../domain/failure.ts'
import type { Progress } from '../domain/progress.ts'

/** How far the Job on a node is. */
export interface JobProgress extends Progress {
  node: string
  /** `2 of 4`, where several Jobs share the work. */
  part?: string
}

/** Something is wrong with a Job that may get better by itself. */
export interface JobTrouble {
  node: string
  /** What was found. */
  why: string
  /** The next thing to do. */
  remedy?: string
  /** The same in other languages. */
  in?: InLanguage
}

/** A Job whose pod runs has not got further for long. */
export interface Stall {
  node: string
  /** The name of its pod, in juicify's namespace. */
  pod: string
  seconds: number
}
