import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { badRequest, StatusError, tooDeep } from './errors.ts'
import { isTooDeep, parseJson, writeJson } from './json.ts'
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
  /** POST, PUT, PATCH or DELETE of something that is stored (reviews are not). */
  changing: boolean
}

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
  /** Takes the response over and writes to it as long as it likes. */
  stream?: (response: ServerResponse) => void
}

export interface HttpOptions {
  port: number
  answer: (request: SandboxRequest) => Reply
  onRequest?: (request: SandboxRequest) => Interference | undefined | Promise<Interference | undefined>
  onAnswer?: (request: SandboxRequest, status: number) => void | Promise<void>
}

const BODY_LIMIT = 3 * 1024 * 1024
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

/** Serves HTTP on 127.0.0.1. */
export class HttpServer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #options: HttpOptions
  #number = 0

  constructor(options: HttpOptions) {
    this.#options = options
    this.#server = createServer({ keepAlive: true }, (request, response) => {
      void this.#handle(request, response)
    })
    this.#server.keepAliveTimeout = 60_000
    this.#server.requestTimeout = 0
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  /** Starts to listen, and returns the address. */
  listen(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#options.port, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`)
      })
    })
  }

  /** Cuts every connection, as a broken network does. */
  cutConnections(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.cutConnections()
    })
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const request = await this.#read(incoming)
      const interference = await this.#options.onRequest?.(request)
      if (interference && 'cut' in interference && interference.cut === 'before') return void incoming.socket.destroy()
      if (interference && 'answer' in interference)
        return send(response, refusalOf(interference.answer), interference.answer.retryAfter)
      const reply = this.#options.answer(request)
      if (interference) return void incoming.socket.destroy()
      await this.#options.onAnswer?.(request, reply.status)
      if (reply.stream) reply.stream(response)
      else send(response, reply)
    } catch (error) {
      // The client went away, killed in the middle of its request perhaps: there is nobody to answer.
      if (incoming.socket.destroyed) return
      const refusal = error instanceof RangeError ? tooDeep() : error
      if (!(refusal instanceof StatusError)) throw error
      if (!response.headersSent) send(response, { status: refusal.code, body: refusal.toStatus() })
    }
  }

  async #read(incoming: IncomingMessage): Promise<SandboxRequest> {
    const { method = 'GET', url = '/', headers } = incoming
    const body = await bodyOf(incoming)
    refuseStrangers(headers)
    const { pathname, searchParams } = locationOf(url)
    const contentType =
      String(headers['content-type'] ?? '')
        .split(';')[0]
        ?.trim() ?? ''
    const changing = method !== 'GET' && method !== 'HEAD' && !pathname.startsWith('/apis/authorization.k8s.io/')
    return {
      number: ++this.#number,
      method,
      path: decodePath(pathname),
      query: searchParams,
      contentType,
      accept: String(headers.accept ?? ''),
      body: parseBody(body, contentType),
      changing,
    }
  }
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw badRequest(`the path ${path} cannot be read`)
  }
}

/** What is too much is read to its end all the same, and dropped: a client that still sends would not hear the answer. */
async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length
    if (size <= BODY_LIMIT) chunks.push(chunk as Buffer)
    else chunks.length = 0
  }
  if (size > BODY_LIMIT) throw new StatusError(413, 'RequestEntityTooLarge', `limit is ${BODY_LIMIT}`)
  return Buffer.concat(chunks)
}

/**
 * Refuses what a web page may send from this machine: by a name of its own that it has made lead here, which the host
 * tells, or across sites, which the origin tells.
 */
function refuseStrangers({ host = '', origin }: IncomingMessage['headers']): void {
  if (LOOPBACK.test(host) && (origin === undefined || LOOPBACK.test(origin.replace(/^https?:\/\//i, '')))) return
  throw new StatusError(
    403,
    'Forbidden',
    `the sandbox answers this machine alone, as localhost, 127.0.0.1 or [::1]; the request is for ${JSON.stringify(host)}${origin === undefined ? '' : `, from ${JSON.stringify(origin)}`}`,
  )
}

function locationOf(url: string): URL {
  try {
    return new URL(url, 'http://sandbox')
  } catch {
    throw badRequest(`the path ${url} cannot be read`)
  }
}

function parseBody(body: Buffer, contentType: string): unknown {
  if (body.length === 0) return undefined
  if (/protobuf|yaml|cbor/.test(contentType)) return body.toString('utf8')
  const content = textOf(body)
  if (isTooDeep(content)) throw tooDeep()
  try {
    return parseJson(content)
  } catch (error) {
    throw badRequest(`the body of the request is no JSON: ${(error as Error).message}`)
  }
}

/** Throws 400 where it is no UTF-8: to put something in its place would store what nobody has sent. */
function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw badRequest('the body of the request is no UTF-8')
  }
}

function refusalOf({
  status,
  reason,
  message,
  body,
  retryAfter,
}: Extract<Interference, { answer: unknown }>['answer']): Reply {
  if (body !== undefined) return { status, body }
  const details: Fields | undefined = retryAfter === undefined ? undefined : { retryAfterSeconds: retryAfter }
  return {
    status,
    body: new StatusError(
      status,
      reason ?? '',
      message ?? `the sandbox was told to answer ${status}`,
      details,
    ).toStatus(),
  }
}

function send(response: ServerResponse, { status, body, raw }: Reply, retryAfter?: number): void {
  const content = raw ? raw.content : writeJson(body)
  response.writeHead(status, {
    'Content-Type': raw ? raw.contentType : 'application/json',
    'Content-Length': Buffer.byteLength(content),
    'Cache-Control': 'no-cache, private',
    ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
  })
  response.end(content)
}
