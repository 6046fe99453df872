import { Failure, type InLanguage } from '../domain/failure.ts'
import { type Wording, worded, words } from '../words/trouble.ts'
import type { Denial, DeniedBy } from './denial.ts'
import { TransportError } from './transport.ts'

/** The API server said no. `reason` is its own word for why (`NotFound`, `Conflict`, `Forbidden`, …). */
export class ApiError extends Failure {
  readonly status: number
  readonly reason: string
  /** Seconds that the server asks to wait for, where it did. */
  readonly retryAfter: number | undefined
  /** Who refuses it, where it is a right or admission that does. */
  readonly deniedBy: DeniedBy | undefined

  constructor(
    message: string,
    options: {
      status: number
      reason: string
      retryAfter?: number
      denial?: Denial
      remedy?: string | undefined
      cause?: unknown
      in?: InLanguage
    },
  ) {
    super(message, options)
    this.deniedBy = options.denial?.by
    this.status = options.status
    this.reason = options.reason
    this.retryAfter = options.retryAfter
  }
}

/** No answer came, or none that could be read: what was asked for may have been done all the same. */
export class ConnectionError extends Failure {}

/** Something that was waited for did not come. */
export class DeadlineError extends Failure {}

/** That what was waited for did not come in time. */
export function timedOut({ timeout, what }: { timeout: number; what: string | Wording }): DeadlineError {
  return new DeadlineError(
    ...worded((say) => ({ message: say.server.timeout(timeout / 1000, typeof what === 'string' ? what : what(say)) })),
  )
}

/** What comes of the waiting, or its DeadlineError with the next thing to try. */
export async function withRemedy<T>(remedy: Wording, waiting: Promise<T>): Promise<T> {
  try {
    return await waiting
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error
    throw new DeadlineError(
      ...worded((say) => ({ message: words(error, say).message, remedy: remedy(say) }), { cause: error }),
    )
  }
}

/** True for an ApiError with that status and, where given, that reason. */
export function isApiError(error: unknown, status: number, reason?: string): error is ApiError {
  return error instanceof ApiError && error.status === status && (reason === undefined || error.reason === reason)
}

/** True for an error that is no "no": nobody answered, or the server was not well. Asking again later may be of use. */
export function isTransient(error: unknown): boolean {
  if (error instanceof ApiError) return error.status === 429 || (error.status >= 500 && error.status !== 501)
  return (
    error instanceof ConnectionError &&
    !(error.cause instanceof TransportError && error.cause.trouble === 'certificate')
  )
}
