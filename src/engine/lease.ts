import { hostname, userInfo } from 'node:os'
import type { Cluster } from '../cluster/cluster.ts'
import { isApiError } from '../cluster/errors.ts'
import { Failure, Refusal } from '../domain/failure.ts'
import type { KubeObject, ObjectRef } from '../domain/object.ts'
import { isWorthReading } from '../workloads/mark.ts'
import { LABEL_MANAGED, NAMESPACE } from './record.ts'

const LEASE: ObjectRef = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: NAMESPACE, name: 'juicify' }

/** So often is a renewal tried that meets another version, or no answer, while the lease is ours all the same. */
const TRIES = 5

interface Lease extends KubeObject {
  spec: { holderIdentity?: string; leaseDurationSeconds?: number; acquireTime?: string; renewTime?: string }
}

export interface LeaseOptions {
  /** Milliseconds to wait for a holder that is alive before refusing. */
  wait: number
  signal: AbortSignal
  /** Told once, when the lease is somebody else's and it is being seen whether that one lives. */
  onWaiting: (holder: string) => void
  /** Seconds without a renewal after which a holder counts as dead. */
  duration?: number
  holder?: string
}

/** Who is doing it, for people: `alice@laptop`. */
export function operator(): string {
  return `${userInfo().username}@${hostname()}`
}

/** Somebody else holds the lease, or has taken it over: this run must not change anything any more. */
export class LeaseLost extends Failure {}

/**
 * The right to change the cluster: one run at a time has it. `hold` is asked before every change, so that a run that was
 * asleep (a closed laptop, a stopped process) finds out before it acts on what it remembers.
 */
export class LeaseHold {
  readonly #cluster: Cluster
  readonly #duration: number
  #lease: Lease
  #renewedAt = clocks()
  #timer: NodeJS.Timeout
  #renewing: Promise<void> | undefined
  readonly #lost = new AbortController()

  private constructor(cluster: Cluster, lease: Lease, duration: number) {
    this.#cluster = cluster
    this.#lease = lease
    this.#duration = duration
    this.#timer = setInterval(() => this.#renewInBackground(), (duration * 1000) / 3)
    this.#timer.unref()
  }

  /**
   * Takes the lease, from nobody or from a dead holder. A holder is dead if it is a process of this machine that is no
   * more, or if its lease is not renewed for the whole of its duration while we look: clocks of two machines differ, so
   * the time that the lease shows is never compared with ours. Throws Refusal naming a holder that lives.
   */
  static async acquire(cluster: Cluster, options: LeaseOptions): Promise<LeaseHold> {
    const duration = options.duration ?? 15
    const holder = options.holder ?? `${operator()}:${process.pid}`
    const started = Date.now()
    await ensureNamespace(cluster)
    let told = false
    for (;;) {
      const current = await cluster.find<Lease>(LEASE)
      const owner = current?.spec.holderIdentity
      if (current && owner && owner !== holder && !isDeadProcess(owner)) {
        if (!told) options.onWaiting(owner)
        told = true
        const renewed = await isRenewed(cluster, current, options.signal)
        if (renewed && Date.now() - started >= options.wait) {
          throw new Refusal(`Another run of juicify is at work on this cluster: ${owner}.`, {
            remedy: 'Wait until it is done (juicify status --watch), or give --wait a duration such as 10m.',
          })
        }
        if (renewed) continue
      }
      const sentAt = clocks()
      const taken = await take(cluster, current, holder, duration)
      if (!taken) continue
      const hold = new LeaseHold(cluster, taken, duration)
      hold.#renewedAt = sentAt
      return hold
    }
  }

