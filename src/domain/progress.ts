/** How far a Job's program is, in its own words; what it does not say is absent. */
export interface Progress {
  /** Bytes moved or read so far. */
  bytes?: number
  /** Bytes that there are to be moved or read, as far as is known. */
  of?: number
  /** Files moved or read so far. */
  files?: number
  /** Files that could not be moved so far. */
  failed?: number
  /** Bytes that are free where things are moved to. */
  free?: number
  percent?: number
  /** Bytes a second. */
  rate?: number
  /** Seconds left, as the program guesses. */
  left?: number
}
