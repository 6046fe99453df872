import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type Interference, type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts'
import { Client, type Happening } from '../contract/api.ts'
import { claim, pod, volume, workload } from '../contract/manifests.ts'

const node = (name: string) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } })
const PVS = '/api/v1/persistentvolumes'
const MAPS = '/api/v1/namespaces/default/configmaps'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(
  objects: unknown[],
  options: Partial<SandboxOptions> = {},
): Promise<{ sandbox: Sandbox; client: Client }> {
  const sandbox = await startSandbox({ objects, ...options })
  const client = new Client(sandbox.url)
  closing.push(
    () => sandbox.close(),
    () => client.close(),
  )
  return { sandbox, client }
}

const cluster = () => [
  node('node1'),
  node('node2'),
  volume('data'),
  claim('data', { volumeName: 'data' }, { namespace: 'jupyter' }),
  { ...workload('Deployment', 'web', { replicas: 2 }), metadata: { name: 'web', namespace: 'service' } },
  pod('notebook', ['data'], {}, { namespace: 'jupyter' }),
]

describe('A sandbox that is loaded from manifests', () => {
  it('is settled when it starts: volumes bound, pods running, namespaces made', async () => {
    const { client } = await start(cluster())
    expect((await client.get(`${PVS}/data`)).body.status.phase).toBe('Bound')
    expect((await client.get('/api/v1/namespaces/jupyter/pods/notebook')).body.status.phase).toBe('Running')
    expect((await client.get('/apis/apps/v1/namespaces/service/deployments/web')).body.status.readyReplicas).toBe(2)
    expect((await client.get('/api/v1/namespaces/kube-system')).body.metadata.uid).toBeDefined()
  })

  it('is the same every time: uids, versions, times and the names of pods that are made', async () => {
    const [first, second] = [await start(cluster()), await start(cluster())]
    expect(first.sandbox.objects()).toEqual(second.sandbox.objects())
  })

  it('is the same again when it is loaded from what another one holds', async () => {
    const first = await start(cluster())
    const second = await start(first.sandbox.objects())
    expect(second.sandbox.objects()).toEqual(first.sandbox.objects())
  })

  it('keeps the status, uid and version that a manifest has', async () => {
    const metadata = {
      name: 'old',
      uid: 'b6d0f4a2-0000-4000-8000-000000000001',
      resourceVersion: '77',
      creationTimestamp: '2022-09-28T00:00:00Z',
    }
    const failed = { ...volume('old'), metadata, status: { phase: 'Failed', message: 'it broke' } }
    failed.spec = { ...failed.spec, claimRef: { namespace: 'gone', name: 'gone', uid: 'x' } } as typeof failed.spec
    const { client } = await start([failed])
    const { body } = await client.get(`${PVS}/old`)
    expect(body.metadata).toMatchObject(metadata)
    expect(body.status).toEqual({ phase: 'Failed', message: 'it broke' })
  })

  it('keeps fields of built-in kinds that nobody knows, and numbers that a double would round', async () => {
    const made = { metadata: { name: 'exact' }, data: { a: 'b' }, future: { field: [1, { two: null }] } }
    const { client, sandbox } = await start([])
    await client.create(MAPS, made)
    expect((await client.get(`${MAPS}/exact`)).body.future).toEqual({ field: [1, { two: null }] })
    const text = '{"metadata":{"name":"long"},"number":9007199254740993}'
    const headers = { 'Content-Type': 'application/json' }
    await fetch(sandbox.url + MAPS, { method: 'POST', body: text, headers })
    expect(await (await fetch(`${sandbox.url}${MAPS}/long`)).text()).toContain('9007199254740993')
  })

  it('restarts nothing that was running, also where another cluster has named its revisions', async () => {
    const set = {
      ...workload('StatefulSet', 'set', { replicas: 1, serviceName: 'set' }),
      metadata: { name: 'set', namespace: 'a', generation: 4 },
    }
    const saved = {
      ...set,
      status: { replicas: 1, readyReplicas: 1, observedGeneration: 4, updateRevision: 'set-5c5f5cb6fc' },
    }
    const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'set', controller: true }
    const labels = { app: 'set', 'controller-revision-hash': 'set-5c5f5cb6fc' }
    const metadata = { namespace: 'a', labels, ownerReferences: [owner], uid: 'b6d0f4a2-0000-4000-8000-000000000002' }
    const running = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
    const own = { ...pod('set-0', [], { nodeName: 'node1' }, metadata), status: running }
    const { client } = await start([node('node1'), saved, own])
    const { body } = await client.get('/api/v1/namespaces/a/pods/set-0')
    expect(body.metadata.uid).toBe(metadata.uid)
    expect(body.metadata.deletionTimestamp).toBeUndefined()
    expect((await client.get('/apis/apps/v1/namespaces/a/statefulsets/set')).body.status.updateRevision).toBe(
      'set-5c5f5cb6fc',
    )
  })

  it('takes Lists, and fills in the uids of owners that are named without', async () => {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'set', controller: true }
    const set = { ...workload('ReplicaSet', 'set', { replicas: 1 }), metadata: { name: 'set', namespace: 'a' } }
    const owned = pod('set-1', [], {}, { namespace: 'a', labels: { app: 'set' }, ownerReferences: [owner] })
    const { client } = await start([node('node1'), { apiVersion: 'v1', kind: 'List', items: [owned, set] }])
    const pods = (await client.get('/api/v1/namespaces/a/pods')).body.items
    expect(pods.map(({ metadata }) => metadata.name)).toEqual(['set-1'])
    expect(pods[0]?.metadata.ownerReferences?.[0]?.uid).toMatch(/^[0-9a-f-]{36}$/)
  })

  it.each([
    [
      'a kind that it does not know',
      { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', metadata: { name: 'x' } },
      'argoproj.io/v1alpha1 Workflow x',
    ],
    ['what is no manifest', { hello: 'world' }, 'a manifest needs apiVersion, kind and metadata.name'],
    [
      'what the API would refuse',
      { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'x' }, spec: {} },
      'spec.accessModes: Required value',
    ],
  ])('refuses %s, and says what', async (_, manifest, message) => {
    await expect(startSandbox({ objects: [manifest] })).rejects.toThrow(message)
  })
})

