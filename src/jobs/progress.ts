/** How far a Job's program is, in its own words; what it does not say is absent. */
export interface Progress {
  /** Bytes moved or read so far. */
  bytes?: number
  /** Files moved or read so far. */
  files?: number
  percent?: number
  /** Bytes a second. */
  rate?: number
  /** Seconds left, as the program guesses. */
  left?: number
}

/** How far the Job on a node is. */
export interface JobProgress extends Progress {
  node: string
  /** `2 of 4`, where several Jobs share the work. */
  part?: string
}

/** A Job whose pod runs has not got further for long. */
export interface Stall {
  node: string
  /** The name of its pod, in juicify's namespace. */
  pod: string
  minutes: number
}
