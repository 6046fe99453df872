import { Readable } from 'node:stream'
import { onAbort } from '../../src/cluster/signal.ts'
import { type AnswerStream, type HttpExchange, type Transport, TransportError } from '../../src/cluster/transport.ts'
import type { DirectAnswer, Sandbox } from '../../src/sandbox/index.ts'

/** Reaches an embedded cluster without a connection, for tests of what stands above the client. */
export function directTo(sandbox: Pick<Sandbox, 'ask'>): Transport {
  return {
    async exchange(call) {
      const { status, headers, body } = await ask(sandbox, call)
      if (typeof body !== 'string') throw new Error(`${call.method} ${call.url} is answered by a stream`)
      return { status, headers, text: body }
    },
    async openStream(call): Promise<AnswerStream> {
      const { status, headers, body } = await ask(sandbox, call)
      const stream = typeof body === 'string' ? Readable.from([Buffer.from(body)]) : body
      return Object.assign(stream, { statusCode: status, headers })
    },
  }
}

/** In time, and for as long as it is wanted; an answer that comes later goes nowhere. */
function ask(sandbox: Pick<Sandbox, 'ask'>, call: HttpExchange): Promise<DirectAnswer> {
  return new Promise((resolve, reject) => {
    if (call.signal?.aborted) return reject(call.signal.reason)
    let isOver = false
    const end = (settle: () => void) => {
      isOver = true
      clearTimeout(timer)
      forget()
      settle()
    }
    const fail = (error: unknown) => end(() => reject(error))
    const timer = setTimeout(() => fail(new TransportError('timeout', 'ETIMEDOUT', true)), call.timeout)
    const forget = onAbort(call.signal, () => fail(call.signal?.reason))
    const { method, url, body, contentType = 'application/json' } = call
    const request = { method, url: url.pathname + url.search, accept: 'application/json' }
    sandbox.ask(body === undefined ? request : { ...request, contentType, body: Buffer.from(body) }).then(
      (answer) => {
        if (!isOver) end(() => resolve(answer))
        else if (typeof answer.body !== 'string') answer.body.destroy()
      },
      (cut: unknown) => fail(new TransportError('lost', 'ECONNRESET', true, cut)),
    )
  })
}
