import { isDryRun } from './dry-run.ts'
import { StatusError, tooDeep } from './errors.ts'
import type { Fields } from './object.ts'

/** A request as it came. */
export interface SandboxRequest {
  /** Counts requests, from 1. */
  number: number
  method: string
  path: string
  query: URLSearchParams
  contentType: string
  accept: string
  /** The parsed body; undefined where there is none. */
  body: unknown
  /** POST, PUT, PATCH or DELETE of something that is stored: reviews and dry runs are not. */
  changing: boolean
}

/** One that has arrived, and is not counted yet. */
export type RequestAsRead = Omit<SandboxRequest, 'number' | 'changing'>

/** What becomes of a request instead of being carried out and answered. */
export type Interference =
  /** It is answered so, and not carried out. With `body`, that is the answer; else a Status of this reason. */
  | { answer: { status: number; reason?: string; message?: string; retryAfter?: number; body?: unknown } }
  /** The connection is cut before it is carried out, or after it was, without an answer. */
  | { cut: 'before' | 'after' }

/** What answers requests. */
export interface Reply {
  status: number
  body?: unknown
  /** A body that is no JSON. */
  raw?: { contentType: string; content: string | Buffer }
  /** Seconds after which to ask again. */
  retryAfter?: number
  /** Takes the response over and writes to it as long as it likes. */
  stream?: (sink: Sink) => void
}

/** Where the lines of a stream go. */
export interface Sink {
  /** Nobody reads any more. */
  readonly isGone: boolean
  /** Tells the reader that lines will follow. */
  begin(): void
  write(text: string): void
  end(): void
  /** Calls back when it has ended, or nobody reads any more. */
  onClose(then: () => void): void
}

/** What one wants to have a say in, and what answers. */
export interface ServiceOptions {
  answer: (request: SandboxRequest) => Reply
  onRequest?: (request: SandboxRequest) => Interference | undefined | Promise<Interference | undefined>
  onAnswer?: (request: SandboxRequest, status: number) => void | Promise<void>
}

/** What happens to a request, whichever way it has come. */
export class Service {
  readonly #options: ServiceOptions
  #number = 0

  constructor(options: ServiceOptions) {
    this.#options = options
  }

  /** The reply to a request; `cut` where there is to be none. Throws what `refusalOf` makes one of. */
  async serve(read: RequestAsRead): Promise<Reply | 'cut'> {
    const { method, path } = read
    const asks = method === 'GET' || method === 'HEAD' || path.startsWith('/apis/authorization.k8s.io/')
    // what is told of an object changes nothing by which anybody decides
    const isTelling = read.method === 'POST' && read.path.endsWith('/events')
    const changing = !asks && !isDryRun(read) && !isTelling
    const request: SandboxRequest = { ...read, number: ++this.#number, changing }
    const interference = await this.#options.onRequest?.(request)
    if (interference && 'answer' in interference) return replyOf(interference.answer)
    if (interference?.cut === 'before') return 'cut'
    const reply = this.#options.answer(request)
    if (interference) return 'cut'
    await this.#options.onAnswer?.(request, reply.status)
    return reply
  }
}

/** How the API says that it will not; throws what is no such error. */
export function refusalOf(error: unknown): Reply {
  const refusal = error instanceof RangeError ? tooDeep() : error
  if (!(refusal instanceof StatusError)) throw error
  return { status: refusal.code, body: refusal.toStatus() }
}

function replyOf({
  status,
  reason,
  message,
  body,
  retryAfter,
}: Extract<Interference, { answer: unknown }>['answer']): Reply {
  const again = retryAfter === undefined ? {} : { retryAfter }
  if (body !== undefined) return { status, body, ...again }
  const details: Fields | undefined = retryAfter === undefined ? undefined : { retryAfterSeconds: retryAfter }
  const why = message ?? `the sandbox was told to answer ${status}`
  return { status, body: new StatusError(status, reason ?? '', why, details).toStatus(), ...again }
}
