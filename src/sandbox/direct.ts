import { Readable } from 'node:stream'
import { writeJson } from './json.ts'
import { readRequest, type WrittenRequest } from './request.ts'
import { type Reply, refusalOf, type Service, type Sink } from './service.ts'

/** What answers a request that came without a connection. */
export interface DirectAnswer {
  status: number
  headers: Record<string, string>
  /** The whole of it, or a stream where it comes bit by bit. */
  body: string | Readable
}

/** The connection is cut; without a real connection that means that no answer will come. */
export class ConnectionCut extends Error {}

/**
 * The way in for those that live in this process. As over HTTP, a request arrives in a later turn of the event loop than
 * it was sent in, and its answer in a later one than it was carried out in, so that the controllers get theirs in between.
 */
export class DirectDoor {
  readonly #service: Service
  readonly #cuts = new Set<() => void>()
  #isClosed = false

  constructor(service: Service) {
    this.#service = service
  }

  /** Carries a request out. Throws ConnectionCut. */
  ask(request: WrittenRequest): Promise<DirectAnswer> {
    return new Promise((resolve, reject) => {
      const cut = () => {
        this.#cuts.delete(cut)
        reject(new ConnectionCut('the connection was cut'))
      }
      this.#cuts.add(cut)
      const arrive = async () => {
        if (this.#isClosed) return cut()
        if (!this.#cuts.has(cut)) return
        const answer = await this.#answerTo(request)
        setImmediate(() => {
          if (answer === 'cut') return cut()
          this.#cuts.delete(cut)
          resolve(answer)
        })
      }
      setImmediate(arrive)
    })
  }

  /** Cuts whoever waits for an answer, or reads a stream. */
  cutConnections(): void {
    for (const cut of [...this.#cuts]) cut()
  }

  /** Cuts all, and whoever asks from now on. */
  close(): void {
    this.#isClosed = true
    this.cutConnections()
  }

  async #answerTo(request: WrittenRequest): Promise<DirectAnswer | 'cut'> {
    try {
      const reply = await this.#service.serve(readRequest(request))
      return reply === 'cut' ? reply : this.#answerOf(reply)
    } catch (error) {
      return this.#answerOf(refusalOf(error))
    }
  }

  #answerOf({ status, body, raw, retryAfter, stream }: Reply): DirectAnswer {
    const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
    if (stream) return { status, headers, body: this.#streamOf(stream) }
    return { status, headers, body: raw ? raw.content.toString() : writeJson(body) }
  }

  #streamOf(fill: (sink: Sink) => void): Readable {
    const readable = new Readable({ read() {} })
    const cut = () => void readable.destroy()
    this.#cuts.add(cut)
    readable.on('close', () => this.#cuts.delete(cut))
    let ended = false
    const send = (chunk: Buffer | null) =>
      void setImmediate(() => {
        if (!readable.destroyed) readable.push(chunk)
      })
    fill({
      get isGone() {
        return ended || readable.destroyed
      },
      begin() {},
      write: (text) => send(Buffer.from(text)),
      end() {
        ended = true
        send(null)
      },
      onClose: (then) => void readable.on('close', then),
    })
    return readable
  }
}
