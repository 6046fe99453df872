import { Failure } from '../domain/failure.ts'
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
    options: { status: number; reason: string; retryAfter?: number; denial?: Denial; remedy?: string; cause?: unknown },
  ) {
    super(message, { ...options, ...(options.denial ? { remedy: options.denial.remedy } : {}) })
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

/** What comes of the waiting, or its DeadlineError with the next thing to try. */
export async function withRemedy<T>(remedy: string, waiting: Promise<T>): Promise<T> {
  try {
    return await waiting
  } catch (error) {
    throw error instanceof DeadlineError ? new DeadlineError(error.message, { remedy, cause: error }) : error
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
