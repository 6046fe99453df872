import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { StatusError } from './errors.ts'
import { writeJson } from './json.ts'
import { readRequest } from './request.ts'
import { type Reply, type RequestAsRead, refusalOf, type Service, type Sink } from './service.ts'

const BODY_LIMIT = 3 * 1024 * 1024
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

/** Serves HTTP on 127.0.0.1. */
export class HttpServer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #service: Service
  readonly #port: number

  /** On a port, or with 0 on any that is free. */
  constructor(service: Service, port: number) {
    this.#service = service
    this.#port = port
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
      this.#server.listen(this.#port, '127.0.0.1', () => {
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
      const reply = await this.#service.serve(await readHttp(incoming))
      if (reply === 'cut') incoming.socket.destroy()
      else if (reply.stream) reply.stream(sinkOf(response))
      else send(response, reply)
    } catch (error) {
      // The client went away, killed in the middle of its request perhaps: there is nobody to answer.
      if (incoming.socket.destroyed) return
      const refusal = refusalOf(error)
      if (!response.headersSent) send(response, refusal)
    }
  }
}

/** The request, as far as it is one that this machine makes. */
async function readHttp(incoming: IncomingMessage): Promise<RequestAsRead> {
  const { method = 'GET', url = '/', headers } = incoming
  const body = await bodyOf(incoming)
  refuseStrangers(headers)
  return readRequest({ method, url, body, contentType: headers['content-type'], accept: headers.accept })
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

function send(response: ServerResponse, { status, body, raw, retryAfter }: Reply): void {
  const content = raw ? raw.content : writeJson(body)
  response.writeHead(status, {
    'Content-Type': raw ? raw.contentType : 'application/json',
    'Content-Length': Buffer.byteLength(content),
    'Cache-Control': 'no-cache, private',
    ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
  })
  response.end(content)
}

function sinkOf(response: ServerResponse): Sink {
  return {
    get isGone() {
      return response.socket?.destroyed === true || response.writableEnded || response.destroyed
    },
    begin() {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' })
      response.flushHeaders()
    },
    write: (text) => void response.write(text),
    end: () => void response.end(),
    onClose: (then) => void response.on('close', then),
  }
}
