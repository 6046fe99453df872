import type { Api } from './api.ts'
import { badRequest, StatusError } from './errors.ts'
import type { Kind } from './kinds.ts'
import { type ApiObject, at, type Fields, isFields, items, type Metadata, type OwnerReference, text } from './object.ts'
import { isOfNewer } from './versions.ts'

const SYSTEM_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system']

/** A manifest that the sandbox does without. */
export interface LeftOut {
  /** The manifest, or the item of a List, as it was given. */
  manifest: unknown
  /** Whether it is no object of a cluster at all, of a kind that the sandbox does not know, or one that a cluster would refuse. */
  why: 'no-object' | 'unknown-kind' | 'refused'
  message: string
  /** `autoscaling/v2 HorizontalPodAutoscaler`, where it says so. */
  kind?: string
}

/** Told of each manifest that is left out. */
export type OnLeftOut = (left: LeftOut) => void

interface Entry {
  object: ApiObject
  /** What it was made from. */
  manifest: unknown
}

interface Known extends Entry {
  kind: Kind
}

/**
 * Loads manifests in the order in which they need each other; namespaces that they speak of are made, and one that is there
 * already is changed as `kubectl apply` changes it. What cannot be loaded is left out where `onLeftOut` is there to be told.
 * Throws where it is not.
 */
export function load(api: Api, manifests: unknown[], onLeftOut?: OnLeftOut): void {
  new Loading(api, onLeftOut ?? refuse).run(manifests)
}

class Loading {
  readonly #api: Api
  readonly #leaveOut: OnLeftOut
  readonly #uids = new Map<string, string>()
  /** What each object was loaded from last. */
  readonly #applied = new Map<string, ApiObject>()

  constructor(api: Api, leaveOut: OnLeftOut) {
    this.#api = api
    this.#leaveOut = leaveOut
  }

