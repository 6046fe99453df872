import type { ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import type { Cluster, WatchEvent } from '../../src/cluster/cluster.ts'
import { connect } from '../../src/cluster/connect.ts'
import { DeadlineError, isApiError } from '../../src/cluster/errors.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { answer, kubeconfigFor, type Reply, type StandIn, standIn, statusBody } from './client-server.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const Pod = { apiVersion: 'v1', kind: 'Pod' }

function pod(name: string, resourceVersion: string): KubeObject {
  return { ...Pod, metadata: { name, namespace: 'n', uid: `uid-${name}`, resourceVersion } }
}

async function clientOf(reply: Reply, patience = {}): Promise<{ cluster: Cluster; server: StandIn }> {
  const server = await standIn(reply)
  const cluster = await connect({ kubeconfigText: kubeconfigFor(server.url), ...patience })
  closing.push(() => cluster.close(), server.close)
  return { cluster, server }
}

function send(response: ServerResponse, ...events: [type: string, object: unknown][]): void {
  if (!response.headersSent) response.writeHead(200)
  response.write(events.map(([type, object]) => `${JSON.stringify({ type, object })}\n`).join(''))
}

function listOf(resourceVersion: string, ...items: KubeObject[]): unknown {
  return { kind: 'PodList', metadata: { resourceVersion }, items }
}

/** Watches until so many events have come, and says them as `ADDED a@5`. */
async function told(
  cluster: Cluster,
  count: number,
  from: { resourceVersion?: string; known?: KubeObject[] } = {},
): Promise<string[]> {
  const stop = new AbortController()
  const events: WatchEvent<KubeObject>[] = []
  for await (const event of cluster.watch(Pod, { namespace: 'n', ...from, signal: stop.signal })) {
    events.push(event)
    if (events.length === count) stop.abort()
  }
  return events.map(({ type, object }) => `${type} ${object.metadata.name}@${object.metadata.resourceVersion}`)
}

const versions = (server: StandIn) =>
  server.seen
    .map(({ url }) => new URL(url, 'http://x').searchParams)
    .map((query) => (query.has('watch') ? query.get('resourceVersion') : 'list'))

test('a watch goes on from the last version when the connection is closed, also in the middle of a line', async () => {
  const { cluster, server } = await clientOf((_, response, nth) => {
    if (nth === 0) {
      send(response, ['ADDED', pod('a', '5')])
      response.write('{"type":"MODIFIED","object":{"met', () => response.socket?.destroy())
    } else if (nth === 1) {
      send(response, ['MODIFIED', pod('a', '6')])
      response.end()
    } else send(response, ['DELETED', pod('a', '7')])
  })
  expect(await told(cluster, 3, { resourceVersion: '4' })).toEqual(['ADDED a@5', 'MODIFIED a@6', 'DELETED a@7'])
  expect(versions(server)).toEqual(['4', '5', '6'])
})

test('a bookmark moves the version on and is no event', async () => {
  const { cluster, server } = await clientOf((_, response, nth) => {
    if (nth === 0) {
      send(response, ['BOOKMARK', { ...Pod, metadata: { resourceVersion: '40' } }])
      response.end()
    } else send(response, ['ADDED', pod('a', '41')])
  })
  expect(await told(cluster, 1, { resourceVersion: '4' })).toEqual(['ADDED a@41'])
  expect(versions(server)).toEqual(['4', '40'])
  expect(server.seen[0]?.url).toContain('allowWatchBookmarks=true')
})

test.each(['as an event', 'as an answer'])(
  'a version that is too old (410 %s) is made up for by listing',
  async (how) => {
    const { cluster, server } = await clientOf(({ url }, response, nth) => {
      if (nth === 0) {
        send(response, ['ADDED', pod('a', '5')], ['ADDED', pod('b', '6')], ['ADDED', pod('c', '7')])
        response.end()
      } else if (nth === 1 && how === 'as an event') {
        send(response, ['ERROR', statusBody(410, 'Expired')])
        response.end()
      } else if (nth === 1) answer(response, 410, statusBody(410, 'Expired'))
      else if (!url.includes('watch=1'))
        answer(response, 200, listOf('90', pod('b', '6'), pod('c', '80'), pod('d', '81')))
      else send(response, ['DELETED', pod('d', '91')])
    })
    expect(await told(cluster, 7, { resourceVersion: '4' })).toEqual([
      'ADDED a@5',
      'ADDED b@6',
      'ADDED c@7',
      'DELETED a@5',
      'MODIFIED c@80',
      'ADDED d@81',
      'DELETED d@91',
    ])
    expect(versions(server)).toEqual(['4', '7', 'list', '90'])
  },
)

test('what was there when the watch began is known to be gone after a 410', async () => {
  const { cluster } = await clientOf(({ url }, response, nth) => {
    if (nth === 0) answer(response, 410, statusBody(410, 'Expired'))
    else if (!url.includes('watch=1')) answer(response, 200, listOf('90'))
    else send(response)
  })
  expect(await told(cluster, 1, { resourceVersion: '4', known: [pod('a', '3')] })).toEqual(['DELETED a@3'])
})

test('without a version it tells what happens from now on, and not what is there', async () => {
  const { cluster, server } = await clientOf(({ url }, response) => {
    if (url.includes('watch=1')) send(response, ['ADDED', pod('b', '9')])
    else answer(response, 200, listOf('8', pod('a', '5')))
  })
  expect(await told(cluster, 1)).toEqual(['ADDED b@9'])
  expect(versions(server)).toEqual(['list', '8'])
})

test('a server that goes silent is left for a new stream', async () => {
  const { cluster, server } = await clientOf(
    (_, response, nth) => {
      if (nth === 0) send(response)
      else send(response, ['ADDED', pod('a', '5')])
    },
    { streamTimeout: 50 },
  )
  expect(await told(cluster, 1, { resourceVersion: '4' })).toEqual(['ADDED a@5'])
  expect(versions(server)).toEqual(['4', '4'])
})

test('a server that ends every stream at once is not asked without a pause', async () => {
  const stop = new AbortController()
  const began = Date.now()
  let last = 0
  const { cluster, server } = await clientOf((_, response, nth) => {
    last = Date.now()
    response.end()
    if (nth === 3) stop.abort()
  })
  for await (const _ of cluster.watch(Pod, { resourceVersion: '4', signal: stop.signal }))
    throw new Error('no event was sent')
  expect(server.seen).toHaveLength(4)
  // three pauses, of at least half of 200, 400 and 800 ms
  expect(last - began).toBeGreaterThanOrEqual(700)
})

test('a 500, a refused connection and an unreadable event are gone over', async () => {
  const { cluster } = await clientOf((_, response, nth) => {
    if (nth === 0) answer(response, 500, statusBody(500, 'InternalError'))
    else if (nth === 1) response.socket?.destroy()
    else if (nth === 2) {
      response.write('<html>\n', () => response.end())
    } else send(response, ['ADDED', pod('a', '5')])
  })
  expect(await told(cluster, 1, { resourceVersion: '4' })).toEqual(['ADDED a@5'])
})

test('what is not allowed ends a watch with that error', async () => {
  const { cluster } = await clientOf((_, response) => answer(response, 403, statusBody(403, 'Forbidden')))
  const error = await told(cluster, 1, { resourceVersion: '4' }).catch((thrown: unknown) => thrown)
  expect(isApiError(error, 403)).toBe(true)
})

test('leaving the loop closes the stream', async () => {
  let closed: Promise<unknown> | undefined
  const { cluster } = await clientOf((_, response) => {
    closed = new Promise((resolve) => response.on('close', resolve))
    send(response, ['ADDED', pod('a', '5')])
  })
  const { signal } = new AbortController()
  for await (const _ of cluster.watch(Pod, { resourceVersion: '4', signal })) break
  await closed
})

const ref = { ...Pod, namespace: 'n', name: 'a' }

test('waiting ends with the object as it was when it came true', async () => {
  const { cluster, server } = await clientOf(({ url }, response) => {
    if (url.includes('watch=1')) send(response, ['MODIFIED', pod('a', '6')], ['MODIFIED', pod('a', '7')])
    else answer(response, 200, listOf('5', pod('a', '5')))
  })
  const found = await cluster.waitFor(ref, (it) => it?.metadata.resourceVersion === '6', { timeout: 5000, what: 'six' })
  expect(found?.metadata.resourceVersion).toBe('6')
  expect(server.seen.map(({ url }) => new URL(url, 'http://x').searchParams.get('fieldSelector'))).toEqual([
    'metadata.name=a',
    'metadata.name=a',
  ])
})

test('waiting for an object to go ends when it goes, or another one has its name', async () => {
  for (const event of [
    ['DELETED', pod('a', '6')] as const,
    ['ADDED', { ...pod('a', '6'), metadata: { ...pod('a', '6').metadata, uid: 'new' } }] as const,
  ]) {
    const { cluster } = await clientOf(({ url }, response) => {
      if (url.includes('watch=1')) send(response, [...event])
      else answer(response, 200, listOf('5', pod('a', '5')))
    })
    const gone = cluster.waitFor({ ...ref, uid: 'uid-a' }, (it) => it === undefined, { timeout: 5000, what: 'its end' })
    expect(await gone).toBeUndefined()
  }
})

test('what does not come in time is told by name', async () => {
  const { cluster } = await clientOf(({ url }, response) => {
    if (url.includes('watch=1')) send(response)
    else answer(response, 200, listOf('5', pod('a', '5')))
  })
  const waiting = cluster.waitFor(ref, () => false, { timeout: 50, what: 'Pod n/a to finish' })
  await expect(waiting).rejects.toThrow(DeadlineError)
  await expect(waiting).rejects.toThrow('Pod n/a to finish')
})

test('an interrupt ends the waiting with its own reason, and a mistake in the condition with that', async () => {
  const { cluster } = await clientOf(({ url }, response) => {
    if (url.includes('watch=1')) send(response)
    else answer(response, 200, listOf('5', pod('a', '5')))
  })
  const stop = new AbortController()
  const waiting = cluster.waitFor(ref, () => false, { timeout: 5000, what: 'nothing', signal: stop.signal })
  stop.abort(new Error('interrupted'))
  await expect(waiting).rejects.toThrow('interrupted')
  const broken = () => {
    throw new Error('a mistake')
  }
  await expect(cluster.waitFor(ref, broken, { timeout: 5000, what: 'nothing' })).rejects.toThrow('a mistake')
})
