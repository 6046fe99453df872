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
    throw new ConnectionError(
      `${question.server} answered ${question.what} with something that is not JSON${maybeMade(question)}`,
      {
        remedy: 'is it a Kubernetes API server, or a proxy in front of one? Check the server in the kubeconfig',
        cause: error instanceof SyntaxError ? undefined : error,
      },
    )
  }
}

/** The error that an answer other than 2xx is. */
export function errorOf(answer: HttpAnswer, question: ApiQuestion, now = Date.now()): ApiError | ConnectionError {
  const status = statusOf(answer)
  const { what, server } = question
  const retryAfter = retryAfterSeconds(answer.headers['retry-after'], now)
  if (question.changes && leavesOpen(answer.status, status)) {
    return new ConnectionError(`${server} did not finish ${what} (${answer.status})${maybeMade(question)}`, {
      remedy: 'check that the API server is healthy, then run the command again',
    })
  }
  const reason = status?.reason || reasonOf(answer.status)
  const denial = denialOf(answer.status, wordsOf(status))
  return new ApiError(`cannot ${what}: ${messageOf(answer, status, question)}`, {
    status: answer.status,
    reason,
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(denial ? { denial } : remedyFor(answer.status, question)),
  })
}

/** The error that a missing answer is. */
export function errorOfTrouble(error: TransportError, question: ApiQuestion, tries: number): ConnectionError {
  const { server, what } = question
  const again = tries > 1 ? ` (${tries} tries)` : ''
  const { message, remedy } = troubleInWords(error, server)
  return new ConnectionError(`cannot ${what}: ${message}${again}${error.sent ? maybeMade(question) : ''}`, {
    remedy,
    cause: error,
  })
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

function messageOf(answer: HttpAnswer, status: Status | undefined, question: ApiQuestion): string {
  // What it says of a Secret's content quotes the content.
  if (question.secret && (answer.status === 422 || answer.status === 400)) {
    const fields = status?.details?.causes?.flatMap(({ field }) => field ?? []) ?? []
    return `the API server rejects it as invalid${fields.length > 0 ? `: ${fields.join(', ')}` : ''}`
  }
  // As a Go server says it, which many are.
  if (answer.text.startsWith('Client sent an HTTP request to an HTTPS server')) {
    return 'the server uses https, but the kubeconfig says http'
  }
  const told = wordsOf(status)
  if (!told || question.secret)
    return `the server answered ${answer.status} ${status?.reason ?? reasonOf(answer.status)}`
  return told.length > LONGEST_MESSAGE ? `${told.slice(0, LONGEST_MESSAGE)}…` : told
}

function remedyFor(code: number, question: ApiQuestion): { remedy?: string } {
  switch (code) {
    case 401:
      return {
        remedy: `${question.server} does not accept your credentials: log in again, or choose another user with --context or --kubeconfig`,
      }
    case 429:
    case 503:
      return { remedy: 'the server is overloaded or starting: wait a moment, then run the command again' }
    default:
      return {}
  }
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

function maybeMade(question: ApiQuestion): string {
  return question.changes ? '; the change may have been made' : ''
}

function troubleInWords({ trouble, code }: TransportError, server: string): { message: string; remedy: string } {
  if (trouble === 'certificate') return certificateInWords(code, server)
  if (trouble === 'timeout') {
    return {
      message: `timed out waiting for an answer of ${server}`,
      remedy: 'check that the API server is healthy, or give it more time',
    }
  }
  if (trouble === 'lost') {
    return {
      message: `the connection to ${server} broke (${code})`,
      remedy: 'check that the API server is healthy, then run the command again',
    }
  }
  const why: Record<string, string> = {
    ECONNREFUSED: 'connection refused',
    ENOTFOUND: 'host not found',
    EAI_AGAIN: 'temporary failure in name resolution',
    ETIMEDOUT: 'connection timed out',
  }
  return {
    message: `cannot reach ${server}: ${why[code] ?? code}`,
    remedy: 'check the server and the proxy in the kubeconfig, the network or VPN, and whether the cluster is running',
  }
}

function certificateInWords(code: string, server: string): { message: string; remedy: string } {
  if (code === 'CERT_HAS_EXPIRED') {
    return {
      message: `the certificate of ${server} has expired`,
      remedy: "renew the server's certificate, or check this machine's clock",
    }
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      message: `the certificate of ${server} is not valid for that name`,
      remedy: 'use a name from the certificate as server, or set tls-server-name in the kubeconfig',
    }
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    return {
      message: `no TLS connection to ${server} (${code})`,
      remedy: "check that it uses https and accepts the kubeconfig's client certificate",
    }
  }
  return {
    message: `the certificate of ${server} is not signed by the certificate authority in the kubeconfig (${code})`,
    remedy: 'check that it is the right cluster, or correct certificate-authority in the kubeconfig',
  }
}