  run(manifests: unknown[]): void {
    const entries = manifests.flatMap((manifest) => expand(manifest, this.#leaveOut))
    const isDefinition = ({ object }: Entry) => object.kind === 'CustomResourceDefinition'
    for (const entry of this.#known(entries.filter(isDefinition))) this.#apply(entry)
    const rest = this.#known(entries.filter((entry) => !isDefinition(entry)))
    for (const entry of this.#known(namespacesOf(rest))) this.#apply(entry)
    // Classes decide about claims, and claims' owners must be there before what they own is looked at.
    const first = rest.filter(({ kind }) => kind.kind === 'Namespace' || kind.kind === 'StorageClass')
    for (const entry of first) this.#apply(entry)
    for (const entry of byOwnership(rest.filter((each) => !first.includes(each)))) this.#apply(entry)
  }

  #known(entries: Entry[]): Known[] {
    return entries.flatMap((entry) => {
      const { apiVersion, kind: kindName, metadata } = entry.object
      const kind = this.#api.kinds.ofManifest(servedVersionOf(apiVersion), kindName)
      if (!kind) {
        const message = `the sandbox does not know the kind of ${apiVersion} ${kindName} ${metadata?.name ?? ''}; for a custom resource, load its CustomResourceDefinition too`
        this.#leaveOut({ manifest: entry.manifest, why: 'unknown-kind', message, kind: `${apiVersion} ${kindName}` })
        return []
      }
      if (text(metadata?.name)) return [{ ...entry, kind }]
      this.#leaveOut({ manifest: entry.manifest, why: 'refused', message: nameless(entry.manifest) })
      return []
    })
  }

  #apply({ object, kind, manifest }: Known): void {
    const { name } = object.metadata
    const namespace = kind.namespaced ? (object.metadata.namespace ?? 'default') : undefined
    const id = `${kind.kind} ${namespace ?? ''}/${name}`
    const before = this.#applied.get(`${kind.group} ${id}`)
    try {
      const next = withOwners(object, this.#uids)
      if (before) this.#api.reload(kind, before, next)
      else this.#api.load(kind, next)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      this.#leaveOut({ manifest, why: 'refused', message: error.message })
      return
    }
    this.#applied.set(`${kind.group} ${id}`, object)
    this.#uids.set(id, this.#api.get(kind, namespace, name).metadata.uid)
  }
}

/** The version in which the sandbox serves what a manifest of another one says too: autoscalers, which `kubectl get` shows in v2. */
function servedVersionOf(apiVersion: string): string {
  return /^autoscaling\/v2(beta[12])?$/.test(apiVersion) ? 'autoscaling/v1' : apiVersion
}

function refuse({ message }: LeftOut): never {
  throw badRequest(message)
}

function expand(manifest: unknown, leaveOut: OnLeftOut = () => {}): Entry[] {
  const kind = text(at(manifest, 'kind'))
  // one without any has null, as Go writes an empty list
  if (kind?.endsWith('List') && (Array.isArray(at(manifest, 'items')) || at(manifest, 'items') === null)) {
    const apiVersion = at(manifest, 'apiVersion')
    return items(at(manifest, 'items')).flatMap((item) => {
      const isTyped = isFields(item) && kind !== 'List'
      const full = isTyped ? { apiVersion, kind: kind.slice(0, -4), ...item } : item
      const found = expand(full, (left) =>
        leaveOut({ ...left, manifest: left.manifest === full ? item : left.manifest }),
      )
      return found.map((entry) => (entry.manifest === full ? { ...entry, manifest: item } : entry))
    })
  }
  if (isFields(manifest) && kind && text(at(manifest, 'apiVersion'))) {
    return [{ object: manifest as Fields as ApiObject, manifest }]
  }
  leaveOut({ manifest, why: 'no-object', message: nameless(manifest) })
  return []
}

function nameless(manifest: unknown): string {
  return `a manifest needs apiVersion, kind and metadata.name; found ${outlined(manifest)}`
}

/** What a manifest is called, and which fields it has: their values may be a Secret's. */
function outlined(manifest: unknown): string {
  if (Array.isArray(manifest)) return 'a list'
  if (!isFields(manifest)) return `a ${typeof manifest}`
  const called = ['apiVersion', 'kind'].flatMap((key) => text(manifest[key]) ?? [])
  return [...called, `with ${Object.keys(manifest).join(', ')}`].join(' ').slice(0, 200)
}

/** The version that the newest kubelet among the nodes says it is of; undefined where none says a version. */
export function newestKubelet(manifests: unknown[]): string | undefined {
  const versions = manifests
    .flatMap((manifest) => expand(manifest))
    .filter(({ object }) => object.kind === 'Node')
    .map(({ object }) => String(at(object, 'status', 'nodeInfo', 'kubeletVersion') ?? ''))
  const minorOf = (version: string) => Number(/^v?1\.(\d+)/.exec(version)?.[1] ?? -1)
  return versions
    .filter((version) => minorOf(version) >= 0)
    .reduce<string | undefined>((best, one) => (best && minorOf(best) >= minorOf(one) ? best : one), undefined)
}

/** True if one of the manifests says what only the newer Kubernetes of the two that the sandbox knows would keep. */
export function haveNewerFields(manifests: unknown[]): boolean {
  return manifests.flatMap((manifest) => expand(manifest)).some(({ object }) => isOfNewer(object))
}

/** Manifests of the namespaces that are not among the manifests themselves. */
function namespacesOf(entries: Known[]): Entry[] {
  const used = entries.filter(({ kind }) => kind.namespaced).map(({ object }) => object.metadata.namespace ?? 'default')
  const given = new Set(
    entries.filter(({ kind }) => kind.kind === 'Namespace').map(({ object }) => object.metadata.name),
  )
  return [...new Set([...SYSTEM_NAMESPACES, ...used])]
    .filter((name) => !given.has(name))
    .map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } as Metadata }))
    .map((object) => ({ object, manifest: object }))
}

/** Owners before what they own. */
function byOwnership(entries: Known[]): Known[] {
  const depth = (object: ApiObject): number => {
    const owned = object.metadata.ownerReferences?.length ? 1 : 0
    return owned && object.kind === 'Pod' ? 2 : owned
  }
  return [0, 1, 2].flatMap((level) => entries.filter(({ object }) => depth(object) === level))
}

/** The manifest, where owners that it names without their uid have that of the object of this name. */
function withOwners(manifest: ApiObject, uids: Map<string, string>): ApiObject {
  const { ownerReferences, namespace = 'default' } = manifest.metadata
  if (!ownerReferences?.some((owner) => !owner.uid)) return manifest
  const uidOf = ({ kind, name }: OwnerReference) =>
    uids.get(`${kind} ${namespace}/${name}`) ?? uids.get(`${kind} /${name}`)
  const filled = ownerReferences.map((owner) => ({ ...owner, uid: owner.uid || (uidOf(owner) ?? '') }))
  return { ...manifest, metadata: { ...manifest.metadata, ownerReferences: filled } }
}
