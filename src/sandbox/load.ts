import type { Api } from './api.ts'
import { badRequest } from './errors.ts'
import type { Kind } from './kinds.ts'
import { type ApiObject, at, type Fields, isFields, items, type Metadata, type OwnerReference, text } from './object.ts'
import { isOfNewer } from './versions.ts'

const SYSTEM_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system']

/** Loads manifests in the order in which they need each other; namespaces that they speak of are made. */
export function load(api: Api, manifests: unknown[]): void {
  const objects = manifests.flatMap(expand)
  for (const object of objects) if (object.kind === 'CustomResourceDefinition') api.load(kindOf(api, object), object)
  const rest = objects
    .filter(({ kind }) => kind !== 'CustomResourceDefinition')
    .map((object) => ({ object, kind: kindOf(api, object) }))
  for (const namespace of namespacesOf(rest)) api.load(kindOf(api, namespace), namespace)
  // Classes decide about claims, and claims' owners must be there before what they own is looked at.
  const first = rest.filter(({ kind }) => kind.kind === 'Namespace' || kind.kind === 'StorageClass')
  for (const { object, kind } of first) api.load(kind, object)
  const uids = new Map<string, string>()
  for (const { object, kind } of byOwnership(rest.filter((entry) => !first.includes(entry)))) {
    api.load(kind, withOwners(object, uids))
    const namespace = kind.namespaced ? (object.metadata.namespace ?? 'default') : undefined
    const stored = api.get(kind, namespace, object.metadata.name)
    uids.set(`${kind.kind} ${namespace ?? ''}/${object.metadata.name}`, stored.metadata.uid)
  }
}

function expand(manifest: unknown): ApiObject[] {
  const kind = text(at(manifest, 'kind'))
  if (kind?.endsWith('List') && Array.isArray(at(manifest, 'items'))) {
    const apiVersion = at(manifest, 'apiVersion')
    return items(at(manifest, 'items')).flatMap((item) =>
      expand(isFields(item) && kind !== 'List' ? { apiVersion, kind: kind.slice(0, -4), ...item } : item),
    )
  }
  const name = at(manifest, 'metadata', 'name')
  if (!isFields(manifest) || !kind || !text(at(manifest, 'apiVersion')) || !text(name))
    throw badRequest(`a manifest needs apiVersion, kind and metadata.name; found ${outlined(manifest)}`)
  return [manifest as Fields as ApiObject]
}

/** What a manifest is called, and which fields it has: their values may be a Secret's. */
function outlined(manifest: unknown): string {
  if (Array.isArray(manifest)) return 'a list'
  if (!isFields(manifest)) return JSON.stringify(manifest).slice(0, 200)
  const called = ['apiVersion', 'kind'].flatMap((key) => text(manifest[key]) ?? [])
  return [...called, `with ${Object.keys(manifest).join(', ')}`].join(' ').slice(0, 200)
}

/** The version that the newest kubelet among the nodes says it is of; undefined where none says a version. */
export function newestKubelet(manifests: unknown[]): string | undefined {
  const versions = manifests
    .flatMap(expand)
    .filter(({ kind }) => kind === 'Node')
    .map((node) => String(at(node, 'status', 'nodeInfo', 'kubeletVersion') ?? ''))
  const minorOf = (version: string) => Number(/^v?1\.(\d+)/.exec(version)?.[1] ?? -1)
  return versions
    .filter((version) => minorOf(version) >= 0)
    .reduce<string | undefined>((best, one) => (best && minorOf(best) >= minorOf(one) ? best : one), undefined)
}

/** True if one of the manifests says what only the newer Kubernetes of the two that the sandbox knows would keep. */
export function haveNewerFields(manifests: unknown[]): boolean {
  return manifests.flatMap(expand).some(isOfNewer)
}

function kindOf(api: Api, { apiVersion, kind, metadata }: ApiObject): Kind {
  const found = api.kinds.ofManifest(apiVersion, kind)
  if (!found)
    throw badRequest(
      `the sandbox does not know the kind of ${apiVersion} ${kind} ${metadata.name}; for a custom resource, load its CustomResourceDefinition too`,
    )
  return found
}

/** Manifests of the namespaces that are not among the manifests themselves. */
function namespacesOf(entries: { object: ApiObject; kind: Kind }[]): ApiObject[] {
  const used = entries.filter(({ kind }) => kind.namespaced).map(({ object }) => object.metadata.namespace ?? 'default')
  const given = new Set(
    entries.filter(({ kind }) => kind.kind === 'Namespace').map(({ object }) => object.metadata.name),
  )
  return [...new Set([...SYSTEM_NAMESPACES, ...used])]
    .filter((name) => !given.has(name))
    .map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } as Metadata }))
}

/** Owners before what they own. */
function byOwnership<T extends { object: ApiObject }>(entries: T[]): T[] {
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
