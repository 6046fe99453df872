import type { Api } from '../api.ts'
import type { EventRecorder } from '../events.ts'
import type { Loop } from '../loop.ts'
import {
  type ApiObject,
  at,
  controlledBy,
  controllerOf,
  copyOf,
  type Fields,
  fields,
  isEqual,
  items,
  keyOf,
  type OwnerReference,
} from '../object.ts'
import type { Change, Store } from '../store.ts'

/** What controllers work with. */
export interface Surroundings {
  api: Api
  loop: Loop
  events: EventRecorder
}

/** Looks at changes, says which objects are to be looked at because of them, and brings one of those into order. */
export interface Controller {
  readonly name: string
  /** Keys of what the change concerns; they are passed to `sync`, each once. */
  concerns(change: Change): string[]
  sync(key: string): void
}

/** The index of the objects of a resource by the uid of who controls them; see `ownedKey`. */
export const BY_OWNER = 'controlled'
const orphansOf = (namespace: string | undefined) => `nobody in ${namespace ?? ''}`

/** Where an object stands in the index BY_OWNER; those that nobody controls stand together, by namespace. */
export function ownedKey(object: ApiObject): string[] {
  return [controllerOf(object)?.uid ?? orphansOf(object.metadata.namespace)]
}

/**
 * The objects of a resource that `owner` controls. With its selector, those that nobody controls and it takes become
 * its own first, and its own that it takes no more are let go.
 */
export function ownedBy(
  api: Api,
  resource: string,
  owner: ApiObject,
  takes?: (labels: Record<string, string>) => boolean,
): ApiObject[] {
  const index = `${BY_OWNER} ${resource}`
  if (takes && owner.metadata.deletionTimestamp === undefined) {
    for (const orphan of api.store.indexed(index, orphansOf(owner.metadata.namespace)))
      if (orphan.metadata.deletionTimestamp === undefined && takes(orphan.metadata.labels ?? {}))
        setOwners(api, resource, orphan, [...(orphan.metadata.ownerReferences ?? []), controlledBy(owner)])
    for (const own of api.store.indexed(index, owner.metadata.uid))
      if (own.metadata.deletionTimestamp === undefined && !takes(own.metadata.labels ?? {}))
        setOwners(api, resource, own, withoutOwner(own, owner.metadata.uid))
  }
  return api.store.indexed(index, owner.metadata.uid)
}

/** The references to an object's owners but for one. */
export function withoutOwner(object: ApiObject, uid: string): OwnerReference[] {
  return (object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid)
}

/** Gives an object other owners. */
export function setOwners(api: Api, resource: string, object: ApiObject, owners: OwnerReference[]): void {
  const { ownerReferences: _, ...metadata } = object.metadata
  const next = owners.length ? { ...metadata, ownerReferences: owners } : metadata
  api.store.put(resource, { ...object, metadata: next })
}

/** The key of the owner of that kind that controls the object, where there is one. */
export function controllerKey(object: ApiObject, kind: string): string[] {
  const owner = controllerOf(object)
  return owner?.kind === kind ? [`${object.metadata.namespace ?? ''}/${owner.name}`] : []
}

/** Keys of the workloads that may want a pod that nobody controls: those of its namespace, when it comes or is changed. */
export function orphanKeys(store: Store, { type, object, previous }: Change, resource: string): string[] {
  const { labels, namespace, ownerReferences, deletionTimestamp } = object.metadata
  if (type === 'DELETED' || !labels || controllerOf(object) || deletionTimestamp !== undefined) return []
  const before = previous?.metadata
  if (before && isEqual(before.labels, labels) && isEqual(before.ownerReferences, ownerReferences)) return []
  return store
    .list(resource)
    .filter((owner) => owner.metadata.namespace === namespace)
    .map(keyOf)
}

/** The manifest of a pod that a workload's template describes. */
export function podOf(owner: ApiObject, template: unknown, name: { name: string } | { generateName: string }): Fields {
  const metadata = fields(at(template, 'metadata'))
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...name,
      namespace: owner.metadata.namespace,
      labels: copyOf(fields(metadata.labels)),
      ...(metadata.annotations === undefined ? {} : { annotations: copyOf(metadata.annotations) }),
      ...(metadata.finalizers === undefined ? {} : { finalizers: copyOf(metadata.finalizers) }),
      ownerReferences: [controlledBy(owner)],
    },
    spec: copyOf(fields(at(template, 'spec'))),
  }
}

/** Neither finished nor being deleted. */
export function isActive(pod: ApiObject): boolean {
  return pod.metadata.deletionTimestamp === undefined && !isFinished(pod)
}

export function isFinished(pod: ApiObject): boolean {
  const phase = pod.status?.phase
  return phase === 'Succeeded' || phase === 'Failed'
}

export function isReady(object: ApiObject): boolean {
  return items(object.status?.conditions).some(
    (condition) => at(condition, 'type') === 'Ready' && at(condition, 'status') === 'True',
  )
}

/** The fields that are not 0, as a status that omits empty numbers is written. */
export function withoutZeros(status: Fields): Fields {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== 0))
}

/** A number, or a share of `total` in per cent. */
export function shareOf(value: unknown, total: number, round: (share: number) => number): number {
  if (typeof value === 'string' && value.endsWith('%')) return round((Number.parseInt(value, 10) * total) / 100)
  return Number(value ?? 0)
}

/** The number of replicas that a workload asks for. */
export function replicasOf(object: ApiObject): number {
  return Number(object.spec?.replicas ?? 1)
}

/** Names of the claims that a pod mounts. */
export function claimsOf(pod: ApiObject): string[] {
  return items(pod.spec?.volumes)
    .map((volume) => at(volume, 'persistentVolumeClaim', 'claimName'))
    .filter((name): name is string => typeof name === 'string')
}