  /** Aborted, with a LeaseLost, when somebody else has it: what is waited for then may never come. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** Returns at once while the lease is fresh, renews it where it is not. Throws LeaseLost. */
  async hold(): Promise<void> {
    if (elapsed(this.#renewedAt) < this.#duration * 500) return
    await this.#renew()
  }

  /** Gives it back, so that the next run need not wait. */
  async release(): Promise<void> {
    clearInterval(this.#timer)
    await this.#renewing?.catch(() => {})
    try {
      await this.#cluster.replace({ ...this.#lease, spec: { ...this.#lease.spec, holderIdentity: '' } })
    } catch (error) {
      // somebody else has it by now, or nobody can be asked: either way it is not ours to give
      if (!(error instanceof Failure)) throw error
    }
  }

  /** Stops renewing, as a killed process does. */
  abandon(): void {
    clearInterval(this.#timer)
  }

  #renewInBackground(): void {
    // a failure here shows at the next `hold`, where somebody is there to hear of it
    this.#renew().catch(() => {})
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#renewOnce()
      .catch((error: unknown) => {
        if (error instanceof LeaseLost) this.#lost.abort(error)
        throw error
      })
      .finally(() => {
        this.#renewing = undefined
      })
    return this.#renewing
  }

  async #renewOnce(tries = 1): Promise<void> {
    const sentAt = clocks()
    try {
      this.#lease = await this.#cluster.replace({
        ...this.#lease,
        spec: { ...this.#lease.spec, renewTime: microTime() },
      })
    } catch (error) {
      if (isApiError(error, 404)) throw lost(error, undefined)
      if (tries >= TRIES || !isWorthReading(error)) throw error
      const now = await this.#cluster.find<Lease>(LEASE)
      // our own renewal may have come through although its answer did not
      if (!now || now.spec.holderIdentity !== this.#lease.spec.holderIdentity) throw lost(error, now)
      this.#lease = now
      return this.#renewOnce(tries + 1)
    }
    this.#renewedAt = sentAt
  }
}

function lost(error: unknown, now: Lease | undefined): LeaseLost {
  return new LeaseLost(
    `This run no longer holds the lease ${NAMESPACE}/${LEASE.name}: ${now?.spec.holderIdentity || 'nobody'} holds it now.`,
    { remedy: 'See what the other run did (juicify status); then juicify resume, or juicify rollback.', cause: error },
  )
}

/** Creates juicify's namespace where it is missing. */
export async function ensureNamespace(cluster: Cluster): Promise<void> {
  const kind = { apiVersion: 'v1', kind: 'Namespace' }
  if (await cluster.find({ ...kind, name: NAMESPACE })) return
  try {
    await cluster.create({
      ...kind,
      metadata: { name: NAMESPACE, labels: { [LABEL_MANAGED.key]: LABEL_MANAGED.value } },
    })
  } catch (error) {
    if (!isApiError(error, 409, 'AlreadyExists')) throw error
  }
}

/** Writes our name into the lease; undefined if somebody was faster. */
async function take(
  cluster: Cluster,
  current: Lease | undefined,
  holder: string,
  duration: number,
): Promise<Lease | undefined> {
  const now = microTime()
  const spec = { holderIdentity: holder, leaseDurationSeconds: duration, acquireTime: now, renewTime: now }
  try {
    if (current) return await cluster.replace<Lease>({ ...current, spec })
    return await cluster.create<Lease>({
      apiVersion: LEASE.apiVersion,
      kind: LEASE.kind,
      metadata: { name: LEASE.name, namespace: NAMESPACE },
      spec,
    })
  } catch (error) {
    if (isApiError(error, 409) || isApiError(error, 404)) return undefined
    throw error
  }
}

/** Watches the lease for as long as its holder has to renew it; true as soon as it changes in any way. */
async function isRenewed(cluster: Cluster, lease: Lease, signal: AbortSignal): Promise<boolean> {
  const timeout = (lease.spec.leaseDurationSeconds ?? 15) * 1000
  const passed = new AbortController()
  const timer = setTimeout(() => passed.abort(), timeout)
  const ended = AbortSignal.any([signal, passed.signal])
  try {
    const options = {
      namespace: NAMESPACE,
      name: LEASE.name,
      resourceVersion: lease.metadata.resourceVersion,
      signal: ended,
    }
    for await (const _ of cluster.watch({ apiVersion: LEASE.apiVersion, kind: LEASE.kind }, options)) return true
    signal.throwIfAborted()
    return false
  } finally {
    clearTimeout(timer)
    passed.abort()
  }
}

/** Only for a process of this very machine and user: of others nothing is known. */
export function isDeadProcess(holder: string): boolean {
  const pid = holder.startsWith(`${operator()}:`) ? Number(holder.slice(operator().length + 1)) : Number.NaN
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Leases want microseconds. */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z')
}

/** Both clocks: the steady one stands still while a laptop sleeps, the other may be set back. */
function clocks(): { wall: number; steady: number } {
  return { wall: Date.now(), steady: performance.now() }
}

function elapsed(since: { wall: number; steady: number }): number {
  return Math.max(Date.now() - since.wall, performance.now() - since.steady)
}
