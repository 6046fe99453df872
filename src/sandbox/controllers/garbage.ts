import type { Api } from '../api.ts'
import { resourceOf } from '../kinds.ts'
import { type ApiObject, keyOf, type OwnerReference } from '../object.ts'
import type { Change, Store } from '../store.ts'
import { type Controller, type Surroundings, setOwners, withoutOwner } from './controller.ts'

const BY_UID = 'by uid'
/** The index of all objects by the uids of what they name as owners. */
export const DEPENDENTS = 'dependents by owner'

export function addGarbageIndexes(store: Store): void {
  store.addIndex(BY_UID, undefined, (object) => [object.metadata.uid])
  store.addIndex(DEPENDENTS, undefined, (object) => [
    ...new Set((object.metadata.ownerReferences ?? []).map(({ uid }) => uid)),
  ])
}

/** Deletes what has lost its owners, and carries out deletions that go to the foreground or leave orphans. */
export class GarbageCollector implements Controller {
  readonly name = 'garbage collector'
  readonly #api: Api

  constructor({ api }: Surroundings) {
    this.#api = api
  }

  concerns({ type, resource, object }: Change): string[] {
    const owners = object.metadata.ownerReferences ?? []
    if (type === 'DELETED')
      return [
        ...this.#api.store.indexed(DEPENDENTS, object.metadata.uid).map(({ metadata }) => `dependent ${metadata.uid}`),
        ...owners.map(({ uid }) => `owner ${uid}`),
      ]
    const deleting = object.metadata.deletionTimestamp !== undefined
    return [
      ...(owners.length && !deleting ? [`dependent ${object.metadata.uid}`] : []),
      ...(deleting && resource !== 'namespaces' ? [`owner ${object.metadata.uid}`] : []),
    ]
  }

  sync(key: string): void {
    const [role, uid = ''] = key.split(' ')
    const [object] = this.#api.store.indexed(BY_UID, uid)
    if (!object) return
    if (role === 'dependent') this.#syncDependent(object)
    else this.#syncOwner(object)
  }

  #syncDependent(object: ApiObject) {
    const owners = object.metadata.ownerReferences ?? []
    if (owners.length === 0 || object.metadata.deletionTimestamp !== undefined) return
    const states = owners.map((reference) => ({ reference, state: this.#stateOf(reference, object) }))
    const kept = states.filter(({ state }) => state === 'there').map(({ reference }) => reference)
    const foreground = states.some(
      ({ state, reference }) => state === 'deleting' && reference.blockOwnerDeletion === true,
    )
    if (kept.length === owners.length) return
    if (kept.length > 0) this.#setOwners(object, kept)
    else this.#delete(object, foreground ? 'Foreground' : 'Background')
  }

  /** An owner whose kind is not known here counts as there. */
  #stateOf({ apiVersion, kind, uid }: OwnerReference, dependent: ApiObject): 'there' | 'deleting' | 'gone' {
    const known = this.#api.kinds.of(apiVersion, kind)
    const [owner] = this.#api.store.indexed(BY_UID, uid)
    if (!owner) return known ? 'gone' : 'there'
    const { namespace, finalizers, deletionTimestamp } = owner.metadata
    if (namespace !== undefined && namespace !== dependent.metadata.namespace) return 'gone'
    return deletionTimestamp !== undefined && finalizers?.includes('foregroundDeletion') ? 'deleting' : 'there'
  }

  #syncOwner(owner: ApiObject) {
    const { deletionTimestamp, finalizers = [], uid } = owner.metadata
    if (deletionTimestamp === undefined) return
    const dependents = this.#api.store.indexed(DEPENDENTS, uid)
    if (finalizers.includes('orphan')) {
      for (const dependent of dependents) this.#setOwners(dependent, withoutOwner(dependent, uid))
      this.#removeFinalizer(owner, 'orphan')
    } else if (finalizers.includes('foregroundDeletion')) {
      for (const dependent of dependents) this.#syncDependent(dependent)
      const blocking = this.#api.store
        .indexed(DEPENDENTS, uid)
        .some(({ metadata }) =>
          metadata.ownerReferences?.some((reference) => reference.uid === uid && reference.blockOwnerDeletion),
        )
      if (!blocking) this.#removeFinalizer(owner, 'foregroundDeletion')
    }
  }

  #setOwners(object: ApiObject, owners: OwnerReference[]) {
    setOwners(this.#api, resourceOf(this.#api.kindOf(object)), object, owners)
  }

  #removeFinalizer(object: ApiObject, finalizer: string) {
    const { namespace, name } = object.metadata
    this.#api.update(this.#api.kindOf(object), namespace, name, (before) => ({
      ...before,
      metadata: { ...before.metadata, finalizers: before.metadata.finalizers?.filter((other) => other !== finalizer) },
    }))
  }

  #delete(object: ApiObject, propagation: string) {
    const { namespace, name, uid } = object.metadata
    if (this.#api.store.get(resourceOf(this.#api.kindOf(object)), keyOf(object)))
      this.#api.delete(this.#api.kindOf(object), namespace, name, { uid, propagation })
  }
}
