import { Api } from './api.ts'
import { Clock } from './clock.ts'
import { addIndexes, controllersOf } from './controllers/all.ts'
import { Binder } from './controllers/binder.ts'
import type { Controller } from './controllers/controller.ts'
import { type DirectAnswer, DirectDoor } from './direct.ts'
import { badRequest } from './errors.ts'
import { EventRecorder } from './events.ts'
import { HttpServer } from './http.ts'
import { Kinds } from './kinds.ts'
import { haveNewerFields, load, newestKubelet, type OnLeftOut } from './load.ts'
import { Loop } from './loop.ts'
import { copyOf } from './object.ts'
import type { WrittenRequest } from './request.ts'
import { answer } from './router.ts'
import { type Interference, type SandboxRequest, Service } from './service.ts'
import { Store } from './store.ts'
import { DEFAULT_VERSION, type KubernetesVersion, NEWER_VERSION, nearestVersion, rulesOf } from './versions.ts'

export interface SandboxOptions {
  /**
   * Objects to start with, as parsed manifests; Lists count as what they hold. What is missing of uids, times and
   * versions is made up, the same for the same manifests, the uid of kube-system included; so a plan that was made on
   * one sandbox is valid for the next one that is loaded from the same folder. A status that a manifest has is kept.
   */
  objects: unknown[]
  /** Told of each manifest that cannot be loaded, which is then left out. Where not given, such a manifest is an error. */
  onLeftOut?: OnLeftOut
  /**
   * The Kubernetes that it is to be like, as a cluster calls itself (`1.24`, `v1.28.3+k3s1`). Where not given, that of the
   * newest kubelet among the nodes in `objects`; where those say nothing, 1.20, or 1.37 where an object has a field that
   * 1.20 would drop.
   */
  kubernetesVersion?: string
  /** What its kubeconfig calls the cluster; `sandbox` where not given. */
  title?: string
  /** The port on 127.0.0.1; any free one where not given. */
  port?: number
  /** Asked before each request is carried out, for tests; what it returns happens instead, and what it awaits delays. */
  onRequest?: (request: SandboxRequest) => Interference | undefined | Promise<Interference | undefined>
  /** Told after each request was carried out, before its answer is sent. */
  onAnswer?: (request: SandboxRequest, status: number) => void | Promise<void>
  /** Time the controllers take before they react, ms; 0 (the default) is the next turn of the event loop. */
  reaction?: number
  /** How often the binder looks again at what is not in order, ms; 15 s by default, as a real cluster does. */
  resync?: number
}

/** A Kubernetes API in this process, served on loopback, with controllers that keep it as a real cluster would. */
export interface Sandbox {
  readonly url: string
  /** A kubeconfig, as YAML, with which any client gets in. */
  readonly kubeconfig: string
  /** Which Kubernetes it is like. */
  readonly kubernetes: ServedVersion
  /** Answers a request of this process as the server at `url` would, without a connection. Throws ConnectionCut. */
  ask(request: WrittenRequest): Promise<DirectAnswer>
  /** Copies of all stored objects, sorted by kind, namespace and name. */
  objects(): Record<string, unknown>[]
  /** Resolves when the controllers have nothing left to do. */
  settled(): Promise<void>
  /** How many requests that change something were carried out, or refused by the API itself. */
  readonly changes: number
  /** Cuts all connections, watches included, as a broken network does. */
  cutConnections(): void
  /** Forgets the past: watches and pages that start from an earlier version get 410. */
  compact(): void
  close(): Promise<void>
}

/** The version that is served, and the one that it stands for, where that is another. */
interface ServedVersion {
  served: KubernetesVersion
  /** What was asked for, or the cluster says that the manifests are of; the sandbox keeps the rules of the nearest it knows. */
  insteadOf?: string
}

/**
 * Starts a sandbox and waits until what it was loaded with has settled. Throws where a manifest is not acceptable, or
 * `kubernetesVersion` is no version of Kubernetes 1.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const kubernetes = versionFor(options)
  const rules = rulesOf(kubernetes.served)
  const [kinds, store, clock, loop] = [new Kinds(rules), new Store(), new Clock(), new Loop()]
  const api = new Api(kinds, store, clock, rules)
  const surroundings = { api, loop, events: new EventRecorder(store, clock) }
  const controllers = controllersOf(surroundings)
  addIndexes(store)
  store.subscribe((change) => {
    for (const controller of controllers) for (const key of controller.concerns(change)) enqueue(loop, controller, key)
  })
  load(api, options.objects, options.onLeftOut)
  await loop.idle()
  store.compact()
  clock.start()
  loop.delay = options.reaction ?? 0
  let changes = 0
  const service = new Service({
    answer: (request) => {
      if (request.changing) changes++
      return answer(api, request)
    },
    ...(options.onRequest ? { onRequest: options.onRequest } : {}),
    ...(options.onAnswer ? { onAnswer: options.onAnswer } : {}),
  })
  const server = new HttpServer(service, options.port ?? 0)
  const door = new DirectDoor(service)
  const cutConnections = () => {
    server.cutConnections()
    door.cutConnections()
  }
  const url = await server.listen()
  const resync = setInterval(() => {
    for (const controller of controllers)
      if (controller instanceof Binder) for (const key of controller.unsettled()) enqueue(loop, controller, key)
  }, options.resync ?? 15_000)
  resync.unref()
  return {
    url,
    kubeconfig: kubeconfigFor(url, options.title ?? 'sandbox'),
    kubernetes,
    objects: () => store.everything().map((object) => copyOf(object)),
    settled: () => loop.idle(),
    get changes() {
      return changes
    },
    ask: (request) => door.ask(request),
    cutConnections,
    compact: () => store.compact(),
    async close() {
      clearInterval(resync)
      loop.stop()
      door.close()
      await server.close()
    },
  }
}

function versionFor({ kubernetesVersion, objects }: SandboxOptions): ServedVersion {
  const wanted = kubernetesVersion ?? newestKubelet(objects)
  if (wanted === undefined) return { served: haveNewerFields(objects) ? NEWER_VERSION : DEFAULT_VERSION }
  const nearest = nearestVersion(wanted)
  if (!nearest) throw badRequest(`${JSON.stringify(wanted)} is no version of Kubernetes 1; one is 1.20, or v1.28.3`)
  return nearest.exact ? { served: nearest.served } : { served: nearest.served, insteadOf: wanted }
}

function enqueue(loop: Loop, controller: Controller, key: string): void {
  loop.enqueue(`${controller.name} ${key}`, () => controller.sync(key))
}

function kubeconfigFor(url: string, title: string): string {
  // a name in JSON's quotes is one in YAML's
  const name = JSON.stringify(title)
  return `apiVersion: v1
kind: Config
current-context: sandbox
clusters:
- name: ${name}
  cluster:
    server: ${url}
contexts:
- name: sandbox
  context:
    cluster: ${name}
    user: sandbox
users:
- name: sandbox
  user: {}
`
}
