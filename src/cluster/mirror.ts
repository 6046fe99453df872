import { type KubeObject, type ObjectRef, refOf } from '../domain/object.ts'
import type { Cluster, Kind, WaitOptions } from './cluster.ts'
import { timedOut } from './errors.ts'
import { onAbort } from './signal.ts'

/** No object has this name: a list of it is the cheapest way to learn the version that the cluster is at. */
const NOBODY = { fieldSelector: 'metadata.name=juicify-nobody' }

/**
 * What was told of the objects of one kind since it was opened, by one watch for all who wait for one of them. For many
 * objects at once, where Cluster.waitFor would open a watch for each.
 */
export class Mirror<T extends KubeObject> {
  readonly #cluster: Cluster
  readonly #kind: Kind
  readonly #stop = new AbortController()
  readonly #last = new Map<string, T | undefined>()
  readonly #waiting = new Set<() => void>()
  #opened: Promise<void> | undefined
  #broken: { cause: unknown } | undefined

  constructor(cluster: Cluster, kind: Kind) {
    this.#cluster = cluster
    this.#kind = kind
  }

  /** From here on nothing is missed. Opened already, it does nothing. */
  open(): Promise<void> {
    this.#opened ??= this.#start()
    return this.#opened
  }

  /**
   * Waits until `done` says true of the object, as it is told from now on, as it was told last, or as it is given in
   * `now`. Throws DeadlineError.
   */
  until(
    ref: Pick<ObjectRef, 'name' | 'namespace'>,
    done: (object: T | undefined) => boolean,
    { now, timeout, what, signal }: WaitOptions & { now?: T },
  ): Promise<T | undefined> {
    const key = keyOf(ref)
    return new Promise((resolve, reject) => {
      const look = () => {
        const told = this.#last.has(key)
        const object = told ? this.#last.get(key) : now
        if ((told || now) && done(object)) end(() => resolve(object))
        else if (this.#broken) end(() => reject(this.#broken?.cause))
      }
      const end = (settle: () => void) => {
        deadline.clear()
        for (const it of forget) it()
        this.#waiting.delete(look)
        settle()
      }
      const deadline = this.#cluster.deadline(timeout)
      const inVain = () => reject(timedOut({ timeout, what }))
      const forget = [
        onAbort(deadline.signal, () => end(inVain)),
        onAbort(signal, () => end(() => reject(signal?.reason))),
      ]
      this.#waiting.add(look)
      look()
    })
  }

  /** The object as it was told last; undefined where nothing was told of it, or it is gone. */
  last(ref: Pick<ObjectRef, 'name' | 'namespace'>): T | undefined {
    return this.#last.get(keyOf(ref))
  }

  close(): void {
    this.#stop.abort()
  }

  async #start(): Promise<void> {
    const { resourceVersion } = await this.#cluster.list(this.#kind, NOBODY)
    this.#follow(resourceVersion).catch((cause: unknown) => {
      this.#broken = { cause }
      this.#tell()
    })
  }

  async #follow(resourceVersion: string): Promise<void> {
    const options = { resourceVersion, signal: this.#stop.signal }
    for await (const { type, object } of this.#cluster.watch<T>(this.#kind, options)) {
      this.#last.set(keyOf(refOf(object)), type === 'DELETED' ? undefined : object)
      this.#tell()
    }
  }

  #tell(): void {
    for (const look of [...this.#waiting]) look()
  }
}

function keyOf({ namespace = '', name }: Pick<ObjectRef, 'name' | 'namespace'>): string {
  return `${namespace}/${name}`
}
