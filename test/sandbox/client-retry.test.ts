import { afterEach, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { connect } from '../../src/cluster/connect.ts'
import { ApiError, ConnectionError, isApiError } from '../../src/cluster/errors.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { answer, kubeconfigFor, type Reply, type StandIn, standIn, statusBody } from './client-server.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const configMap: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'n', uid: 'u1' },
}
const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'n', name: 'a' }

async function clientOf(reply: Reply, patience = {}): Promise<{ cluster: Cluster; server: StandIn }> {
  const server = await standIn(reply)
  const user = { token: 'hush-token' }
  const cluster = await connect({
    kubeconfigText: kubeconfigFor(server.url, { user }),
    requestTimeout: 5000,
    ...patience,
  })
  closing.push(() => cluster.close(), server.close)
  return { cluster, server }
}

async function errorOf(promise: Promise<unknown>): Promise<ApiError | ConnectionError> {
  const error = await promise.catch((thrown: unknown) => thrown)
  if (!(error instanceof ApiError || error instanceof ConnectionError)) throw new Error(`unexpected: ${String(error)}`)
  expect(error.message).not.toContain('\n')
  expect(`${error.message} ${error.remedy}`).not.toMatch(/hush|Bearer/)
  return error
}

test('a busy server is asked again after as long as it says', async () => {
  let asked = 0
  const { cluster, server } = await clientOf((_, response, nth) => {
    if (nth === 0) {
      asked = Date.now()
      answer(response, 429, statusBody(429, 'TooManyRequests'), { 'retry-after': '1' })
    } else answer(response, 201, configMap)
  })
  expect(await cluster.create(configMap)).toEqual(configMap)
  expect(Date.now() - asked).toBeGreaterThanOrEqual(1000)
  expect(server.seen.map(({ method }) => method)).toEqual(['POST', 'POST'])
})

test('a read is tried again after 500, 502, a broken connection and half an answer', async () => {
  const { cluster } = await clientOf((_, response, nth) => {
    if (nth === 0) answer(response, 200, configMap)
    else if (nth === 1) answer(response, 500, statusBody(500, 'InternalError'))
    else if (nth === 2) response.socket?.destroy()
    else if (nth === 3) {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"kind":', () => response.socket?.destroy())
    } else answer(response, 200, configMap)
  })
  await cluster.get(ref)
  expect(await cluster.get(ref)).toEqual(configMap)
})

test('a change that may have been made is not made again, and says so', async () => {
  const { cluster, server } = await clientOf((_, response) => response.socket?.destroy())
  for (const change of [
    () => cluster.create(configMap),
    () => cluster.replace(configMap),
    () => cluster.patch(ref, { type: 'json', body: [{ op: 'remove', path: '/data' }] }),
    () => cluster.patch(ref, { type: 'merge', body: { metadata: { resourceVersion: '1' } } }),
    () => cluster.delete(ref),
  ]) {
    server.seen.length = 0
    const error = await errorOf(change())
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error.message).toContain('the change may have been made')
    expect(server.seen).toHaveLength(1)
  }
})

test('a gateway that gave up leaves open whether the change was made', async () => {
  const { cluster } = await clientOf((_, response) => answer(response, 504, '<html>hush</html>'))
  const error = await errorOf(cluster.create(configMap))
  expect(error).toBeInstanceOf(ConnectionError)
  expect(error.message).toContain('the change may have been made')
})

test('what does the same when it is done twice is done again: a deletion by uid, a merge', async () => {
  const { cluster, server } = await clientOf((_, response, nth) => {
    if (nth % 2 === 0) response.socket?.destroy()
    else answer(response, 200, configMap)
  })
  await cluster.delete({ ...ref, uid: 'u1' })
  await cluster.patch(ref, { type: 'merge', body: { data: { a: 'b' } } })
  expect(server.seen.map(({ method }) => method)).toEqual(['DELETE', 'DELETE', 'PATCH', 'PATCH'])
})

test('a deletion names the uid it means, and what is gone already is no error', async () => {
  const { cluster, server } = await clientOf((_, response) => answer(response, 404, statusBody(404, 'NotFound')))
  await cluster.delete({ ...ref, uid: 'u1' }, { propagation: 'Foreground', gracePeriodSeconds: 0 })
  expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: { uid: 'u1' },
    propagationPolicy: 'Foreground',
    gracePeriodSeconds: 0,
  })
})

