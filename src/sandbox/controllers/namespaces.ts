import type { Api } from '../api.ts'
import { resourceOf } from '../kinds.ts'
import type { Change, Store } from '../store.ts'
import type { Controller, Surroundings } from './controller.ts'

const CONTENT = 'content of namespaces'

export function addNamespaceIndex(store: Store): void {
  store.addIndex(CONTENT, undefined, ({ metadata }) => (metadata.namespace === undefined ? [] : [metadata.namespace]))
}

/** Empties namespaces that are being deleted, and lets them go when they are empty. */
export class Namespaces implements Controller {
  readonly name = 'namespaces'
  readonly #api: Api

  constructor({ api }: Surroundings) {
    this.#api = api
  }

  concerns({ type, resource, object }: Change): string[] {
    if (resource === 'namespaces') return type === 'DELETED' ? [] : [object.metadata.name]
    return type === 'DELETED' && object.metadata.namespace !== undefined ? [object.metadata.namespace] : []
  }

  sync(name: string): void {
    const namespace = this.#api.store.get('namespaces', name)
    if (namespace?.metadata.deletionTimestamp === undefined) return
    for (const { apiVersion, kind, metadata } of this.#api.store.indexed(CONTENT, name)) {
      const found = this.#api.kinds.of(apiVersion, kind)
      const stored = found && this.#api.store.get(resourceOf(found), `${name}/${metadata.name}`)
      if (found && stored && stored.metadata.deletionTimestamp === undefined)
        this.#api.delete(found, name, metadata.name, { propagation: 'Background' })
    }
    if (this.#api.store.count(CONTENT, name) > 0) return
    this.#api.update(this.#api.kindOf(namespace), undefined, name, (before) => ({
      ...before,
      spec: { ...before.spec, finalizers: [] },
    }))
  }
}
