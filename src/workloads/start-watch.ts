import type { Cluster } from '../cluster/cluster.ts'
import { Failure } from '../domain/failure.ts'
import { type KubeObject, refOf, sameObject } from '../domain/object.ts'
import { kindOf } from './kinds.ts'
import { stoppableOf } from './quiesce.ts'
import type { Remembered } from './workload-kind.ts'
import { changedBy, scaledBy, type Writer } from './writer.ts'

/** A workload that was stopped, and that somebody has started again. */
export interface StartedAgain {
  object: KubeObject
  by?: Writer
}

/**
 * Sees it when somebody starts again what was stopped, as an autoscaler, an operator or a tool that keeps manifests does,
 * and tells each once. One that may not be watched is not seen: that is no reason to end what it is watched for.
 */
export class StartWatch {
  readonly #cluster: Cluster
  readonly #stopped: readonly Remembered[]
  readonly #tell: (started: StartedAgain) => void
  readonly #running = new Set<Remembered>()
  readonly #stop = new AbortController()

  private constructor(cluster: Cluster, stopped: readonly Remembered[], tell: (started: StartedAgain) => void) {
    this.#cluster = cluster
    this.#stopped = stopped
    this.#tell = tell
  }

  /** Of a pod that is created again its user sees another pod, who made which is told with it. */
  static begin(cluster: Cluster, workloads: Remembered[], tell: (started: StartedAgain) => void): StartWatch {
    const stopped = workloads.filter(
      ({ ref, quiesce, stopped }) => quiesce === 'stop' && !stopped && stoppableOf(ref).means.by !== 'recreate',
    )
    const watch = new StartWatch(cluster, stopped, tell)
    const places = new Map(stopped.map(({ ref }) => [`${ref.apiVersion} ${ref.kind} ${ref.namespace}`, ref]))
    for (const { apiVersion, kind, namespace } of places.values())
      watch.#follow({ apiVersion, kind }, namespace ?? '').catch((error: unknown) => {
        if (!(error instanceof Failure || watch.#stop.signal.aborted)) throw error
      })
    return watch
  }

  close(): void {
    this.#stop.abort()
  }

  async #follow(kind: { apiVersion: string; kind: string }, namespace: string): Promise<void> {
    const { signal } = this.#stop
    const { items, resourceVersion } = await this.#cluster.list<KubeObject>(kind, { namespace, signal })
    for (const object of items) this.#see(object)
    for await (const { type, object } of this.#cluster.watch<KubeObject>(kind, {
      namespace,
      resourceVersion,
      known: items,
      signal,
    }))
      if (type !== 'DELETED') this.#see(object)
  }

  #see(object: KubeObject): void {
    const workload = this.#stopped.find(({ ref }) => sameObject(ref, refOf(object)))
    if (!workload || this.#stop.signal.aborted) return
    if (standsStill(object)) {
      this.#running.delete(workload)
      return
    }
    if (this.#running.has(workload)) return
    this.#running.add(workload)
    const by = stoppableOf(object).means.by === 'scale' ? scaledBy(object) : changedBy(object)
    this.#tell({ object, ...(by ? { by } : {}) })
  }
}

/** True if it is stopped, by whomever. */
function standsStill(object: KubeObject): boolean {
  if (stoppableOf(object).isLeftStopped(object)) return true
  const { replicas } = (object.spec ?? {}) as { replicas?: number }
  return kindOf(object)?.isStopped(object) ?? !replicas
}
