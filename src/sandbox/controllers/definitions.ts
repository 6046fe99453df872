import type { Api } from '../api.ts'
import { kindDefinedBy, resourceOf } from '../kinds.ts'
import type { Change } from '../store.ts'
import type { Controller, Surroundings } from './controller.ts'

/** Serves the kinds that CustomResourceDefinitions define; without its definition a kind and its objects are gone. */
export class Definitions implements Controller {
  readonly name = 'definitions'
  readonly #api: Api

  constructor({ api }: Surroundings) {
    this.#api = api
  }

  /** Takes part in the change itself: a kind must be there as soon as its definition is. */
  concerns({ type, resource, object }: Change): string[] {
    if (resource !== 'customresourcedefinitions.apiextensions.k8s.io') return []
    if (type !== 'DELETED') this.#api.kinds.define(object)
    if (type === 'ADDED') this.#api.store.begin(resourceOf(kindDefinedBy(object)))
    if (type === 'DELETED') {
      const kind = resourceOf(kindDefinedBy(object))
      for (const instance of this.#api.store.list(kind)) this.#api.store.remove(kind, instance)
      this.#api.kinds.forget(object.metadata.name)
    }
    return []
  }

  sync(): void {}
}
