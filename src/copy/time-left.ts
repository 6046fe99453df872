import type { Progress } from '../domain/progress.ts'

/** Before that it is not known how fast a Job is: its first files, or its first listing, say nothing. */
const LEAST_SECONDS = 10
/** What was longer ago says less of how fast it is now. */
const WINDOW_SECONDS = 120

/**
 * How long a Job still takes, by how far it has come in the last two minutes: what programs guess themselves goes by all
 * their time, in which most of it they may have listed, or waited. One for each Job.
 */
export class TimeLeft {
  #seen: { at: number; percent: number }[] = []

  /**
   * The progress with the seconds that are left; without any where that is not to be told yet.
   * @param at milliseconds
   */
  of<P extends Progress>(progress: P, at: number): P {
    const { left: _, ...told } = progress
    const percent = exactPercent(progress)
    if (percent === undefined) return progress
    // it is still being listed, or waits for something
    if (percent === 0) return told as P
    const last = this.#seen.at(-1)
    // the whole has grown, as it does while a directory is still being listed
    if (last && percent < last.percent) this.#seen = []
    this.#seen.push({ at, percent })
    while (this.#seen.length > 2 && at - (this.#seen[0]?.at ?? at) > WINDOW_SECONDS * 1000) this.#seen.shift()
    const first = this.#seen[0] ?? { at, percent }
    const [seconds, come] = [(at - first.at) / 1000, percent - first.percent]
    if (seconds < LEAST_SECONDS || come <= 0) return told as P
    return { ...(told as P), left: Math.round(((100 - percent) * seconds) / come) }
  }
}

/** A whole percent of a terabyte takes minutes: where bytes are told the share is reckoned from them. */
function exactPercent({ percent, bytes, of }: Progress): number | undefined {
  return bytes !== undefined && of ? (100 * bytes) / of : percent
}
