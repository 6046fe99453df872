import { describeRef, type KubeObject, type ObjectRef, refOf } from '../domain/object.ts'
import { worded } from '../words/trouble.ts'
import { type ApiQuestion, errorOf, errorOfTrouble, readBody } from './answer.ts'
import type {
  Cluster,
  Deadline,
  DeleteOptions,
  Kind,
  ListOptions,
  ListResult,
  Patch,
  WaitOptions,
  WatchEvent,
  WatchOptions,
} from './cluster.ts'
import { Credentials } from './credentials.ts'
import { deadlineOf } from './deadline.ts'
import { ApiError, isApiError, isTransient } from './errors.ts'
import { stringifyJson } from './json.ts'
import type { Access } from './kubeconfig.ts'
import {
  apiPath,
  builtInResource,
  collectionPath,
  discoveredResources,
  objectPath,
  type Resource,
  withQuery,
} from './resource.ts'
import { type AttemptOutcome, pauseBeforeRetry, retryAfterSeconds } from './retry.ts'
import { either, onAbort, pause } from './signal.ts'
import { type AnswerStream, type HttpAnswer, type HttpExchange, type Transport, TransportError } from './transport.ts'
import { waitFor } from './wait.ts'
import { WatchExpired, WatchInterrupted, type WatchSource, watchEvents } from './watch.ts'

/** How long a client is patient, all in milliseconds. */
export interface Patience {
  /** For one try. */
  requestTimeout: number
  /** For all tries of one call. */
  retryTimeout: number
  /** For a connection to be made. */
  connectTimeout: number
  /** For one stream of a watch; how soon a server that has gone silent is noticed. */
  streamTimeout: number
}

/** A request as the methods of Cluster put it. */
interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  body?: string
  contentType?: string
  /** In words: `create PersistentVolume data`. */
  what: string
  /** Doing it twice does no other thing than doing it once. */
  repeatable: boolean
  secret?: boolean
  signal?: AbortSignal | undefined
}

const PAGE = 500
/** Milliseconds after which a change is not begun any more: what it was decided on, and the right to it, may be gone. */
const LONGEST_FOR_A_CHANGE = 7_000
/** After that many expired continue tokens a list is read in one piece. */
const RESTARTS = 2
const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const

/** A Cluster over HTTP. */
export class HttpCluster implements Cluster {
  readonly server: string
  readonly title: string
  /** The namespace that the kubeconfig's context names, or `default`. */
  readonly namespace: string
  /** The name of that context. */
  readonly context: string
  readonly #credentials: Credentials
  readonly #patience: Patience
  readonly #transport: Transport
  readonly #signal: AbortSignal
  readonly #closed = new AbortController()
  readonly #discovered = new Map<string, Resource>()
  #answeredBefore = false

  constructor(access: Access, title: string, patience: Patience, transport: Transport, signal?: AbortSignal) {
    this.server = access.server
    this.title = title
    this.namespace = access.namespace
    this.context = access.context
    this.#credentials = new Credentials(access)
    this.#patience = patience
    this.#transport = transport
    this.#signal = either(signal, this.#closed.signal)
  }