describe('Requests to a sandbox', () => {
  it('are all seen, with method, path and body, and those that change something are counted', async () => {
    const seen: string[] = []
    const { client, sandbox } = await start([], {
      onRequest: ({ method, path, query, body, changing }) =>
        void seen.push(`${method} ${path} ${query} ${JSON.stringify(body)} ${changing}`),
    })
    await client.get(`${MAPS}?limit=5`)
    await client.create(MAPS, { metadata: { name: 'a' } })
    expect(seen).toEqual([`GET ${MAPS} limit=5 undefined false`, `POST ${MAPS}  {"metadata":{"name":"a"}} true`])
    expect(sandbox.changes).toBe(1)
  })

  const interfering = async (interference: Interference) =>
    start([], { onRequest: ({ method }) => (method === 'POST' ? interference : undefined) })

  it('can be answered with an error, which asks to come back later', async () => {
    const { sandbox } = await interfering({ answer: { status: 429, reason: 'TooManyRequests', retryAfter: 3 } })
    const response = await fetch(sandbox.url + MAPS, { method: 'POST', body: '{"metadata":{"name":"a"}}' })
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('3')
    expect(await response.json()).toMatchObject({
      kind: 'Status',
      reason: 'TooManyRequests',
      details: { retryAfterSeconds: 3 },
    })
  })

  it('can be cut before what they ask for is done', async () => {
    const { client } = await interfering({ cut: 'before' })
    await expect(client.create(MAPS, { metadata: { name: 'a' } })).rejects.toThrow()
    expect((await client.get(`${MAPS}/a`)).status).toBe(404)
  })

  it('can be cut after what they ask for was done', async () => {
    const { client } = await interfering({ cut: 'after' })
    await expect(client.create(MAPS, { metadata: { name: 'a' } })).rejects.toThrow()
    expect((await client.get(`${MAPS}/a`)).status).toBe(200)
  })

  it('can be held up as long as a test likes', async () => {
    let go = () => {}
    const held = new Promise<void>((resolve) => {
      go = resolve
    })
    const { client } = await start([], {
      onRequest: ({ method }) => (method === 'POST' ? held.then(() => undefined) : undefined),
    })
    const waiting = client.create(MAPS, { metadata: { name: 'a' } })
    expect((await client.get(`${MAPS}/a`)).status).toBe(404)
    go()
    expect((await waiting).status).toBe(201)
  })

  it('that watch are cut with all connections, and get 410 from before what was forgotten', async () => {
    const { client, sandbox } = await start([])
    const { resourceVersion } = (await client.get(MAPS)).body.metadata
    const watching = (async () => {
      const all: Happening[] = []
      for await (const happening of client.watch(`${MAPS}?resourceVersion=${resourceVersion}`)) {
        all.push(happening)
        sandbox.cutConnections()
      }
      return all
    })()
    await client.create(MAPS, { metadata: { name: 'a' } })
    await expect(watching).rejects.toThrow('aborted')
    sandbox.compact()
    for await (const { type, object } of client.watch(`${MAPS}?resourceVersion=${resourceVersion}`)) {
      expect([type, object.code]).toEqual(['ERROR', 410])
      break
    }
    const page = (await client.get('/api/v1/namespaces?limit=1')).body.metadata.continue ?? ''
    sandbox.compact()
    expect((await client.get(`/api/v1/namespaces?limit=1&continue=${page}`)).body).toMatchObject({
      code: 410,
      reason: 'Expired',
    })
  })

  it('that watch get a bookmark when their time is over, where they allow it', async () => {
    const { client } = await start([])
    const { resourceVersion } = (await client.get(MAPS)).body.metadata
    const told: Happening[] = []
    for await (const happening of client.watch(
      `${MAPS}?resourceVersion=${resourceVersion}&timeoutSeconds=1&allowWatchBookmarks=true`,
    ))
      told.push(happening)
    expect(told).toMatchObject([
      { type: 'BOOKMARK', object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion } } },
    ])
  })

  it('that break off in the middle do no harm', async () => {
    const { client, sandbox } = await start([])
    const { port } = new URL(sandbox.url)
    const socket = connect(Number(port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(`POST ${MAPS} HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 1000\r\n\r\n{"metadata":`)
    socket.destroy()
    await once(socket, 'close')
    expect((await client.get(MAPS)).body.items).toEqual([])
  })

  it('that watch miss nothing while their answer is held up', async () => {
    let opened = () => {}
    const waiting = new Promise<void>((resolve) => {
      opened = resolve
    })
    let go = () => {}
    const held = new Promise<void>((resolve) => {
      go = resolve
    })
    const { client } = await start([], {
      onAnswer: async ({ query }) => {
        if (!query.has('watch')) return
        opened()
        await held
      },
    })
    const { resourceVersion } = (await client.get(MAPS)).body.metadata
    const first = client.watch(`${MAPS}?resourceVersion=${resourceVersion}`).next()
    await waiting
    await client.create(MAPS, { metadata: { name: 'meanwhile' } })
    go()
    expect((await first).value).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'meanwhile' } } })
  })

  it('that are no requests of this API are refused in its own form', async () => {
    const { client, sandbox } = await start([])
    expect((await client.get('/nothing')).body).toMatchObject({ kind: 'Status', code: 404 })
    expect((await client.create(`${MAPS}?dryRun=All`, { metadata: { name: 'a' } })).body).toMatchObject({
      kind: 'Status',
      code: 400,
      message: 'the sandbox has no dry run',
    })
    const broken = await fetch(sandbox.url + MAPS, { method: 'POST', body: '{"metad' })
    expect(await broken.json()).toMatchObject({ kind: 'Status', code: 400, reason: 'BadRequest' })
  })
})

