import { readlinkSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import type { Cluster } from '../cluster/cluster.ts'
import { ApiError, isApiError, isTransient } from '../cluster/errors.ts'
import { onAbort, pause, unlessAborted } from '../cluster/signal.ts'
import { type Change, update } from '../cluster/update.ts'
import { ExitCode, Failure, Refusal } from '../domain/failure.ts'
import { NAMESPACE } from '../domain/names.ts'
import type { KubeObject, ObjectRef } from '../domain/object.ts'
import { timeOfDay } from '../domain/time.ts'
import { ensureNamespace } from '../jobs/namespace.ts'
import { type Wording, worded } from '../words/trouble.ts'

const LEASE: ObjectRef = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: NAMESPACE, name: 'juicify' }

/** Max 401s and 403s in a row that are tolerated after an outage: an API server answers them while its RBAC caches warm up. */
const MOST_REFUSALS = 12
/** Parts of the duration: a run that waits for a holder checks once in each whether that one is alive. */
const LOOKS = 15
/** Milliseconds. */
const FIRST_PAUSE = 200
/** Seconds: no run of juicify's renews its lease less often. A lease that says so was written by somebody else. */
const LONGEST_DURATION = 60
/** The number that Linux gives to the namespace of the processes that are in no container (PROC_PID_INIT_INO). */
const FIRST_PID_NAMESPACE = '4026531836'
/** How long a server may be away, in milliseconds. */
const PATIENCE = 600_000

interface Lease extends KubeObject {
  spec: { holderIdentity?: string; leaseDurationSeconds?: number; acquireTime?: string; renewTime?: string }
}

export interface LeaseOptions {
  /** Milliseconds to wait for a holder that is alive before refusing. */
  wait: number
  signal: AbortSignal
  /** Told once, when the lease is somebody else's and it is being seen whether that one lives. */
  onWaiting: (holder: string) => void
  /** Told when the server does not answer any more, and when it does again. */
  onAway: (since: Date, until: Date) => void
  onBack: (awayMs: number) => void
  /** Seconds without a renewal after which a holder counts as dead. */
  duration?: number
  holder?: string
  /** Milliseconds that a server that was there may be away before it is given up; ten minutes where not given. */
  patience?: number
  /** True while something is under way that must not be left half done: a server that goes away is waited for then, though `signal` is aborted already. */
  mustFinish?: () => boolean
}

/** Who is doing it, for people: `alice@laptop`. A container may run as a user that its image does not name. */
export function operator(whoami: () => { username: string } = userInfo): string {
  return `${userName(whoami)}@${hostname()}`
}

