import { type ApiObject, keyOf } from './object.ts'

/** A change of one object. `version` is the cluster's when it happened, and that of `object` itself. */
export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  resource: string
  version: number
  /** As it is now; for DELETED, as it was last. */
  object: ApiObject
  previous?: ApiObject
}

/** Changes of a resource that are kept for watches that start in the past. */
const HISTORY = 10_000
/** Lists that are kept so that their next pages come from the same version. */
const SNAPSHOTS = 32

interface Shelf {
  objects: Map<string, ApiObject>
  /** Sorted by key as etcd does; dropped at additions and removals, made again when it is asked for. */
  sorted: ApiObject[] | undefined
  history: Change[]
  /** The version up to which changes are forgotten. */
  forgotten: number
}

type IndexOf = (object: ApiObject) => string[]
/** The objects of each value, by uid; one alone, as most are, without a map around it. */
type Entries = Map<string, ApiObject | Map<string, ApiObject>>

/** All objects of a cluster, in memory, with versions, a history, indexes, and those who want to know of changes. */
export class Store {
  readonly #shelves = new Map<string, Shelf>()
  readonly #indexes = new Map<string, { resource: string | undefined; of: IndexOf; entries: Entries }>()
  readonly #listeners = new Set<(change: Change) => void>()
  readonly #snapshots = new Map<string, ApiObject[]>()
  #version = 0

  /** The cluster's resource version: that of the latest change. */
  get version(): number {
    return this.#version
  }

  get(resource: string, key: string): ApiObject | undefined {
    return this.#shelves.get(resource)?.objects.get(key)
  }

  /** All objects of a resource, sorted by namespace and name. Not to be changed. */
  list(resource: string): readonly ApiObject[] {
    const shelf = this.#shelf(resource)
    shelf.sorted ??= [...shelf.objects.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)
    return shelf.sorted
  }

  /** The list as it is now, to be found again under its version by `snapshot`. */
  keepSnapshot(resource: string): void {
    this.#snapshots.set(`${resource}@${this.#version}`, [...this.list(resource)])
    if (this.#snapshots.size <= SNAPSHOTS) return
    for (const oldest of this.#snapshots.keys()) {
      this.#snapshots.delete(oldest)
      return
    }
  }

  /** A list as it was; undefined where it is no longer kept. */
  snapshot(resource: string, version: number): readonly ApiObject[] | undefined {
    return this.#snapshots.get(`${resource}@${version}`)
  }

  /** Stores the object, new or changed, under the next version, and returns what is stored. */
  put(resource: string, object: ApiObject): ApiObject {
    const version = ++this.#version
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
    const previous = this.#place(resource, stored)
    this.#tell({
      type: previous ? 'MODIFIED' : 'ADDED',
      resource,
      version,
      object: stored,
      ...(previous ? { previous } : {}),
    })
    return stored
  }

  /** Stores an object that brings its own version with it, as one that was there before anybody looked. */
  load(resource: string, object: ApiObject): void {
    this.#version = Math.max(this.#version, Number.parseInt(object.metadata.resourceVersion, 10) || 0)
    this.#place(resource, object)
    this.#listeners.forEach((listener) => {
      listener({ type: 'ADDED', resource, version: this.#version, object })
    })
  }

  /** Takes the object away, and returns it as it was last. */
  remove(resource: string, object: ApiObject): ApiObject {
    const shelf = this.#shelf(resource)
    const key = keyOf(object)
    const previous = shelf.objects.get(key) ?? object
    shelf.objects.delete(key)
    shelf.sorted = undefined
    this.#reindex(resource, previous, undefined)
    const version = ++this.#version
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
    this.#tell({ type: 'DELETED', resource, version, object: last, previous })
    return last
  }

  /** Calls back at every change, until the function that it returns is called. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The changes of a resource after a version; undefined where some of them are forgotten. */
  since(resource: string, version: number): Change[] | undefined {
    const shelf = this.#shelf(resource)
    if (version < shelf.forgotten) return undefined
    return shelf.history.filter((change) => change.version > version)
  }

  /** The version from which on a resource's changes are known. */
  oldest(resource: string): number {
    return this.#shelf(resource).forgotten
  }

  /** Has a resource's history begin now, as that of a kind that was not known before. */
  begin(resource: string): void {
    this.#shelf(resource).forgotten = this.#version
  }

  /** Forgets all changes up to now, and all lists: watches and pages from older versions are refused. */
  compact(): void {
    for (const shelf of this.#shelves.values()) {
      shelf.history = []
      shelf.forgotten = this.#version
    }
    this.#snapshots.clear()
  }

  /** Keeps objects findable by what `of` says of them; without a resource, those of all kinds. */
  addIndex(name: string, resource: string | undefined, of: IndexOf): void {
    this.#indexes.set(name, { resource, of, entries: new Map() })
  }

  /** The objects of which an index said `value`, in the order in which they came. */
  indexed(name: string, value: string): ApiObject[] {
    const found = this.#indexes.get(name)?.entries.get(value)
    if (found instanceof Map) return [...found.values()]
    return found ? [found] : []
  }

  /** How many there are, without a copy of them. */
  count(name: string, value: string): number {
    const found = this.#indexes.get(name)?.entries.get(value)
    if (found instanceof Map) return found.size
    return found ? 1 : 0
  }

  /** Every stored object, sorted by kind, namespace and name. */
  everything(): ApiObject[] {
    return [...this.#shelves.keys()].sort().flatMap((resource) => [...this.list(resource)])
  }

  #shelf(resource: string): Shelf {
    let shelf = this.#shelves.get(resource)
    if (!shelf) {
      shelf = { objects: new Map(), sorted: undefined, history: [], forgotten: 0 }
      this.#shelves.set(resource, shelf)
    }
    return shelf
  }

  #place(resource: string, object: ApiObject): ApiObject | undefined {
    const shelf = this.#shelf(resource)
    const key = keyOf(object)
    const previous = shelf.objects.get(key)
    shelf.objects.set(key, object)
    shelf.sorted = undefined
    this.#reindex(resource, previous, object)
    return previous
  }

  #reindex(resource: string, previous: ApiObject | undefined, next: ApiObject | undefined): void {
    for (const index of this.#indexes.values()) {
      if (index.resource !== undefined && index.resource !== resource) continue
      const before = previous ? index.of(previous) : []
      const after = next ? index.of(next) : []
      if (previous) for (const value of before) if (!after.includes(value)) removeEntry(index.entries, value, previous)
      if (next) for (const value of after) addEntry(index.entries, value, next)
    }
  }

  #tell(change: Change): void {
    const shelf = this.#shelf(change.resource)
    shelf.history.push(change)
    if (shelf.history.length > 2 * HISTORY) {
      shelf.forgotten = shelf.history[HISTORY - 1]?.version ?? shelf.forgotten
      shelf.history = shelf.history.slice(HISTORY)
    }
    for (const listener of [...this.#listeners]) listener(change)
  }
}

function addEntry(entries: Entries, value: string, object: ApiObject): void {
  const found = entries.get(value)
  const { uid } = object.metadata
  if (found instanceof Map) found.set(uid, object)
  else if (found === undefined || found.metadata.uid === uid) entries.set(value, object)
  else entries.set(value, new Map([found, object].map((entry) => [entry.metadata.uid, entry])))
}

function removeEntry(entries: Entries, value: string, { metadata: { uid } }: ApiObject): void {
  const found = entries.get(value)
  if (found instanceof Map) found.delete(uid)
  if (found instanceof Map ? found.size === 0 : found?.metadata.uid === uid) entries.delete(value)
}