test('a deletion may name a version, and is not made twice then', async () => {
  const { cluster, server } = await clientOf((_, response) => response.socket?.destroy())
  const error = await errorOf(cluster.delete({ ...ref, uid: 'u1' }, { resourceVersion: '7' }))
  expect(error.message).toContain('the change may have been made')
  expect(server.seen.map(({ body }) => JSON.parse(body ?? '').preconditions)).toEqual([
    { uid: 'u1', resourceVersion: '7' },
  ])
})

test('with a uid only that very object is found', async () => {
  const { cluster } = await clientOf((_, response) => answer(response, 200, configMap))
  expect(await cluster.find({ ...ref, uid: 'u1' })).toEqual(configMap)
  expect(await cluster.find({ ...ref, uid: 'u2' })).toBeUndefined()
})

test('a server that does not answer is given up at the deadline', async () => {
  const { cluster } = await clientOf(() => undefined, { requestTimeout: 50 })
  const error = await errorOf(cluster.get(ref))
  expect(error).toBeInstanceOf(ConnectionError)
  expect(error.message).toContain('timed out waiting for an answer')
})

test('a server that answers a byte now and then is given up at the deadline, too', async () => {
  const { cluster } = await clientOf(
    (_, response) => {
      response.writeHead(200)
      const drip = setInterval(() => response.write(' '), 10)
      response.on('close', () => clearInterval(drip))
    },
    { requestTimeout: 100 },
  )
  expect((await errorOf(cluster.get(ref))).message).toContain('timed out waiting for an answer')
})

test('an address where nothing listens is told at once', async () => {
  const server = await standIn(() => undefined)
  await server.close()
  const cluster = await connect({ kubeconfigText: kubeconfigFor(server.url) })
  const error = await errorOf(cluster.list({ apiVersion: 'v1', kind: 'Pod' }))
  expect(error.message).toContain(`cannot reach ${server.url}: connection refused`)
})

test('a server that comes back is waited for, even for a change', async () => {
  const last = { connection: 'close' }
  const { cluster, server } = await clientOf((_, response) => answer(response, 200, configMap, last))
  await cluster.get(ref)
  await server.close()
  const creating = cluster.create(configMap)
  const http = await import('node:http')
  const again = http.createServer((_, response) => answer(response, 201, configMap))
  await new Promise<void>((resolve) => again.listen(server.port, '127.0.0.1', resolve))
  closing.push(() => again.close())
  expect(await creating).toEqual(configMap)
})

test('401 says who is not known, 403 what is not allowed and how to get it', async () => {
  const forbidden = 'pods is forbidden: User "nobody" cannot list resource "pods" in API group "" at the cluster scope'
  const { cluster } = await clientOf((_, response, nth) => {
    if (nth === 0) answer(response, 401, statusBody(401, 'Unauthorized', 'Unauthorized'))
    else answer(response, 403, statusBody(403, 'Forbidden', forbidden))
  })
  const unknown = await errorOf(cluster.list({ apiVersion: 'v1', kind: 'Pod' }))
  expect(isApiError(unknown, 401, 'Unauthorized')).toBe(true)
  expect(unknown.remedy).toContain('log in again')
  const refused = await errorOf(cluster.list({ apiVersion: 'v1', kind: 'Pod' }))
  expect(isApiError(refused, 403, 'Forbidden')).toBe(true)
  expect(refused.message).toContain(forbidden)
  expect(refused.remedy).toContain('juicify rbac')
})

test('what the server says of a Secret’s content is not repeated', async () => {
  const told = {
    ...(statusBody(422, 'Invalid', 'Secret "s" is invalid: data[metaurl]: Invalid value: "redis://:hush@h"') as object),
    details: { causes: [{ field: 'data[metaurl]', message: 'Invalid value: "redis://:hush@h"' }] },
  }
  const { cluster } = await clientOf((_, response) => answer(response, 422, told))
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'n' } }
  expect((await errorOf(cluster.create(secret))).message).toContain('data[metaurl]')
})

test('something that is no API server is told without what it said', async () => {
  const { cluster } = await clientOf((_, response) => answer(response, 200, '<html>hush, log in</html>'))
  expect((await errorOf(cluster.get(ref))).message).toContain('not JSON')
})

test('an interrupt ends what is under way', async () => {
  const stop = new AbortController()
  const { cluster } = await clientOf(() => stop.abort(new Error('interrupted')), { signal: stop.signal })
  await expect(cluster.get(ref)).rejects.toThrow('interrupted')
  await expect(cluster.list({ apiVersion: 'v1', kind: 'Pod' })).rejects.toThrow('interrupted')
})
