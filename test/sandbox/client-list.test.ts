import { afterEach, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { connect } from '../../src/cluster/connect.ts'
import { isApiError } from '../../src/cluster/errors.ts'
import { answer, kubeconfigFor, type Reply, type StandIn, standIn, statusBody } from './client-server.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function clientOf(reply: Reply): Promise<{ cluster: Cluster; server: StandIn }> {
  const server = await standIn(reply)
  const cluster = await connect({ kubeconfigText: kubeconfigFor(server.url) })
  closing.push(() => cluster.close(), server.close)
  return { cluster, server }
}

const Pod = { apiVersion: 'v1', kind: 'Pod' }
const item = (n: number, resourceVersion = '1') => ({
  metadata: { name: `p${n}`, uid: `u${n}`, resourceVersion },
  spec: {},
})
const page = (items: unknown[], next?: string) => ({
  kind: 'PodList',
  metadata: { resourceVersion: '7', continue: next },
  items,
})
const query = (url: string) => Object.fromEntries(new URL(url, 'http://x').searchParams)

test('a list is read in pages of 500, and each object says what it is', async () => {
  const { cluster, server } = await clientOf((_, response, nth) => {
    answer(response, 200, nth === 0 ? page([item(1)], 'more') : page([item(2)]))
  })
  const { items, resourceVersion } = await cluster.list(Pod, { namespace: 'n', labelSelector: 'a=b' })
  expect(items.map(({ apiVersion, kind, metadata }) => [apiVersion, kind, metadata.name])).toEqual([
    ['v1', 'Pod', 'p1'],
    ['v1', 'Pod', 'p2'],
  ])
  expect(resourceVersion).toBe('7')
  expect(server.seen.map(({ url }) => query(url))).toEqual([
    { labelSelector: 'a=b', limit: '500' },
    { labelSelector: 'a=b', limit: '500', continue: 'more' },
  ])
})

test('a token that expired between two pages starts the list over, with nothing told twice', async () => {
  const { cluster } = await clientOf((_, response, nth) => {
    if (nth === 0) answer(response, 200, page([item(1), item(2)], 'old'))
    else if (nth === 1) answer(response, 410, statusBody(410, 'Expired'))
    else if (nth === 2) answer(response, 200, page([item(1), item(3)], 'new'))
    else answer(response, 200, page([item(4)]))
  })
  const told: string[] = []
  const { items } = await cluster.list(Pod, {
    onPage: (found) => told.push(...found.map(({ metadata }) => metadata.name)),
  })
  expect(told).toEqual(['p1', 'p2', 'p3', 'p4'])
  expect(items).toEqual([])
})

test('a cluster so busy that every token expires is read in one piece', async () => {
  const { cluster, server } = await clientOf(({ url }, response) => {
    const { limit, continue: token } = query(url)
    if (token) answer(response, 410, statusBody(410, 'Expired'))
    else answer(response, 200, page([item(1)], limit && 'old'))
  })
  expect((await cluster.list(Pod)).items).toHaveLength(1)
  expect(query(server.seen.at(-1)?.url ?? '')).toEqual({})
})

test('a kind that the server does not have lists as empty, and cannot be read', async () => {
  const { cluster } = await clientOf((_, response) => answer(response, 404, statusBody(404, 'NotFound')))
  const Workflow = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' }
  expect((await cluster.list(Workflow)).items).toEqual([])
  expect(await cluster.find({ ...Workflow, namespace: 'n', name: 'w' })).toBeUndefined()
  const error = await cluster.get({ ...Workflow, namespace: 'n', name: 'w' }).catch((thrown: unknown) => thrown)
  expect(isApiError(error, 404)).toBe(true)
  expect(String(error)).toContain('has no kind Workflow in argoproj.io/v1alpha1')
})

test('the plural of an operator’s kind is asked for once', async () => {
  const { cluster, server } = await clientOf(({ url }, response) => {
    if (url === '/apis/argoproj.io/v1alpha1') {
      answer(response, 200, { resources: [{ name: 'workflows', kind: 'Workflow', namespaced: true }] })
    } else answer(response, 200, page([]))
  })
  for (let i = 0; i < 2; i++)
    await cluster.list({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' }, { namespace: 'n' })
  expect(server.seen.map(({ url }) => url.split('?')[0])).toEqual([
    '/apis/argoproj.io/v1alpha1',
    '/apis/argoproj.io/v1alpha1/namespaces/n/workflows',
    '/apis/argoproj.io/v1alpha1/namespaces/n/workflows',
  ])
})

test('32 requests at once use 32 connections, and the next 32 the same ones', async () => {
  const sockets = new Set<unknown>()
  const waiting: (() => void)[] = []
  const { cluster } = await clientOf((_, response) => {
    sockets.add(response.socket)
    waiting.push(() => answer(response, 200, page([])))
    if (waiting.length === 32) for (const go of waiting.splice(0)) go()
  })
  for (let round = 0; round < 2; round++) {
    await Promise.all(Array.from({ length: 32 }, (_, i) => cluster.list(Pod, { namespace: `n${i}` })))
  }
  expect(sockets.size).toBe(32)
})