  async get<T extends KubeObject>(ref: ObjectRef): Promise<T> {
    const object = (await this.#json({
      method: 'GET',
      path: await this.#pathOf(ref),
      what: `read ${describeRef(ref)}`,
      repeatable: true,
      secret: isSecret(ref),
    })) as T
    if (ref.uid !== undefined && object.metadata.uid !== ref.uid) {
      const gone = { status: 404, reason: 'NotFound' }
      throw new ApiError(...worded((say) => say.server.replaced(describeRef(ref)), gone))
    }
    return object
  }

  async find<T extends KubeObject>(ref: ObjectRef): Promise<T | undefined> {
    try {
      return await this.get<T>(ref)
    } catch (error) {
      if (isApiError(error, 404)) return undefined
      throw error
    }
  }

  async list<T extends KubeObject>(kind: Kind, options: ListOptions = {}): Promise<ListResult<T>> {
    const resource = await this.#findResource(kind)
    if (!resource) return { items: [], resourceVersion: '' }
    const path = collectionPath(kind, resource, options.namespace)
    const told = new Set<string>()
    for (let restarts = 0; ; restarts++) {
      try {
        return await this.#listOnce<T>(kind, path, options, told, restarts < RESTARTS ? PAGE : undefined)
      } catch (error) {
        if (isApiError(error, 404)) return { items: [], resourceVersion: '' }
        if (!isApiError(error, 410) || restarts >= RESTARTS) throw error
      }
    }
  }

  create<T extends KubeObject>(object: T): Promise<T> {
    return this.#post(object, false)
  }

  wouldCreate<T extends KubeObject>(object: T): Promise<T> {
    return this.#post(object, true)
  }

  async replace<T extends KubeObject>(object: T): Promise<T> {
    const ref = refOf(object)
    return (await this.#json({
      method: 'PUT',
      path: await this.#pathOf(ref),
      body: stringifyJson(object),
      what: `replace ${describeRef(ref)}`,
      // Not even with a resourceVersion: a second try would meet the first one's change and be told of a conflict.
      repeatable: false,
      secret: isSecret(ref),
    })) as T
  }

  async patch<T extends KubeObject>(ref: ObjectRef, patch: Patch, options: { subresource?: string } = {}): Promise<T> {
    const subresource = options.subresource ? `/${encodeURIComponent(options.subresource)}` : ''
    return (await this.#json({
      method: 'PATCH',
      path: (await this.#pathOf(ref)) + subresource,
      body: stringifyJson(patch.body),
      contentType: PATCH_TYPES[patch.type],
      what: `change ${describeRef(ref)}`,
      repeatable: mayPatchTwice(patch),
      secret: isSecret(ref),
    })) as T
  }

  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<void> {
    const { uid } = ref
    const { resourceVersion } = options
    const isConditional = uid !== undefined || resourceVersion !== undefined
    try {
      await this.#ask({
        method: 'DELETE',
        path: await this.#pathOf(ref),
        body: stringifyJson({
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          ...(isConditional ? { preconditions: { uid, resourceVersion } } : {}),
          ...(options.propagation === undefined ? {} : { propagationPolicy: options.propagation }),
          ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
        }),
        what: `delete ${describeRef(ref)}`,
        // Without a uid a second try could meet an object that was made in between; with a version it meets the first one's doing.
        repeatable: uid !== undefined && resourceVersion === undefined,
        secret: isSecret(ref),
      })
    } catch (error) {
      if (!isApiError(error, 404)) throw error
    }
  }

  async subresource(ref: ObjectRef, name: string, query: Record<string, string> = {}): Promise<string> {
    const path = withQuery(`${await this.#pathOf(ref)}/${encodeURIComponent(name)}`, query)
    const answer = await this.#ask({
      method: 'GET',
      path,
      what: `read the ${name} of ${describeRef(ref)}`,
      repeatable: true,
    })
    return answer.text
  }

  async *watch<T extends KubeObject>(kind: Kind, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    const resource = await this.#resource(kind)
    const stop = new AbortController()
    const forget = [options.signal, this.#signal].map((signal) => onAbort(signal, () => stop.abort()))
    try {
      const { resourceVersion, known } = options
      const source = this.#watchSource(kind, resource, options, stop.signal)
      yield* watchEvents(source, { resourceVersion, known, signal: stop.signal }) as AsyncGenerator<WatchEvent<T>>
    } finally {
      for (const it of forget) it()
      stop.abort()
    }
  }

  async waitFor<T extends KubeObject>(
    ref: ObjectRef,
    done: (object: T | undefined) => boolean,
    options: WaitOptions,
  ): Promise<T | undefined> {
    try {
      return await waitFor(this, ref, done, options)
    } catch (error) {
      this.#signal.throwIfAborted()
      throw error
    }
  }

  deadline(milliseconds: number): Deadline {
    return deadlineOf(milliseconds)
  }

  async isReady(): Promise<boolean> {
    try {
      await this.#ask({ method: 'GET', path: '/readyz', what: 'ask whether it is ready', repeatable: false })
    } catch (error) {
      if (isTransient(error)) return false
      if (!(error instanceof ApiError)) throw error
    }
    return true
  }

  async raw(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
    return this.#json({
      method,
      path,
      ...(body === undefined ? {} : { body: stringifyJson(body) }),
      what: `${method} ${path}`,
      // What is posted to these two groups is a question, and stored nowhere.
      repeatable: method === 'GET' || /^\/apis\/(authorization|authentication)\.k8s\.io\//.test(path),
    })
  }

  close(): void {
    // what is still asked, and by nobody waited for, would keep the process
    this.#closed.abort(new Error('the connection is closed'))
    this.#credentials.close()
  }

  /** Creates the object, or asks what would come of that, which may be asked twice. */
  async #post<T extends KubeObject>(object: T, dryRun: boolean): Promise<T> {
    const ref = refOf(object)
    const resource = await this.#resource(ref)
    return (await this.#json({
      method: 'POST',
      path: withQuery(collectionPath(ref, resource, ref.namespace), dryRun ? { dryRun: 'All' } : {}),
      body: stringifyJson(object),
      what: `create ${describeRef(ref)}`,
      repeatable: dryRun,
      secret: isSecret(ref),
    })) as T
  }

  #watchSource(kind: Kind, resource: Resource, options: WatchOptions, signal: AbortSignal): WatchSource {
    const { namespace, name, labelSelector } = options
    const fieldSelector = name === undefined ? undefined : `metadata.name=${name}`
    const path = collectionPath(kind, resource, namespace)
    const what = `watch ${kind.kind} objects`
    return {
      list: () =>
        this.list(kind, {
          ...(namespace === undefined ? {} : { namespace }),
          ...(labelSelector === undefined ? {} : { labelSelector }),
          ...(fieldSelector === undefined ? {} : { fieldSelector }),
          signal,
        }),
      streamTimeout: this.#patience.streamTimeout,
      open: (resourceVersion) => {
        const query = {
          watch: '1',
          allowWatchBookmarks: 'true',
          timeoutSeconds: String(Math.ceil(this.#patience.streamTimeout / 1000)),
          resourceVersion,
          labelSelector,
          fieldSelector,
        }
        return this.#openWatch({ method: 'GET', path: withQuery(path, query), what, repeatable: true, signal })
      },
      passing: (error) => error instanceof WatchInterrupted || isTransient(error),
    }
  }

  async #openWatch(call: Call): Promise<AnswerStream> {
    for (let tries = 1; ; tries++) {
      const sent = await this.#exchangeOf(call, Date.now())
      const response = await this.#transport.openStream(sent).catch((error: unknown) => {
        if (error instanceof TransportError) throw errorOfTrouble(error, this.#questionOf(call), tries)
        throw error
      })
      const status = response.statusCode ?? 0
      if (status === 200) return response
      const deadline = setTimeout(() => response.destroy(), this.#patience.requestTimeout)
      const text = await textOf(response).finally(() => clearTimeout(deadline))
      if (status === 401 && tries === 1 && this.#credentials.renew(sent.login)) continue
      if (status === 410) throw new WatchExpired('the version is too old')
      throw errorOf({ status, headers: response.headers, text }, this.#questionOf(call))
    }
  }

  async #listOnce<T extends KubeObject>(
    kind: Kind,
    path: string,
    options: ListOptions,
    told: Set<string>,
    limit: number | undefined,
  ): Promise<ListResult<T>> {
    const { labelSelector, fieldSelector, onPage } = options
    const signal = either(options.signal, this.#signal)
    const items: T[] = []
    let next: string | undefined
    for (;;) {
      const query = { labelSelector, fieldSelector, limit: limit?.toString(), continue: next }
      const page = (await this.#json({
        method: 'GET',
        path: withQuery(path, query),
        what: `list ${kind.kind} objects`,
        repeatable: true,
        secret: kind.kind === 'Secret',
        signal,
      })) as { metadata?: { continue?: string; resourceVersion?: string }; items?: T[] | null }
      const found = (page.items ?? []).map((item) => ({ ...kind, ...item }))
      if (onPage) onPage(unheardOf(found, told))
      else items.push(...found)
      next = page.metadata?.continue || undefined
      if (next === undefined) return { items, resourceVersion: page.metadata?.resourceVersion ?? '' }
    }
  }

  async #pathOf(ref: ObjectRef): Promise<string> {
    return objectPath(ref, await this.#resource(ref))
  }

  async #resource(kind: Kind): Promise<Resource> {
    const resource = await this.#findResource(kind)
    if (resource) return resource
    const missing = { status: 404, reason: 'NotFound' }
    throw new ApiError(...worded((say) => say.server.noKind(this.server, kind.kind, kind.apiVersion), missing))
  }

  async #findResource({ apiVersion, kind }: Kind): Promise<Resource | undefined> {
    const key = `${apiVersion} ${kind}`
    const known = builtInResource({ apiVersion, kind }) ?? this.#discovered.get(key)
    if (known) return known
    try {
      const document = await this.#json({
        method: 'GET',
        path: apiPath(apiVersion),
        what: `ask which kinds ${apiVersion} has`,
        repeatable: true,
      })
      // What is missing today may be installed tomorrow, so only what was found is remembered.
      for (const [found, resource] of discoveredResources(document))
        this.#discovered.set(`${apiVersion} ${found}`, resource)
      return this.#discovered.get(key)
    } catch (error) {
      if (isApiError(error, 404)) return undefined
      throw error
    }
  }

  async #json(call: Call): Promise<unknown> {
    return readBody(await this.#ask(call), this.#questionOf(call))
  }

  /** Asks, again where that is safe and of use, until there is a good answer. */
  async #ask(call: Call): Promise<HttpAnswer> {
    const began = Date.now()
    let renewed = false
    for (let tries = 1; ; tries++) {
      const sent = await this.#exchangeOf(call, tries === 1 ? began : Date.now())
      const result = await this.#try(sent)
      if (result instanceof TransportError) {
        const { trouble, sent } = result
        const again = await this.#pause(call, { type: 'unanswered', trouble, sent }, tries, began)
        if (!again) throw errorOfTrouble(result, this.#questionOf(call), tries)
        continue
      }
      if (result.status < 500) this.#answeredBefore = true
      if (result.status < 300) return result
      if (result.status === 401 && !renewed && this.#credentials.renew(sent.login)) {
        renewed = true
        continue
      }
      const retryAfter = retryAfterSeconds(result.headers['retry-after'], Date.now())
      const again = await this.#pause(call, { type: 'answered', status: result.status, retryAfter }, tries, began)
      if (!again) throw errorOf(result, this.#questionOf(call))
    }
  }

  async #try(sent: HttpExchange): Promise<HttpAnswer | TransportError> {
    try {
      return await this.#transport.exchange(sent)
    } catch (error) {
      if (error instanceof TransportError) return error
      throw error
    }
  }

  async #pause(call: Call, outcome: AttemptOutcome, tries: number, began: number): Promise<boolean> {
    const elapsed = Date.now() - began
    const { repeatable, signal = this.#signal } = call
    const { retryTimeout } = this.#patience
    const budget = this.#questionOf(call).changes ? Math.min(retryTimeout, LONGEST_FOR_A_CHANGE) : retryTimeout
    const attempt = {
      outcome,
      repeatable,
      tries,
      elapsed,
      budget,
      known: this.#answeredBefore,
    }
    const wait = pauseBeforeRetry(attempt, Math.random())
    if (wait === undefined) return false
    await pause(wait, signal)
    signal?.throwIfAborted()
    // A machine may have slept through the pause, whatever it was to be.
    return Date.now() - began < budget
  }

  async #exchangeOf(call: Call, began: number): Promise<HttpExchange> {
    const { method, body, contentType, signal = this.#signal } = call
    const { requestTimeout, connectTimeout } = this.#patience
    const { changes } = this.#questionOf(call)
    return {
      method,
      url: new URL(this.server + call.path),
      began,
      login: await this.#credentials.login(),
      ...(body === undefined ? {} : { body }),
      ...(contentType === undefined ? {} : { contentType }),
      timeout: requestTimeout,
      connectTimeout: changes ? Math.min(connectTimeout, LONGEST_FOR_A_CHANGE) : connectTimeout,
      signal,
    }
  }

  #questionOf({ what, method, secret = false, repeatable }: Call): ApiQuestion {
    return { what, server: this.server, changes: method !== 'GET' && !(method === 'POST' && repeatable), secret }
  }
}

/**
 * A merge says how things shall be, and says it a second time to no other effect, unless it is bound to a version, for
 * then the second is refused. A JSON patch may append, and its tests may fail on what it did itself.
 */
function mayPatchTwice(patch: Patch): boolean {
  if (patch.type === 'json') return false
  const { metadata } = (patch.body ?? {}) as { metadata?: { resourceVersion?: unknown } }
  return metadata?.resourceVersion === undefined
}

/** After a list had to start over, some objects have been handed out before. */
function unheardOf<T extends KubeObject>(items: T[], told: Set<string>): T[] {
  return items.filter(({ metadata: { uid } }) => {
    if (uid === undefined) return true
    const heard = told.has(uid)
    told.add(uid)
    return !heard
  })
}

function isSecret(kind: Kind): boolean {
  return kind.kind === 'Secret' && kind.apiVersion === 'v1'
}

async function textOf(response: AnswerStream): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
