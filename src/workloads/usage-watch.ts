import type { Cluster } from '../cluster/cluster.ts'
import { onAbort } from '../cluster/signal.ts'
import type { ObjectRef } from '../domain/object.ts'
import type { Pod } from './pod.ts'
import { type ClaimName, Users, type UsingPod } from './pods.ts'
import { listPods, POD, uidOf } from './wait-for-pods.ts'

/** Sees the pods that use the claims from a moment on, also those that are finished, or gone, when one asks for them. */
export class UsageWatch {
  readonly #cluster: Cluster
  readonly #users: Users
  readonly #before = new Set<string>()
  readonly #seen = new Map<string, Pod>()
  readonly #stop = new AbortController()
  #forget: () => void = () => {}
  #broken: { cause: unknown } | undefined

  private constructor(cluster: Cluster, users: Users, signal: AbortSignal) {
    this.#cluster = cluster
    this.#users = users
    this.#forget = onAbort(signal, () => this.close())
  }

  /** From here on none is missed; one that runs now is seen too. Pods of the workloads in `except` are not. */
  static async begin(
    cluster: Cluster,
    claims: readonly ClaimName[],
    { except, signal }: { except: readonly ObjectRef[]; signal: AbortSignal },
  ): Promise<UsageWatch> {
    const visits = new UsageWatch(cluster, new Users(cluster, claims, { except }), signal)
    await Promise.all(visits.#users.namespaces.map((namespace) => visits.#begin(namespace)))
    return visits
  }

  /** The pods that were seen so far. What waits for a node to run on has not used anything. */
  async seen(): Promise<UsingPod[]> {
    // the watch may be behind
    const lists = await Promise.all(
      this.#users.namespaces.map((namespace) => listPods(this.#cluster, namespace, this.#users.uses)),
    )
    if (this.#broken) throw this.#broken.cause
    for (const { pods } of lists) for (const pod of pods) this.#note(pod)
    const started = [...this.#seen.values()].filter(({ spec }) => spec.nodeName !== undefined)
    return this.#users.describe(await this.#users.thatCount(started))
  }

  close(): void {
    this.#stop.abort()
    this.#forget()
  }

  async #begin(namespace: string): Promise<void> {
    const { pods, resourceVersion } = await listPods(this.#cluster, namespace, this.#users.uses)
    for (const pod of pods) {
      if (this.#users.isOne(pod)) this.#note(pod)
      else this.#before.add(uidOf(pod))
    }
    this.#follow(namespace, resourceVersion, pods).catch((cause: unknown) => {
      this.#broken = { cause }
    })
  }

  async #follow(namespace: string, resourceVersion: string, known: Pod[]): Promise<void> {
    const options = { namespace, resourceVersion, known, signal: this.#stop.signal }
    for await (const { object } of this.#cluster.watch<Pod>(POD, options)) {
      if (this.#users.uses(object)) this.#note(object)
    }
  }

  #note(pod: Pod): void {
    if (!this.#before.has(uidOf(pod))) this.#seen.set(uidOf(pod), pod)
  }
}
