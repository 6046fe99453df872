import type { Cluster, Kind } from '../src/cluster/cluster.ts'
import type { KubeObject } from '../src/domain/object.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../src/domain/volume.ts'
import { LABEL } from './laboratory.ts'

type Pod = KubeObject & { status?: { phase?: string; conditions?: { type: string; status: string }[] } }

/** When what happened, in milliseconds of one clock, as anybody who watches the cluster would see it. */
export class Observer {
  /** Volumes by name: when one was seen to be deleted, and since when both it and its claim are Bound again. */
  readonly volumes = new Map<string, { deleted: number; bound?: number }>()
  /** When the first pod was seen to be deleted, the last one to be gone, and the last one to be ready. */
  readonly pods: { stopping?: number; gone?: number; ready?: number } = {}
  readonly #stop = new AbortController()
  readonly #volumes = new Map<string, PersistentVolume>()
  readonly #claims = new Map<string, PersistentVolumeClaim>()
  #followed: Promise<unknown> | undefined

  static async of(cluster: Cluster): Promise<Observer> {
    const observer = new Observer()
    const follow = async <T extends KubeObject>(kind: Kind, see: (object: T, gone: boolean) => void) => {
      const labelSelector = Object.entries(LABEL)
        .map(([key, value]) => `${key}=${value}`)
        .join(',')
      const { items, resourceVersion } = await cluster.list<T>(kind, { labelSelector })
      for (const item of items) see(item, false)
      const watch = cluster.watch<T>(kind, { labelSelector, resourceVersion, signal: observer.#stop.signal })
      const followed = (async () => {
        for await (const { type, object } of watch) see(object, type === 'DELETED')
      })()
      return { followed }
    }
    const follows = await Promise.all([
      follow<PersistentVolume>({ apiVersion: 'v1', kind: 'PersistentVolume' }, (pv, gone) =>
        observer.#seeVolume(pv, gone),
      ),
      follow<PersistentVolumeClaim>({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' }, (claim, gone) =>
        observer.#seeClaim(claim, gone),
      ),
      follow<Pod>({ apiVersion: 'v1', kind: 'Pod' }, (pod, gone) => observer.#seePod(pod, gone)),
    ])
    observer.#followed = Promise.all(follows.map(({ followed }) => followed))
    return observer
  }

  /** Milliseconds that each volume was away. Throws where one is away still. */
  away(): number[] {
    return [...this.volumes].map(([name, { deleted, bound }]) => {
      if (bound === undefined) throw new Error(`${name} is not bound again`)
      return bound - deleted
    })
  }

  /** Waits until all volumes that were deleted are bound again. */
  async untilBack(names: string[], timeout: number): Promise<void> {
    const deadline = performance.now() + timeout
    while (names.some((name) => this.volumes.get(name)?.bound === undefined)) {
      if (performance.now() > deadline) throw new Error(`not bound again after ${timeout} ms`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#followed
  }

  #seeVolume(pv: PersistentVolume, gone: boolean): void {
    const { name, deletionTimestamp } = pv.metadata
    if ((deletionTimestamp || gone) && !this.volumes.has(name)) this.volumes.set(name, { deleted: performance.now() })
    if (gone) this.#volumes.delete(name)
    else this.#volumes.set(name, pv)
    this.#compare(name)
  }

  #seeClaim(claim: PersistentVolumeClaim, gone: boolean): void {
    const name = claim.spec.volumeName ?? ''
    if (gone) this.#claims.delete(name)
    else this.#claims.set(name, claim)
    this.#compare(name)
  }

  #compare(name: string): void {
    const times = this.volumes.get(name)
    const pv = this.#volumes.get(name)
    if (!times) return
    const isBound =
      pv !== undefined &&
      pv.metadata.deletionTimestamp === undefined &&
      pv.status?.phase === 'Bound' &&
      this.#claims.get(name)?.status?.phase === 'Bound'
    if (!isBound) times.bound = undefined
    else times.bound ??= performance.now()
  }

  #seePod({ metadata, status }: Pod, gone: boolean): void {
    const now = performance.now()
    if (gone) this.pods.gone = now
    if (metadata.deletionTimestamp) this.pods.stopping ??= now
    const ready = status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
    if (ready && this.pods.stopping !== undefined && !metadata.deletionTimestamp) this.pods.ready = now
  }
}
