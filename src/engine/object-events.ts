import { randomBytes } from 'node:crypto'
import type { Cluster } from '../cluster/cluster.ts'
import { isApiError } from '../cluster/errors.ts'
import { Failure } from '../domain/failure.ts'
import { describeRef, type KubeObject, type ObjectRef } from '../domain/object.ts'
import { claimRefOf, type PlannedGroup } from '../domain/plan.ts'
import { withoutPasswords } from '../domain/redacted.ts'
import { plain } from '../domain/text.ts'
import { operator } from '../lock/lease.ts'
import type { Event } from './events.ts'
import type { GroupRecord } from './record.ts'

/** Whose events they are, for `kubectl get events --field-selector reportingComponent=juicify.dev`. */
export const REPORTING_CONTROLLER = 'juicify.dev'

/** Events on their way at once: a run has better to do. */
const AT_ONCE = 2
/** More are not kept waiting: a batch of thousands of volumes must not end with minutes of telling. */
const MOST_WAITING = 2_000
/** Characters of a message that the API takes. */
const LONGEST_MESSAGE = 1_000

/** What is to be told of an object, in the words that `kubectl describe` shows. */
interface Word {
  ref: ObjectRef
  type: 'Normal' | 'Warning'
  reason: string
  message: string
  at: Date
}

/**
 * Tells of volumes, claims and workloads what a run did to them, as objects of kind Event, so that `kubectl describe` of
 * each says what juicify did and when. At its best effort: nothing waits for it, and nothing fails because of it.
 */
export class ObjectEvents {
  readonly #cluster: Cluster
  readonly #onDenied: (message: string) => void
  readonly #waiting: Word[] = []
  #working = 0
  #denied = false
  #fault: unknown
  #idle: (() => void)[] = []

  /** @param onDenied told once, with the server's words, where it takes no events from us: no more are tried then */
  constructor(cluster: Cluster, onDenied: (message: string) => void) {
    this.#cluster = cluster
    this.#onDenied = onDenied
  }

  /** Tells of the objects that an event of a group is about; most are about none. */
  note(event: Event, group: PlannedGroup, record: GroupRecord | undefined): void {
    if (this.#denied) return
    this.#waiting.push(...wordsOf(event, group, record).slice(0, Math.max(0, MOST_WAITING - this.#waiting.length)))
    this.#work()
  }

  /**
   * Resolves when all events are sent, or after the given milliseconds; the rest is dropped.
   *
   * @throws what went wrong meanwhile in the telling and is no Failure: not before, while things may be stopped
   */
  async settled(milliseconds: number): Promise<void> {
    if (this.#working > 0) await this.#idleFor(milliseconds)
    if (this.#fault !== undefined) throw this.#fault
  }

  async #idleFor(milliseconds: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await Promise.race([
      new Promise<void>((resolve) => this.#idle.push(resolve)),
      new Promise<void>((resolve) => {
        timer = setTimeout(resolve, milliseconds)
      }),
    ])
    clearTimeout(timer)
    this.#waiting.length = 0
  }

  #work(): void {
    while (this.#working < AT_ONCE) {
      const word = this.#waiting.shift()
      if (!word) return
      this.#working++
      void this.#tell(word).finally(() => {
        this.#working--
        this.#work()
        if (this.#working === 0) for (const resolve of this.#idle.splice(0)) resolve()
      })
    }
  }

  async #tell(word: Word): Promise<void> {
    try {
      const { uid: _, ...byName } = word.ref
      // it is another object by now where it was made anew, and describe looks for the uid of the one that is there
      const now = await this.#cluster.find<KubeObject>(byName)
      await this.#cluster.create(eventObject(word, now?.metadata.uid ?? word.ref.uid))
    } catch (error) {
      if (!(error instanceof Failure)) this.#fault ??= error
      if (!isApiError(error, 403) || this.#denied) return
      this.#denied = true
      this.#waiting.length = 0
      this.#onDenied(error.message)
    }
  }
}

