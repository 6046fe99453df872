import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'

/** A request that came to the stand-in of an API server. */
interface Seen {
  method: string
  url: string
  headers: http.IncomingHttpHeaders
  body: string
}

export interface StandIn {
  url: string
  port: number
  seen: Seen[]
  close(): Promise<void>
}

export type Reply = (request: Seen, response: http.ServerResponse, nth: number) => void

/** A server on a loopback port that answers as `reply` says; `nth` counts the requests from 0. */
export async function standIn(reply: Reply, tls?: https.ServerOptions): Promise<StandIn> {
  const seen: Seen[] = []
  const listener: http.RequestListener = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') }
      seen.push(one)
      reply(one, response, seen.length - 1)
    })
  }
  const server = tls ? https.createServer(tls, listener) : http.createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, port, seen, close }
}

export function answer(
  response: http.ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** The API server's own form of a no. */
export function statusBody(code: number, reason: string, message = `${reason} it is`): unknown {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }
}

export interface KubeconfigParts {
  user?: Record<string, unknown>
  cluster?: Record<string, unknown>
}

/** The text of a kubeconfig; JSON is YAML. */
export function kubeconfigFor(server: string, { user = {}, cluster = {} }: KubeconfigParts = {}): string {
  return JSON.stringify({
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'ctx', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'ctx',
  })
}
