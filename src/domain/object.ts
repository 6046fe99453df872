/** A Kubernetes object as the JSON that the server sent: fields that no library here knows are kept. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  [field: string]: unknown
}

/** The part of `metadata` that juicify reads; whatever else is there stays there. */
export interface ObjectMeta {
  name: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  creationTimestamp?: string
  deletionTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  finalizers?: string[]
  ownerReferences?: OwnerReference[]
  [field: string]: unknown
}

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
}

/** Names one object of a cluster; with a uid, that very object and none that takes its name later. */
export interface ObjectRef {
  apiVersion: string
  kind: string
  namespace?: string
  name: string
  uid?: string
}

/** The reference that names `object`, uid included. */
export function refOf(object: KubeObject): ObjectRef {
  const { namespace, name, uid } = object.metadata
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    ...(uid === undefined ? {} : { uid }),
  }
}

/** How people read a reference: `PersistentVolume data`, `Deployment pipeline/web`. */
export function describeRef(ref: { kind: string; namespace?: string; name: string }): string {
  return `${ref.kind} ${ref.namespace ? `${ref.namespace}/` : ''}${ref.name}`
}

/** Two references have the same key if they name the same object, with the same uid, in whichever version. */
export function refKey({ apiVersion, kind, namespace = '', name, uid = '' }: ObjectRef): string {
  return [groupOf(apiVersion), kind, namespace, name, uid].join('/')
}

/** The same object, whichever version of it: kind, namespace and name, and the uid where both have one. */
export function sameObject(a: ObjectRef, b: ObjectRef): boolean {
  return (
    groupOf(a.apiVersion) === groupOf(b.apiVersion) &&
    a.kind === b.kind &&
    (a.namespace ?? '') === (b.namespace ?? '') &&
    a.name === b.name &&
    (a.uid === undefined || b.uid === undefined || a.uid === b.uid)
  )
}

/** The API group of an apiVersion: `apps` of `apps/v1`, empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}
