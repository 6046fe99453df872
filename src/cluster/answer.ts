import type { Told } from '../domain/failure.ts'
import { type TroubleWords, type Wording, worded } from '../words/trouble.ts'
import { denialOf } from './denial.ts'
import { ApiError, ConnectionError } from './errors.ts'
import { parseJson } from './json.ts'
import { retryAfterSeconds } from './retry.ts'
import type { HttpAnswer, TransportError } from './transport.ts'

/** What was asked, in words for people: `list pods`, and where. */
export interface ApiQuestion {
  /** As `create PersistentVolume data`. */
  what: string
  server: string
  /** It changes something, so without an answer nobody knows whether it did. */
  changes: boolean
  /** Its values are not to be told: it is a Secret's. */
  secret: boolean
}

/** The `Status` object of an answer that says no, as far as it is one. */
interface Status {
  reason?: string
  message?: string
  details?: { causes?: { field?: string }[]; retryAfterSeconds?: number }
}

const LONGEST_MESSAGE = 500

/** The JSON of a good answer. Throws ConnectionError where it is none. */
export function readBody(answer: HttpAnswer, question: ApiQuestion): unknown {
  try {
    return parseJson(answer.text)
  } catch (error) {
    const { server, what, changes } = question
    const cause = error instanceof SyntaxError ? undefined : error
    throw new ConnectionError(...worded((say) => say.server.notJson(server, what, changes), { cause }))
  }
}

/** The error that an answer other than 2xx is. */
export function errorOf(answer: HttpAnswer, question: ApiQuestion, now = Date.now()): ApiError | ConnectionError {
  const status = statusOf(answer)
  const { what, server } = question
  const retryAfter = retryAfterSeconds(answer.headers['retry-after'], now)
  if (question.changes && leavesOpen(answer.status, status)) {
    return new ConnectionError(...worded((say) => say.server.notFinished(server, what, answer.status)))
  }
  const reason = status?.reason || reasonOf(answer.status)
  const denial = denialOf(answer.status, wordsOf(status))
  const wording: Wording<Told> = (say) => ({
    message: say.server.cannot(what, messageOf(answer, status, question, say)),
    remedy: denial ? denial.in(say) : remedyFor(answer.status, question, say),
  })
  return new ApiError(
    ...worded(wording, {
      status: answer.status,
      reason,
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...(denial ? { denial } : {}),
    }),
  )
}

/** The error that a missing answer is. */
export function errorOfTrouble(error: TransportError, question: ApiQuestion, tries: number): ConnectionError {
  const { server, what, changes } = question
  const wording: Wording<Told> = (say) => {
    const { message, remedy } = troubleInWords(error, server, say)
    return { message: say.server.unanswered(what, message, tries, error.sent && changes), remedy }
  }
  return new ConnectionError(...worded(wording, { cause: error }))
}

/** Parses a `Status` object; undefined where the body is something else. */
function statusOf(answer: Pick<HttpAnswer, 'text'>): Status | undefined {
  try {
    const body = JSON.parse(answer.text) as { kind?: unknown } | null
    return body?.kind === 'Status' ? (body as Status) : undefined
  } catch {
    return undefined
  }
}

/** A gateway's error or a timeout is no "no": the server may have been at it. */
function leavesOpen(code: number, status: Status | undefined): boolean {
  if (code === 504 || status?.reason === 'Timeout' || status?.reason === 'ServerTimeout') return true
  return code >= 500 && status === undefined
}

/** What the server says, in one line. */
function wordsOf(status: Status | undefined): string {
  return status?.message?.replace(/\s+/g, ' ').trim() ?? ''
}

function messageOf(
  answer: HttpAnswer,
  status: Status | undefined,
  question: ApiQuestion,
  { server: says }: TroubleWords,
): string {
  // What it says of a Secret's content quotes the content.
  if (question.secret && (answer.status === 422 || answer.status === 400)) {
    const fields = status?.details?.causes?.flatMap(({ field }) => field ?? []) ?? []
    return says.invalidSecret(fields)
  }
  // As a Go server says it, which many are.
  if (answer.text.startsWith('Client sent an HTTP request to an HTTPS server')) {
    return says.wantsHttps()
  }
  const told = wordsOf(status)
  if (!told || question.secret) return says.answered(answer.status, status?.reason ?? reasonOf(answer.status))
  return told.length > LONGEST_MESSAGE ? `${told.slice(0, LONGEST_MESSAGE)}…` : told
}

function remedyFor(code: number, { server }: ApiQuestion, say: TroubleWords): string | undefined {
  if (code === 401) return say.server.loginAgain(server)
  return code === 429 || code === 503 ? say.server.overloaded() : undefined
}

const REASONS: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

function reasonOf(code: number): string {
  return REASONS[code] ?? 'Unknown'
}

function troubleInWords({ trouble, code }: TransportError, server: string, { server: says }: TroubleWords): Told {
  switch (trouble) {
    case 'certificate':
      return certificateInWords(code, server, says)
    case 'timeout':
      return says.timedOut(server)
    case 'lost':
      return says.broke(server, code)
    default:
      return says.unreachable(server, code)
  }
}

function certificateInWords(code: string, server: string, says: TroubleWords['server']): Told {
  if (code === 'CERT_HAS_EXPIRED') return says.expired(server)
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return says.otherName(server)
  return code === 'EPROTO' || code.startsWith('ERR_SSL') ? says.noTls(server, code) : says.untrusted(server, code)
}
