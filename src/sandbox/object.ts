/** Any JSON object. */
export type Fields = Record<string, unknown>

/** A stored object. What is stored is never changed in place: a change puts a new object there. */
export interface ApiObject {
  apiVersion: string
  kind: string
  metadata: Metadata
  spec?: Fields
  status?: Fields
  [field: string]: unknown
}

export interface Metadata {
  name: string
  namespace?: string
  uid: string
  resourceVersion: string
  generation?: number
  creationTimestamp: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  generateName?: string
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
  blockOwnerDeletion?: boolean
}

/** True for a JSON object; false for arrays, null and numbers too long for a double. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && isPlain(value)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** The value as a JSON object; an empty one where it is none. */
export function fields(value: unknown): Fields {
  return isFields(value) ? value : {}
}

/** The value as an array; an empty one where it is none. */
export function items(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** The value as a string; undefined where it is none. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A copy that shares nothing with its original. */
export function copyOf<T>(value: T): T
export function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => copyOf(item))
  if (!isFields(value)) return value
  const copy: Fields = {}
  for (const key of Object.keys(value)) define(copy, key, copyOf(value[key]))
  return copy
}

/** Sets a field of that name, `__proto__` included, which an assignment would take for something else. */
export function define(target: Fields, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
  else target[key] = value
}

/** Equal as JSON; the order of an object's fields does not count. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isEqual(item, b[index]))
  }
  if (isFields(a)) {
    if (!isFields(b)) return false
    const keys = Object.keys(a)
    return (
      keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]))
    )
  }
  return typeof a === 'object' && a !== null && typeof b === 'object' && b !== null && String(a) === String(b)
}

/** The value at a path of field names; undefined where the path ends early. */
export function at(value: unknown, ...path: string[]): unknown {
  let here = value
  for (const name of path) {
    if (!isFields(here) || !Object.hasOwn(here, name)) return undefined
    here = here[name]
  }
  return here
}

/** `namespace/name`, or the name alone for objects of the whole cluster. */
export function keyOf(object: { metadata: { namespace?: string; name: string } }): string {
  return object.metadata.namespace === undefined
    ? object.metadata.name
    : `${object.metadata.namespace}/${object.metadata.name}`
}

/** The owner that controls the object, where one does. */
export function controllerOf(object: ApiObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true)
}

/** The reference with which `owner` controls what it creates. */
export function controlledBy(owner: ApiObject): OwnerReference {
  const { name, uid } = owner.metadata
  return { apiVersion: owner.apiVersion, kind: owner.kind, name, uid, controller: true, blockOwnerDeletion: true }
}
