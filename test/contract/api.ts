import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { load } from 'js-yaml'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type KubernetesVersion, startSandbox } from '../../src/sandbox/index.ts'

/** An object as it comes from the API, with what the tests read of it. */
export interface Thing {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    uid: string
    resourceVersion: string
    generation?: number
    creationTimestamp: string
    deletionTimestamp?: string
    continue?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    finalizers?: string[]
    ownerReferences?: Record<string, unknown>[]
    [field: string]: unknown
  }
  // biome-ignore lint/suspicious/noExplicitAny: what lies deeper is looked at by expectations, not by the compiler
  spec: any
  // biome-ignore lint/suspicious/noExplicitAny: as above
  status: any
  items: Thing[]
  message?: string
  reason?: string
  code?: number
  [field: string]: unknown
}

export interface Answer {
  status: number
  body: Thing
}

export interface Happening {
  type: string
  object: Thing
}

const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
}

/** A client as thin as can be: what the server answers is what the tests see. */
export class Client {
  readonly #server: string
  readonly #headers: Record<string, string>
  readonly #agent: HttpAgent | HttpsAgent

  constructor(server: string, options: { token?: string; ca?: string; insecure?: boolean } = {}) {
    this.#server = server
    this.#headers = options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` }
    this.#agent = server.startsWith('https:')
      ? new HttpsAgent({
          keepAlive: true,
          rejectUnauthorized: !options.insecure,
          ...(options.ca ? { ca: options.ca } : {}),
        })
      : new HttpAgent({ keepAlive: true })
  }

  get = (path: string) => this.send('GET', path)
  create = (path: string, body: unknown) => this.send('POST', path, body)
  replace = (path: string, body: unknown) => this.send('PUT', path, body)
  patch = (path: string, body: unknown, type: keyof typeof PATCH_TYPES = 'merge') =>
    this.send('PATCH', path, body, PATCH_TYPES[type])
  delete = (path: string, body: unknown = {}) => this.send('DELETE', path, body)

  async send(method: string, path: string, body?: unknown, type = 'application/json'): Promise<Answer> {
    const response = await this.#open(method, path, body, type)
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    const content = Buffer.concat(chunks).toString()
    const json = String(response.headers['content-type']).includes('json')
    return { status: response.statusCode ?? 0, body: (json ? JSON.parse(content) : { message: content }) as Thing }
  }

