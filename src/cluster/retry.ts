import type { Trouble } from './transport.ts'

/** How one try ended. */
export type AttemptOutcome =
  | { type: 'answered'; status: number; retryAfter?: number | undefined }
  | { type: 'unanswered'; trouble: Trouble; sent: boolean }

export interface Attempt {
  outcome: AttemptOutcome
  /** Doing it twice does no other thing than doing it once. */
  repeatable: boolean
  /** Tries made, this one included. */
  tries: number
  /** Milliseconds since the first. */
  elapsed: number
  /** Milliseconds in which to try. */
  budget: number
  /** This server has answered well before: it is there, and will come back. */
  known: boolean
}

const FIRST_PAUSE = 200
const LONGEST_PAUSE = 10_000
/** A server that has never answered is more likely a wrong address than a busy one. */
const TRIES_FOR_A_STRANGER = 3
const LONGEST_FOR_A_STRANGER = 5_000

/**
 * Milliseconds to wait before the next try, or undefined where there is to be none. A change is tried again only where
 * the server surely did not do it: 429, 503 with Retry-After (it says when to come back, so it did not begin; of the
 * kube-apiserver and of load balancers alike), and a connection that never stood. `random` is in [0, 1).
 */
export function pauseBeforeRetry(attempt: Attempt, random: number): number | undefined {
  const { outcome, tries, elapsed, budget } = attempt
  if (!mayRepeat(attempt)) return undefined
  const asked = outcome.type === 'answered' ? outcome.retryAfter : undefined
  const grown = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tries - 1))
  // Half of it is chance, so that those who were sent away together do not come back together.
  const pause = (asked ?? 0) * 1000 + grown * (0.5 + random / 2)
  return elapsed + pause < budget ? pause : undefined
}

function mayRepeat({ outcome, repeatable, tries, elapsed, known }: Attempt): boolean {
  if (outcome.type === 'answered') {
    const { status, retryAfter } = outcome
    if (status === 429 || (status === 503 && retryAfter !== undefined)) return true
    return repeatable && status >= 500 && status !== 501 && (known || tries < TRIES_FOR_A_STRANGER)
  }
  if (outcome.trouble === 'certificate') return false
  const isEnough = tries >= TRIES_FOR_A_STRANGER || elapsed > LONGEST_FOR_A_STRANGER || outcome.trouble === 'timeout'
  if (!known && isEnough) return false
  return repeatable || !outcome.sent
}

/** Seconds that a Retry-After header asks for: a number, or a date. */
export function retryAfterSeconds(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\s*\d+\s*$/.test(header)) return Number(header)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000))
}
