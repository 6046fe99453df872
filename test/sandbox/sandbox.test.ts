import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type Interference, type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts'
import { Client, type Happening } from '../contract/api.ts'
import { claim, pod, volume, workload } from '../contract/manifests.ts'
import { EVERY } from '../laboratory/sweep.ts'

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

  it('keeps what a manifest says, and is the newer Kubernetes where the older one would drop it', async () => {
    const labels = { app: 'db' }
    const set = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db', namespace: 'team' },
      spec: {
        serviceName: 'db',
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Delete' },
      },
    }
    const sandbox = await startSandbox({ objects: [set] })
    try {
      expect(sandbox.kubernetes).toEqual({ served: '1.37' })
      const loaded = sandbox.objects().find(({ kind }) => kind === 'StatefulSet')
      expect(loaded?.spec).toMatchObject({ persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } })
    } finally {
      await sandbox.close()
    }
  })

  it('is like the Kubernetes of the newest kubelet, and serves what its manifests are written in', async () => {
    const kubelet = (name: string, kubeletVersion: string) => ({
      ...node(name),
      status: { nodeInfo: { kubeletVersion } },
    })
    const jobTemplate = { spec: { template: { spec: { ...pod('a').spec, restartPolicy: 'Never' } } } }
    const nightly = { apiVersion: 'batch/v1beta1', kind: 'CronJob', metadata: { name: 'nightly' } }
    const { sandbox, client } = await start([
      kubelet('node1', 'v1.27.9'),
      kubelet('node2', 'v1.28.3'),
      { ...nightly, spec: { schedule: '@daily', jobTemplate } },
    ])
    expect(sandbox.kubernetes).toEqual({ served: '1.37', insteadOf: 'v1.28.3' })
    expect((await client.get('/version')).body.gitVersion).toBe('v1.37.2+sandbox')
    for (const version of ['v1', 'v1beta1'])
      expect((await client.get(`/apis/batch/${version}/namespaces/default/cronjobs/nightly`)).body.apiVersion).toBe(
        `batch/${version}`,
      )
    await expect(start([], { kubernetesVersion: 'latest' })).rejects.toThrow('is no version of Kubernetes 1')
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

  it('of a web page are not answered: by a name that was made to lead here, or from another site', async () => {
    const { sandbox } = await start(cluster())
    const { port } = new URL(sandbox.url)
    const ask = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const asked = httpRequest({ port, host: '127.0.0.1', path: '/version', headers }, (response) => {
          response.resume()
          resolve(response.statusCode)
        })
        asked.on('error', reject).end()
      })
    expect(await ask({ Host: `evil.example:${port}` })).toBe(403)
    expect(await ask({ Host: '127.0.0.1.evil.example' })).toBe(403)
    expect(await ask({ Host: `127.0.0.1:${port}`, Origin: 'https://evil.example' })).toBe(403)
    for (const host of ['localhost', `localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
      expect(await ask({ Host: host })).toBe(200)
  })

  it('that lie too deep, are too long or no UTF-8 are refused, and nothing of them is kept', async () => {
    const { sandbox, client } = await start(cluster())
    const send = (body: string | Buffer, path = MAPS) =>
      fetch(`${sandbox.url}${path}`, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } })
    const nested = (depth: number) => `{"metadata":{"name":"deep"},"data":${'['.repeat(depth)}${']'.repeat(depth)}}`
    for (const depth of [1000, 100_000]) {
      const answer = await send(nested(depth))
      expect(answer.status).toBe(400)
      expect(((await answer.json()) as { message: string }).message).toContain('exceeded max depth')
    }
    expect((await send(`{"data":{"a":"${'x'.repeat(4 * 1024 * 1024)}"}}`)).status).toBe(413)
    const broken = await send(Buffer.from([...Buffer.from('{"metadata":{"name":"a'), 0xff, ...Buffer.from('"}}')]))
    expect(((await broken.json()) as { message: string }).message).toBe('the body of the request is no UTF-8')
    expect((await client.get(MAPS)).body.items).toEqual([])
    expect((await send(nested(900))).status).toBe(201)
  })

  it('cannot make an object grow without end: a patch copies no more than a request may hold, and no deeper', async () => {
    const { client } = await start(cluster())
    await client.create(MAPS, { metadata: { name: 'small' }, data: { a: 'x'.repeat(100) } })
    const double = Array.from({ length: 40 }, (_, index) => ({ op: 'copy', from: '/data', path: `/data/b${index}` }))
    expect((await client.patch(`${MAPS}/small`, double, 'json')).status).toBe(413)
    // each puts all that is there below what lies deepest, and is small enough
    const deeper = Array.from({ length: 11 }, (_, index) => ({
      op: 'copy',
      from: '/data',
      path: `/data${'/c'.repeat(2 ** index)}`,
    }))
    const { status, body } = await client.patch(`${MAPS}/small`, deeper, 'json')
    expect([status, body.message]).toEqual([400, expect.stringContaining('exceeded max depth')])
    expect((await client.get(`${MAPS}/small`)).body.data).toEqual({ a: 'x'.repeat(100) })
  })

  it('keep keys that JavaScript would take for something else', async () => {
    const { sandbox, client } = await start(cluster())
    const body = '{"metadata":{"name":"odd"},"data":{"__proto__":"a","constructor":"b","toString":"c"}}'
    const headers = { 'Content-Type': 'application/json' }
    expect((await fetch(`${sandbox.url}${MAPS}`, { method: 'POST', body, headers })).status).toBe(201)
    const patch = '{"data":{"__proto__":"d"}}'
    for (const type of ['application/merge-patch+json', 'application/strategic-merge-patch+json'])
      await fetch(`${sandbox.url}${MAPS}/odd`, { method: 'PATCH', body: patch, headers: { 'Content-Type': type } })
    const { data } = (await client.get(`${MAPS}/odd`)).body as unknown as { data: Record<string, string> }
    expect(Object.entries(data).sort()).toEqual([
      ['__proto__', 'd'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ])
    expect(Object.prototype).not.toHaveProperty('a')
    expect((await client.get(`${MAPS}?labelSelector=constructor`)).body.items).toEqual([])
  })

  it('with a path that cannot be read leave the sandbox standing', async () => {
    const { sandbox, client } = await start(cluster())
    const { port } = new URL(sandbox.url)
    const status = await new Promise((resolve, reject) => {
      httpRequest({ port, host: '127.0.0.1', path: '//' }, ({ statusCode }) => resolve(statusCode))
        .on('error', reject)
        .end()
    })
    expect(status).toBe(400)
    expect((await client.get('/version')).status).toBe(200)
  })

  it('that are no requests of this API are refused in its own form', async () => {
    const { client, sandbox } = await start([])
    expect((await client.get('/nothing')).body).toMatchObject({ kind: 'Status', code: 404 })
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
  const count = EVERY ? 10_000 : 1_000
  it(`holds ${count} volumes with their claims, and three times as many pods`, { timeout: 300_000 }, async () => {
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