  /** What a watch tells, until it ends or the reader stops. */
  async *watch(path: string): AsyncGenerator<Happening> {
    const response = await this.#open('GET', `${path}${path.includes('?') ? '&' : '?'}watch=1`, undefined, '')
    let rest = ''
    try {
      for await (const chunk of response) {
        const lines = (rest + String(chunk)).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) if (line) yield JSON.parse(line) as Happening
      }
    } finally {
      response.destroy()
    }
  }

  /** Waits until an object is as it should be (undefined: it is not there), by watch. */
  async until(
    path: string,
    done: (thing: Thing | undefined) => boolean,
    what = 'is as expected',
    seconds = 60,
  ): Promise<Thing> {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const collection = path.slice(0, path.lastIndexOf('/'))
    const selector = `fieldSelector=metadata.name%3D${name}`
    const list = (await this.get(`${collection}?${selector}`)).body
    let last = list.items[0]
    if (done(last)) return last as Thing
    const limit = `timeoutSeconds=${seconds}&resourceVersion=${list.metadata.resourceVersion}`
    for await (const { type, object } of this.watch(`${collection}?${selector}&${limit}`)) {
      last = type === 'DELETED' ? undefined : object
      if (done(last)) return object
    }
    throw new Error(`waited ${seconds} s until ${path} ${what}; it is ${JSON.stringify(last, null, 1)}`)
  }

  gone = (path: string, seconds?: number) => this.until(path, (thing) => thing === undefined, 'is gone', seconds)

  close(): void {
    this.#agent.destroy()
  }

  #open(method: string, path: string, body: unknown, type: string): Promise<IncomingMessage> {
    const send = this.#server.startsWith('https:') ? httpsRequest : httpRequest
    const content = body === undefined ? undefined : JSON.stringify(body)
    // Node gives a DELETE no length of its own.
    const form = content === undefined ? {} : { 'Content-Type': type, 'Content-Length': Buffer.byteLength(content) }
    return new Promise((resolve, reject) => {
      const headers = { ...this.#headers, Accept: 'application/json', ...form }
      const request = send(new URL(path, this.#server), { method, headers, agent: this.#agent }, resolve)
      request.on('error', reject)
      request.end(content)
    })
  }
}

/** The cluster that the suite runs on, and names of its own in there. */
export interface Ground {
  client: Client
  /** A namespace of its own, made before the tests; after them it is deleted, and its end not waited for. */
  namespace: string
  /** Its path, `/api/v1/namespaces/<namespace>`. */
  here: string
  /** Has nodes that run pods. */
  nodes: boolean
  /** The minor version of the Kubernetes that is served: 20 or 37. */
  minor: number
  /** Waits until pods can be made in a namespace, given by its path: a real cluster gives it an account a moment after it was made. */
  readyForPods(path: string): Promise<void>
  /** A name that nobody else uses. */
  name(what: string): string
  /** Deletes objects of the whole cluster when the tests are over, in whatever state they are. */
  cleanUp(path: string): void
}

const real = process.env.JUICIFY_CONTRACT === 'cluster'
const skipped = real && process.env.JUICIFY_TEST_CLUSTER !== '1'
const sandboxes: KubernetesVersion[] = ['1.20', '1.37']
const places: { where: string; version?: KubernetesVersion }[] = !real
  ? sandboxes.map((version) => ({ where: `on the sandbox as ${version}`, version }))
  : skipped
    ? [{ where: '(skipped: JUICIFY_TEST_CLUSTER=1 and KUBECONFIG name no cluster)' }]
    : [{ where: 'on a real cluster' }]

/**
 * Says what holds on every cluster: run on the sandbox as each version that it knows, or on the real cluster that
 * KUBECONFIG names. What holds on some versions alone asks `ground.minor`.
 */
export function contract(title: string, tests: (ground: Ground) => void): void {
  for (const { where, version } of places) describe.skipIf(skipped)(`${title}, ${where}`, () => holdOn(version, tests))
}

function holdOn(version: KubernetesVersion | undefined, tests: (ground: Ground) => void): void {
  const suffix = randomBytes(4).toString('hex')
  const namespace = `contract-${suffix}`
  const leftovers: string[] = []
  const ground = {
    namespace,
    here: `/api/v1/namespaces/${namespace}`,
    nodes: true,
    minor: 0,
    name: (what: string) => `${what}-${suffix}`,
    cleanUp: (path: string) => leftovers.push(path),
    async readyForPods(path: string) {
      if (!real) return
      await ground.client.until(`${path}/serviceaccounts/default`, (account) =>
        // servers from 1.24 on make no Secret with a token for it
        Boolean(ground.minor < 24 ? account?.secrets : account),
      )
    },
  } as unknown as Ground
  let close = async () => {}
  beforeAll(async () => {
    const cluster = await connect(version)
    close = cluster.close
    ground.client = cluster.client
    const nodes = await ground.client.get('/api/v1/nodes')
    ground.nodes = nodes.body.items.length > 0
    ground.minor = Number.parseInt(String((await ground.client.get('/version')).body.minor), 10)
    await expectStatus(201, ground.client.create('/api/v1/namespaces', { metadata: { name: namespace } }))
    await ground.readyForPods(ground.here)
  })
  afterAll(async () => {
    await ground.client.delete(`/api/v1/namespaces/${namespace}`)
    for (const path of leftovers) {
      await ground.client.delete(path)
      await ground.client.patch(path, { metadata: { finalizers: null } })
    }
    ground.client.close()
    await close()
  })
  tests(ground)
}

async function connect(
  version: KubernetesVersion | undefined,
): Promise<{ client: Client; close: () => Promise<void> }> {
  if (real) return { client: clientFor(readFileSync(process.env.KUBECONFIG ?? '', 'utf8')), close: async () => {} }
  const nodes = ['node1', 'node2'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
  }))
  const sandbox = await startSandbox({ objects: nodes, ...(version ? { kubernetesVersion: version } : {}) })
  return { client: new Client(sandbox.url), close: () => sandbox.close() }
}

/** The client that a kubeconfig with a token describes. */
function clientFor(kubeconfig: string): Client {
  const config = load(kubeconfig) as {
    clusters: { cluster: { server: string; 'certificate-authority-data'?: string; 'certificate-authority'?: string } }[]
    users: { user: { token?: string } }[]
  }
  const cluster = config.clusters[0]?.cluster
  if (!cluster) throw new Error('the kubeconfig names no cluster')
  const data = cluster['certificate-authority-data']
  const file = cluster['certificate-authority']
  const ca = data ? Buffer.from(data, 'base64').toString() : file ? readFileSync(file, 'utf8') : undefined
  const token = config.users[0]?.user.token
  return new Client(cluster.server, { ...(ca ? { ca } : { insecure: true }), ...(token ? { token } : {}) })
}

/** The body of an answer that has this status, or a failure that shows the whole answer. */
export async function expectStatus(status: number, answer: Promise<Answer>): Promise<Thing> {
  const { status: found, body } = await answer
  expect(found, JSON.stringify(body, null, 1)).toBe(status)
  return body
}

/** Expects a refusal of that code and reason, and returns its message. */
export async function expectRefusal(code: number, reason: string, answer: Promise<Answer>): Promise<string> {
  const body = await expectStatus(code, answer)
  expect(body).toMatchObject({ kind: 'Status', status: 'Failure', reason, code })
  return body.message ?? ''
}
