import { type ApiObject, keyOf } from './object.ts'
import { Store } from './store.ts'

/** Shows what another store holds, and keeps nothing of what is put into it: what a dry run is carried out on. */
export class DryStore extends Store {
  readonly #real: Store

  constructor(real: Store) {
    super()
    this.#real = real
  }

  override get version(): number {
    return this.#real.version
  }

  override get(resource: string, key: string): ApiObject | undefined {
    return this.#real.get(resource, key)
  }

  override list(resource: string): readonly ApiObject[] {
    return this.#real.list(resource)
  }

  /** What is only asked about gets no version of its own: it has that of what is there, or none. */
  override put(resource: string, object: ApiObject): ApiObject {
    const { resourceVersion: _, ...metadata } = object.metadata
    const there = this.#real.get(resource, keyOf(object))
    const version = there ? { resourceVersion: there.metadata.resourceVersion } : {}
    return { ...object, metadata: { ...metadata, ...version } as ApiObject['metadata'] }
  }

  override remove(_: string, object: ApiObject): ApiObject {
    return object
  }
}