describe('A pod on a node that is not ready', () => {
  it('stays as it is when it is deleted, until the node is back', async () => {
    const { client } = await start([node('node1'), pod('stuck', [], {}, { namespace: 'default' })])
    const condition = (status: string) => ({ status: { conditions: [{ type: 'Ready', status }] } })
    await client.patch('/api/v1/nodes/node1/status', condition('Unknown'))
    const path = '/api/v1/namespaces/default/pods/stuck'
    await client.delete(path)
    expect((await client.get(path)).body.metadata.deletionTimestamp).toBeDefined()
    await client.patch('/api/v1/nodes/node1/status', condition('True'))
    await client.gone(path)
  })

  it('goes by force, for which its node is not asked', async () => {
    const { client } = await start([node('node1'), pod('stuck', [], {}, { namespace: 'default' })])
    await client.patch('/api/v1/nodes/node1/status', { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } })
    await client.delete('/api/v1/namespaces/default/pods/stuck', { gracePeriodSeconds: 0 })
    expect((await client.get('/api/v1/namespaces/default/pods/stuck')).status).toBe(404)
  })
})

describe('A large sandbox', () => {
  it('holds 10,000 volumes with their claims and 30,000 pods', { timeout: 300_000 }, async () => {
    const count = 10_000
    const objects: unknown[] = [node('node1'), node('node2')]
    for (let n = 0; n < count; n++) {
      objects.push(volume(`v${n}`, {}, { labels: { 'a-pvname': `v${n}` } }))
      objects.push(claim(`c${n}`, { selector: { matchLabels: { 'a-pvname': `v${n}` } } }, { namespace: 'a' }))
      for (let k = 0; k < 3; k++) objects.push(pod(`p${n}-${k}`, [`c${n}`], {}, { namespace: 'a' }))
    }
    const { client } = await start(objects)
    let [pods, token] = [0, '']
    do {
      const page = (await client.get(`/api/v1/pods?limit=500&continue=${token}&fieldSelector=status.phase%3DRunning`))
        .body
      pods += page.items.length
      token = page.metadata.continue ?? ''
    } while (token !== '')
    expect(pods).toBe(3 * count)
    await client.delete(`${PVS}/v77`)
    await client.patch(`${PVS}/v77`, { metadata: { finalizers: null } })
    await client.until('/api/v1/namespaces/a/persistentvolumeclaims/c77', (found) => found?.status?.phase === 'Lost')
  })
})
