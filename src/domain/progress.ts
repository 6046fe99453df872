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
