import { once } from 'node:events'
import { Readable } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts'
import { claim, volume } from '../contract/manifests.ts'

// A sandbox has two ways in: a request of its own process is to be answered as one that comes over HTTP.

const PVS = '/api/v1/persistentvolumes'
const MAPS = '/api/v1/namespaces/default/configmaps'

const closing: Sandbox[] = []
afterEach(async () => {
  for (const sandbox of closing.splice(0)) await sandbox.close()
})

async function start(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const objects = [volume('data'), claim('data', { volumeName: 'data' }, { namespace: 'jupyter' })]
  const sandbox = await startSandbox({ objects, ...options })
  closing.push(sandbox)
  return sandbox
}

interface Question {
  method: string
  url: string
  body?: string
  contentType?: string
}

const asked = (sandbox: Sandbox, { body, ...question }: Question) =>
  sandbox.ask({
    contentType: 'application/json',
    ...question,
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
  })

const withoutTimes = (text: string) => text.replaceAll(/"\d{4}-\d\d-\d\dT[^"]*"/g, '"then"')

const questions: Question[] = [
  { method: 'GET', url: `${PVS}/data` },
  { method: 'GET', url: `${PVS}?limit=1&labelSelector=a%3Db` },
  { method: 'GET', url: `${PVS}/nothing` },
  { method: 'GET', url: '/nowhere' },
  { method: 'GET', url: '/api/v1/%E0%A4%A' },
  { method: 'POST', url: MAPS, body: '{"metadata":{"name":"ä"},"data":{"a":"ß"}}' },
  { method: 'POST', url: MAPS, body: '{"metadata":{"name":"a"},"data":{"a":"ß"}}' },
  { method: 'POST', url: MAPS, body: '{"metadata":{"name":"a"}}' },
  { method: 'POST', url: MAPS, body: '{"metad' },
  { method: 'POST', url: MAPS, body: `{"metadata":{"name":"deep"},"data":${'['.repeat(1500)}${']'.repeat(1500)}}` },
  { method: 'PATCH', url: `${MAPS}/a`, body: '{"data":{"b":"c"}}', contentType: 'application/merge-patch+json' },
  { method: 'PATCH', url: `${MAPS}/a`, body: '{"data":{"b":"c"}}' },
  { method: 'GET', url: `${MAPS}/a` },
  { method: 'DELETE', url: `${MAPS}/a` },
  { method: 'DELETE', url: `${MAPS}/a` },
]

test('what is asked without a connection is answered as it is over HTTP, and does the same', async () => {
  const [near, far] = [await start(), await start()]
  for (const question of questions) {
    const { method, url, body, contentType = 'application/json' } = question
    const there = await fetch(far.url + url, {
      method,
      headers: { 'Content-Type': contentType },
      ...(body === undefined ? {} : { body }),
    })
    const here = await asked(near, question)
    expect([here.status, withoutTimes(String(here.body))], `${method} ${url}`).toEqual([
      there.status,
      withoutTimes(await there.text()),
    ])
  }
  expect(near.changes).toBe(far.changes)
  expect(withoutTimes(JSON.stringify(near.objects()))).toBe(withoutTimes(JSON.stringify(far.objects())))
})

test('it may be interfered with like any other request', async () => {
  const answer = { status: 429, retryAfter: 3 }
  const wrong = new Map(
    Object.entries({ first: { answer }, second: { cut: 'before' }, third: { cut: 'after' } } as const),
  )
  const told: string[] = []
  const sandbox = await start({
    onRequest: ({ path }) => wrong.get(path.split('/').at(-1) ?? ''),
    onAnswer: ({ method }, status) => void told.push(`${method} ${status}`),
  })
  expect(await asked(sandbox, { method: 'GET', url: `${PVS}/first` })).toMatchObject({
    status: 429,
    headers: { 'retry-after': '3' },
  })
  const remove = (name: string) => asked(sandbox, { method: 'DELETE', url: `${MAPS}/${name}` })
  for (const name of ['second', 'third'])
    await asked(sandbox, { method: 'POST', url: MAPS, body: `{"metadata":{"name":"${name}"}}` })
  for (const name of ['second', 'third']) await expect(remove(name)).rejects.toThrow('cut')
  const left = sandbox.objects().filter(({ kind }) => kind === 'ConfigMap')
  expect(left.map((object) => (object.metadata as { name: string }).name)).toEqual(['second'])
  expect(told).toEqual(['POST 201', 'POST 201'])
})

test('a watch is told what happens, until all connections are cut', async () => {
  const sandbox = await start()
  const { body } = await asked(sandbox, { method: 'GET', url: `${MAPS}?watch=1` })
  expect(body).toBeInstanceOf(Readable)
  const stream = body as Readable
  const first = once(stream, 'data')
  await asked(sandbox, { method: 'POST', url: MAPS, body: '{"metadata":{"name":"new"}}' })
  expect(JSON.parse(String(await first))).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'new' } } })
  const over = once(stream, 'close')
  sandbox.cutConnections()
  await over
})

test('who waits for an answer, and who asks a sandbox that is closed, gets none', async () => {
  let reached = () => {}
  const isReached = new Promise<void>((resolve) => {
    reached = resolve
  })
  const sandbox = await start({
    onRequest: () => {
      reached()
      return new Promise<undefined>(() => {})
    },
  })
  const waiting = expect(asked(sandbox, { method: 'GET', url: PVS })).rejects.toThrow('cut')
  await isReached
  sandbox.cutConnections()
  await waiting
  await sandbox.close()
  await expect(asked(sandbox, { method: 'GET', url: PVS })).rejects.toThrow('cut')
})
