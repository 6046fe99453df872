import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import type { Login } from './credentials.ts'
import { onAbort } from './signal.ts'

/** One request, once. */
export interface HttpExchange {
  method: string
  /** With the query. */
  url: URL
  login: Login
  body?: string
  contentType?: string
  /** Milliseconds until the answer's headers have to be there, and, but for a stream, its body. */
  timeout: number
  /** When it was decided on: what `connectTimeout` is counted from, for a process may fall asleep at any moment. */
  began: number
  /** Milliseconds until there has to be a connection. */
  connectTimeout: number
  signal?: AbortSignal | undefined
}

export interface HttpAnswer {
  status: number
  headers: http.IncomingHttpHeaders
  text: string
}

/** An answer that comes bit by bit. */
export interface AnswerStream extends AsyncIterable<Buffer> {
  statusCode?: number | undefined
  headers: http.IncomingHttpHeaders
  destroy(): unknown
}

/** How requests get to a server, and answers back. Both throw TransportError, or the signal's reason. */
export interface Transport {
  /** Asks and reads the whole answer. */
  exchange(call: HttpExchange): Promise<HttpAnswer>
  /** Asks and hands out the answer as soon as its headers are there; what comes after them is the caller's to time. */
  openStream(call: HttpExchange): Promise<AnswerStream>
}

/** Why there is no answer. */
export type Trouble = 'connect' | 'certificate' | 'timeout' | 'lost'

/** No answer came. Its message names no header and no body. */
export class TransportError extends Error {
  readonly trouble: Trouble
  /** The operating system's or OpenSSL's word for it, as `ECONNREFUSED`. */
  readonly code: string
  /** The request may have reached the server. */
  readonly sent: boolean

  constructor(trouble: Trouble, code: string, sent: boolean, cause?: unknown) {
    super(`${trouble}: ${code}`, { cause })
    this.trouble = trouble
    this.code = code
    this.sent = sent
  }
}

/** Over the network. */
export const network: Transport = { exchange, openStream }

function exchange(call: HttpExchange): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    start(call, reject, (response, finish) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        finish()
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
      })
    })
  })
}

function openStream(call: HttpExchange): Promise<AnswerStream> {
  return new Promise((resolve, reject) => {
    start(call, reject, (response, finish) => {
      finish()
      resolve(response)
    })
  })
}

function start(
  call: HttpExchange,
  reject: (error: unknown) => void,
  onResponse: (response: http.IncomingMessage, finish: () => void) => void,
): void {
  const { url, login, signal } = call
  if (signal?.aborted) {
    reject(signal.reason)
    return
  }
  const secure = url.protocol === 'https:'
  const request = (secure ? https : http).request(url, {
    method: call.method,
    agent: login.agent,
    headers: {
      accept: 'application/json',
      'user-agent': 'juicify',
      ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
      ...(call.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(call.body)) }),
      ...login.headers,
    },
  })
  let sent = false
  const timedOut = () => fail(new TransportError(sent ? 'timeout' : 'connect', 'ETIMEDOUT', sent))
  const connectTimeout = Math.min(call.connectTimeout, call.timeout)
  const connecting = setTimeout(timedOut, connectTimeout)
  const answering = setTimeout(timedOut, call.timeout)
  const finish = () => {
    clearTimeout(connecting)
    clearTimeout(answering)
    forget()
  }
  const fail = (error: unknown) => {
    finish()
    reject(error)
    request.destroy()
  }
  const forget = onAbort(signal, () => fail(signal?.reason))
  request.on('socket', (socket) => {
    whenConnected(socket, request.reusedSocket, secure, () => {
      // After a sleep the connection stands before the timer has had its turn, and nothing is written yet.
      if (Date.now() - call.began > connectTimeout) return timedOut()
      clearTimeout(connecting)
      sent = true
    })
  })
  request.on('error', (error: NodeJS.ErrnoException) => fail(troubleOf(error, sent)))
  request.on('response', (response) => {
    response.on('error', (error: NodeJS.ErrnoException) => fail(troubleOf(error, true)))
    onResponse(response, finish)
  })
  request.end(call.body)
}

function whenConnected(socket: Socket, reused: boolean, secure: boolean, then: () => void): void {
  // Through a proxy it may be connected already, but its TLS is still to come.
  if (reused || !(secure || socket.connecting)) then()
  else socket.once(secure ? 'secureConnect' : 'connect', then)
}

const CERTIFICATE_CODES = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|^ERR_SSL|^ERR_TLS|^EPROTO$/

function troubleOf(error: NodeJS.ErrnoException, sent: boolean): TransportError {
  const code = error.code ?? proxyAnswer(error.message) ?? 'unknown'
  if (CERTIFICATE_CODES.test(code)) return new TransportError('certificate', code, sent, error)
  return new TransportError(sent ? 'lost' : 'connect', code, sent, error)
}

/** How the proxy agents of KubeConfig say that the proxy refused. */
function proxyAnswer(message: string): string | undefined {
  const [, status] = /^Bad response: (\d+)$/.exec(message) ?? []
  return status && `the proxy answered ${status}`
}