function userName(whoami: () => { username: string }): string {
  try {
    return whoami().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}

/** This process, for people and for others like it: `alice@laptop:4711`. */
export function ownHolder(): string {
  return `${processes()}:${process.pid}`
}

/**
 * Whose process numbers ours is one of. A container has numbers of its own, and with its host's network the host's name:
 * there what a number means in another container, or on the host, is not known.
 */
function processes(): string {
  try {
    const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? FIRST_PID_NAMESPACE
    return namespace === FIRST_PID_NAMESPACE ? operator() : `${operator()}/${namespace}`
  } catch {
    // no Linux
    return operator()
  }
}

/** Somebody else holds the lease, or has taken it over: this run must not change anything any more. */
export class LeaseLost extends Failure {}

/** The server is away, and is not waited for any longer. */
class GivenUp extends Failure {}

/**
 * The right to change the cluster: one run at a time has it. `hold` is asked before every change, so that a run that was
 * asleep (a closed laptop, a stopped process) finds out before it acts on what it remembers.
 *
 * It also knows best whether the server is there, for it is what is asked all the time. While the server is away, `hold`
 * and `renew` wait: the lease may run out meanwhile, and is ours again only where nobody has taken it since.
 */
export class LeaseHold {
  readonly #cluster: Cluster
  readonly #options: LeaseOptions
  /** Milliseconds. */
  readonly #duration: number
  #lease: Lease
  #renewedAt = clocks()
  #timer: NodeJS.Timeout
  #tickedAt = clocks()
  #renewing: Promise<void> | undefined
  /** Milliseconds that the renewal that is under way has been without an answer, sleep apart. */
  #silence = 0
  #away: { since: Date } | undefined
  #outages = 0
  #awayMs = 0
  readonly #lost = new AbortController()
  readonly #givenUp = new AbortController()
  readonly #forget: () => void

  private constructor(cluster: Cluster, lease: Lease, duration: number, options: LeaseOptions) {
    this.#cluster = cluster
    this.#lease = lease
    this.#duration = duration * 1000
    this.#options = options
    this.#timer = setInterval(() => this.#tick(), this.#duration / 3)
    this.#timer.unref()
    this.#forget = onAbort(options.signal, () => this.#giveUpIfAway())
  }

  /**
   * Takes the lease, from nobody or from a dead holder. A holder is dead if it is a process of this machine that is no
   * more, or if its lease is not renewed for the whole of its duration while we look: clocks of two machines differ, so
   * the time that the lease shows is never compared with ours. Throws Refusal naming a holder that lives.
   */
  static async acquire(cluster: Cluster, options: LeaseOptions): Promise<LeaseHold> {
    const duration = options.duration ?? 15
    const holder = options.holder ?? ownHolder()
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
          throw new Refusal(...worded((say) => say.lease.taken(owner)))
        }
        if (renewed) continue
      }
      const sentAt = clocks()
      const taken = await take(cluster, current, holder, duration)
      if (!taken) continue
      const hold = new LeaseHold(cluster, taken, duration, options)
      hold.#renewedAt = sentAt
      return hold
    }
  }

  /** Aborted, with a LeaseLost, when somebody else has it: what is waited for then may never come. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** Aborted when a server that is away is not waited for any longer. */
  get givenUp(): AbortSignal {
    return this.#givenUp.signal
  }

  /** How often the server was away, and came back. */
  get outages(): number {
    return this.#outages
  }

  /** For how many milliseconds in all. */
  get awayMs(): number {
    return this.#awayMs
  }

  /**
   * Returns at once while the lease is fresh, renews it where it is not, however long the server is away. Throws
   * LeaseLost, and a Failure when the server is given up.
   */
  async hold(): Promise<void> {
    for (;;) {
      this.#givenUp.signal.throwIfAborted()
      this.#lost.signal.throwIfAborted()
      if (elapsed(this.#renewedAt) < this.#duration / 2) return
      // the process may have slept until the answer was read, and the renewal is as old as its question
      await this.renew()
    }
  }

  /** Makes sure that the server answers, and that the lease is ours. Waits and throws as `hold` does. */
  renew(): Promise<void> {
    this.#renewing ??= this.#renewUntilDone()
      .catch((error: unknown) => {
        if (error instanceof LeaseLost) this.#lost.abort(error)
        throw error
      })
      .finally(() => {
        this.#renewing = undefined
        this.#silence = 0
      })
    return unlessAborted(this.#renewing, this.#givenUp.signal)
  }

  /** Gives it back, so that the next run need not wait. */
  async release(): Promise<void> {
    clearInterval(this.#timer)
    this.#forget()
    if (this.#givenUp.signal.aborted) return
    await this.#renewing?.catch(() => {})
    try {
      await this.#cluster.replace({ ...this.#lease, spec: { ...this.#lease.spec, holderIdentity: '' } })
    } catch (error) {
      // somebody else has it by now, or nobody can be asked: either way it is not ours to give
      if (!(error instanceof Failure)) throw error
    }
  }

  /** Time in which the process slept is not counted as silence of the server's: it was not asked anything. */
  #tick(): void {
    const lived = Math.min(elapsed(this.#tickedAt), (2 * this.#duration) / 3)
    this.#tickedAt = clocks()
    // a failure here shows at the next `hold`, where somebody is there to hear of it
    if (!this.#renewing) return void this.renew().catch(() => {})
    this.#silence += lived
    if (this.#silence >= this.#duration / 2) this.#noteAway()
    if (this.#silence > this.#patience) {
      const seconds = Math.round(this.#silence / 1000)
      this.#giveUp((say) => say.lease.tooLong(seconds))
    }
  }

  get #patience(): number {
    return this.#options.patience ?? PATIENCE
  }

  #noteAway(): void {
    if (this.#away) return
    const now = Date.now()
    this.#away = { since: new Date(now - this.#silence) }
    this.#options.onAway(this.#away.since, new Date(now + this.#patience - this.#silence))
    if (this.#options.signal.aborted && !this.#options.mustFinish?.()) this.#giveUpIfAway()
  }

  #noteBack(): void {
    if (!this.#away) return
    this.#away = undefined
    this.#outages++
    this.#awayMs += this.#silence
    this.#options.onBack(this.#silence)
  }

  #giveUpIfAway(): void {
    if (this.#away) this.#giveUp((say) => say.lease.interrupted(), ExitCode.interrupted)
  }

  #giveUp(why: Wording, exitCode: ExitCode = ExitCode.failed): void {
    const since = timeOfDay(this.#away?.since ?? new Date(Date.now() - this.#silence))
    const { server } = this.#cluster
    this.#givenUp.abort(new GivenUp(...worded((say) => say.lease.givenUp(server, since, why(say)), { exitCode })))
  }

  async #renewUntilDone(): Promise<void> {
    let refusals = 0
    for (let tries = 0; ; tries++) {
      try {
        await this.#renewOnce()
        return this.#noteBack()
      } catch (error) {
        const isStarting =
          this.#away && (isApiError(error, 401) || isApiError(error, 403)) && ++refusals < MOST_REFUSALS
        if (!isStarting && !isTransient(error)) throw error
        await pause(Math.min(this.#duration / 3, FIRST_PAUSE * 2 ** tries), this.#givenUp.signal)
        this.#givenUp.signal.throwIfAborted()
      }
    }
  }

  /** Throws LeaseLost, and the error of a server that is not well. */
  async #renewOnce(): Promise<void> {
    // before the first try, so that the lease is never older than we think
    const sentAt = clocks()
    const { spec } = this.#lease
    const renewTime = microTime()
    const decide = (now: Lease | undefined): Change<Lease> | undefined => {
      if (!now || !isSameHold(now, spec)) throw lost(now)
      return now.spec.renewTime === renewTime
        ? undefined
        : { do: 'replace', object: { ...now, spec: { ...spec, renewTime } } }
    }
    this.#lease = (await update(this.#cluster, LEASE, decide, { known: this.#lease })) ?? this.#lease
    if (this.#away && !(await this.#cluster.isReady())) throw notReady(this.#cluster)
    this.#renewedAt = sentAt
  }
}

function notReady({ server }: Cluster): ApiError {
  return new ApiError(...worded((say) => say.server.notReady(server), { status: 503, reason: 'ServiceUnavailable' }))
}

function lost(now: Lease | undefined): LeaseLost {
  const holder = now?.spec.holderIdentity
  return new LeaseLost(...worded((say) => say.lease.lost(`${NAMESPACE}/${LEASE.name}`, holder)))
}

/** Writes our name into the lease, in the version that was looked at; undefined where somebody was faster. */
async function take(
  cluster: Cluster,
  seen: Lease | undefined,
  holder: string,
  duration: number,
): Promise<Lease | undefined> {
  const at = microTime()
  const spec = { holderIdentity: holder, leaseDurationSeconds: duration, acquireTime: at, renewTime: at }
  const decide = (now: Lease | undefined): Change<Lease> | undefined => {
    if (!now)
      return {
        do: 'create',
        object: {
          apiVersion: LEASE.apiVersion,
          kind: LEASE.kind,
          metadata: { name: LEASE.name, namespace: NAMESPACE },
          spec,
        },
      }
    const isAsSeen = now.metadata.resourceVersion === seen?.metadata.resourceVersion
    return isAsSeen ? { do: 'replace', object: { ...now, spec } } : undefined
  }
  const now = await update(cluster, LEASE, decide, { known: seen })
  return now && isSameHold(now, spec) ? now : undefined
}

/** Taken by the same run, at the same time. */
function isSameHold({ spec }: Lease, { holderIdentity, acquireTime }: Lease['spec']): boolean {
  return spec.holderIdentity === holderIdentity && spec.acquireTime === acquireTime
}

/**
 * Looks at the lease again and again for as long as its holder has to renew it; true as soon as it changes in any way. A
 * look that is long in coming says that the server was away: then nobody could renew it, and the time begins anew.
 */
async function isRenewed(cluster: Cluster, lease: Lease, signal: AbortSignal): Promise<boolean> {
  const duration = Math.min(lease.spec.leaseDurationSeconds ?? 15, LONGEST_DURATION) * 1000
  let since = performance.now()
  let looked = since
  while (performance.now() - since < duration) {
    await pause(duration / LOOKS, signal)
    signal.throwIfAborted()
    const now = await cluster.find<Lease>(LEASE)
    if (now?.metadata.resourceVersion !== lease.metadata.resourceVersion) return true
    if (performance.now() - looked > duration / 2) since = performance.now()
    looked = performance.now()
  }
  return false
}

/**
 * Whose run is at work, as `alice@laptop:4711`, by this machine's clock: who has renewed the lease within its time. A
 * clock that is wrong makes it a wrong word in a status, and no more.
 */
export async function runAtWork(cluster: Cluster): Promise<string | undefined> {
  const lease = await cluster.find<Lease>(LEASE)
  const { holderIdentity: holder, renewTime = '', leaseDurationSeconds = 0 } = lease?.spec ?? {}
  if (!holder || isDeadProcess(holder)) return undefined
  const duration = Math.min(leaseDurationSeconds, LONGEST_DURATION) * 1000
  const age = Date.now() - Date.parse(renewTime)
  // a time that is far ahead is no clock's that is a little wrong
  return age < duration && age > -LONGEST_DURATION * 1000 ? holder : undefined
}

/** Only for a process of this very machine and user: of others nothing is known. */
export function isDeadProcess(holder: string): boolean {
  const ours = `${processes()}:`
  const pid = holder.startsWith(ours) ? Number(holder.slice(ours.length)) : Number.NaN
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