function eventObject({ ref, type, reason, message, at }: Word, uid: string | undefined): KubeObject {
  const { apiVersion, kind, namespace, name } = ref
  const time = `${at.toISOString().slice(0, 19)}Z`
  return {
    apiVersion: 'v1',
    kind: 'Event',
    // those of objects without a namespace are in this one
    metadata: { name: `${name.slice(0, 200)}.${randomBytes(8).toString('hex')}`, namespace: namespace ?? 'default' },
    involvedObject: { apiVersion, kind, ...(namespace ? { namespace } : {}), name, ...(uid ? { uid } : {}) },
    type,
    reason,
    message,
    source: { component: 'juicify' },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    reportingComponent: REPORTING_CONTROLLER,
    reportingInstance: operator().slice(0, 128),
  }
}

/** Few: a swap of a volume, what stops and starts a workload, and what ends a group otherwise than was wanted. */
function wordsOf(event: Event, group: PlannedGroup, record: GroupRecord | undefined): Word[] {
  const at = new Date()
  const word = (ref: ObjectRef, reason: string, message: string, type: Word['type'] = 'Normal'): Word => {
    // whoever describes the object has a terminal, and what is told may hold names of files
    const words = plain(withoutPasswords(message).replace(/\s*\n\s*/g, ' '))
    return { ref, type, reason, message: words.slice(0, LONGEST_MESSAGE), at }
  }
  switch (event.type) {
    case 'volume-moved': {
      const volume = group.volumes.find(({ name }) => name === event.volume)
      if (!volume) return []
      const back = record?.state.phase === 'rolling-back'
      const claim = claimRefOf(volume)
      const { driver = 'the file system' } = record?.kept.plan.migration.target ?? {}
      const place = volume.subdir === '' ? 'its root' : volume.subdir
      const message = back
        ? `Rolled back by juicify to ${volume.directory || 'the original volume'}.`
        : `Migrated by juicify from ${volume.directory || 'its old volume'} to ${driver}, at ${place}.`
      const reason = back ? 'RolledBack' : 'Migrated'
      const pv = { apiVersion: 'v1', kind: 'PersistentVolume', name: volume.name }
      return [word(pv, reason, message), ...(claim ? [word(claim, reason, message)] : [])]
    }
    case 'workload-stopped':
      return ofWorkload(record, event.workload, (ref) =>
        word(ref, 'StoppedForMigration', `Stopped by juicify while the volumes of group ${group.name} are swapped.`),
      )
    case 'workload-started':
      return ofWorkload(record, event.workload, (ref) =>
        word(ref, 'StartedAfterMigration', `Started again by juicify, and ready (group ${group.name}).`),
      )
    case 'workload-restarted':
      return ofWorkload(record, event.workload, (ref) =>
        word(ref, 'RestartedAfterMigration', `Restarted by juicify pod by pod (group ${group.name}).`),
      )
    case 'group-ended': {
      if (event.outcome !== 'failed') return []
      const refs = group.volumes.flatMap((volume) => claimRefOf(volume) ?? [])
      // what went wrong may name files, which are the business of one namespace, and not of its neighbours in the group
      const isOfOne = new Set(refs.map(({ namespace }) => namespace)).size === 1
      const why = isOfOne
        ? (event.message ?? 'it did not finish')
        : 'juicify status tells why to whoever runs the migration.'
      const message = `juicify stopped at group ${group.name}: ${why}`
      return refs.map((ref) => word(ref, 'MigrationFailed', message, 'Warning'))
    }
    default:
      return []
  }
}

function ofWorkload(record: GroupRecord | undefined, name: string, word: (ref: ObjectRef) => Word): Word[] {
  const found = record?.kept.workloads.find(({ ref }) => describeRef(ref) === name)
  return found ? [word(found.ref)] : []
}
