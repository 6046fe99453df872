import type { Cluster, Deadline } from '../cluster/cluster.ts'
import { pause } from '../cluster/signal.ts'
import { ExitCode, Failure } from '../domain/failure.ts'
import { ANNOTATION } from '../domain/names.ts'
import { type KubeObject, refOf } from '../domain/object.ts'
import type { Progress } from '../domain/progress.ts'
import { size } from '../domain/quantity.ts'
import { dateAndTime } from '../domain/time.ts'
import { sayTrouble, troubled, worded } from '../words/trouble.ts'
import { type Cause, diagnose, type JobFailure, troubleOfJob } from './diagnosis.ts'
import type { Job, JobOptions, JobSet } from './job.ts'
import { type JobLog, readLog } from './log.ts'
import {
  eventsOf,
  isHeldByOthers,
  logInTime,
  logOf,
  newestPod,
  type Pod,
  termination,
  terminationMessage,
  wasKilled,
} from './pods.ts'
import type { JobTrouble } from './progress.ts'

/** Milliseconds between two looks at a Job. */
const INTERVAL = 1_000
/** Milliseconds for a pod to start: its image may have to be pulled. */
const START = 300_000
/** Looks between two at its node, and how often in a row that may be away before we say so: half a minute. */
const LOOKS_PER_NODE_LOOK = 5
const MOST_AWAY = 6
/** Milliseconds without progress of a pod that runs, after which a word is due: its disk or the file system may hang. */
const STALL = 25_000
/** The same, once it has been said. */
const STALL_AGAIN = 600_000

/** Another Job of the set has failed: this one is no longer waited for. */
export class PeerFailed extends Failure {}

/** What it takes to follow a Job, and to say why it failed. */
interface Following {
  cluster: Cluster
  set: JobSet
  options: JobOptions
  peerFailed: AbortSignal
  start: StartDeadline
  stall: StallDetector
  /** Says what is wrong with the Job, once for each cause. */
  tell: (trouble: Omit<JobTrouble, 'node'>) => void
  fail: (cause?: Cause) => Promise<JobFailure>
}

/** What a Job told that did what it was to do. */
export type Followed = JobLog & {
  /** Its pod goes on: somebody has put a container into it that does not end. */
  held?: true
}

/**
 * Follows a Job until it has succeeded, or our container in its pod has, and returns what it told. Throws a JobFailure where it fails, PeerFailed when
 * that signal comes, and Failure where its node is away or the options' signal ends the waiting.
 */
export async function follow(
  cluster: Cluster,
  job: Job,
  set: JobSet,
  options: JobOptions,
  peerFailed: AbortSignal,
): Promise<Followed> {
  const [start, stall] = [new StartDeadline(cluster), new StallDetector(cluster)]
  const fail = (cause?: Cause) => diagnose(cluster, job, set, cause)
  let told: string | undefined
  const tell = ({ why, remedy, in: inLanguage }: Omit<JobTrouble, 'node'>) => {
    // pods, and how often something was tried, have other names and numbers each time
    const cause = why.replace(/\d+|"[^"]*"/g, '')
    if (cause !== told)
      options.onTrouble?.({
        node: nodeOf(job),
        why,
        ...(remedy === undefined ? {} : { remedy }),
        ...(inLanguage ? { in: inLanguage } : {}),
      })
    told = cause
  }
  try {
    return await followUntilEnd(job, { cluster, set, options, peerFailed, start, stall, tell, fail })
  } finally {
    start.clear()
    stall.clear()
  }
}

/** The node that a Job of ours works on. */
export function nodeOf(job: Job): string {
  return job.metadata.annotations?.[ANNOTATION.node] ?? ''
}

async function followUntilEnd(created: Job, following: Following): Promise<Followed> {
  const { cluster, options, peerFailed, fail } = following
  const ends = AbortSignal.any([peerFailed, ...(options.signal ? [options.signal] : [])])
  let away = 0
  for (let looks = 1; ; looks++) {
    if (options.signal?.aborted) throw interrupted(following.set)
    const job = await cluster.find<Job>(refOf(created))
    if (!job || job.metadata.uid !== created.metadata.uid) throw await fail(troubled((say) => say.job.deleted()))
    const pod = await newestPod(cluster, job)
    if (has(job, 'Complete')) return resultOf(cluster, pod, fail)
    const late = deadlinePassed(job)
    if (late) throw await fail(late)
    // the pod of such a Job may go on for ever, and tells no more
    if (pod && isHeldByOthers(pod)) {
      if (termination(pod)?.exitCode !== 0) throw await fail()
      return { ...(await resultOf(cluster, pod, fail)), held: true }
    }
    if (has(job, 'Failed') || (pod?.status?.phase === 'Failed' && !wasKilled(pod))) throw await fail()
    // after the look: the Job that the others stop for tells its own cause
    if (peerFailed.aborted) throw new PeerFailed(...worded((say) => say.job.peerFailed(created.metadata.name)))
    if (looks % LOOKS_PER_NODE_LOOK === 0) away = await timesAway(cluster, nodeOf(job), away, fail)
    if (pod?.status?.phase === 'Running') await watchProgress(job, pod, following)
    else if (pod?.status?.phase !== 'Succeeded') await expectStart(job, pod, following)
    await pause(INTERVAL, ends)
  }
}

// A node gives the log of a pod that has just ended a moment later, or has lost it; what counts is in the status too.
async function resultOf(cluster: Cluster, pod: Pod | undefined, fail: Following['fail']): Promise<JobLog> {
  for (let tries = 0; pod && tries < 5; tries++) {
    if (tries > 0) await pause(INTERVAL)
    const log = readLog(await logInTime(cluster, pod, 20_000))
    if (log.result) return log
  }
  const log = readLog(pod ? terminationMessage(pod) : '')
  if (!log.result) throw await fail(troubled((say) => say.job.logGone()))
  return log
}

async function expectStart(job: Job, pod: Pod | undefined, following: Following): Promise<void> {
  const { cluster, set, start, tell, fail } = following
  const pending = pod?.status?.phase === 'Pending' ? pod : undefined
  // where there is no pod, or none any more, the Job's own events say why
  const events = await eventsOf(cluster, pending ?? job)
  const trouble = troubleOfJob(pending, events, set)
  if (trouble?.lasting) throw await fail(trouble)
  if (start.isOver(pod)) {
    throw await fail(
      troubled((say) => {
        const { message, remedy } = sayTrouble(trouble, say) ?? { message: say.job.notStarted() }
        return { message: say.job.startTimedOut(START / 60_000, message), remedy }
      }),
    )
  }
  if (trouble) tell(trouble)
}

/** How long it is waited for a pod to start: each that is made has a time of its own, and so has its being made. */
class StartDeadline {
  readonly #cluster: Cluster
  #pod: string | undefined
  #deadline: Deadline | undefined

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Whether the newest pod, or the one that is still to come after it, is late. */
  isOver(pod: Pod | undefined): boolean {
    if (!this.#deadline || this.#pod !== pod?.metadata.uid) {
      this.clear()
      this.#pod = pod?.metadata.uid
      this.#deadline = this.#cluster.deadline(START)
    }
    return this.#deadline.signal.aborted
  }

  clear(): void {
    this.#deadline?.clear()
  }
}

/** Whether a pod that runs gets further. */
class StallDetector {
  readonly #cluster: Cluster
  #position: string | undefined
  #deadline: Deadline | undefined
  #seconds = 0
  /** The look at the progress that has not come back yet. */
  reading: Promise<void> | undefined

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Notes how far it is; how fast, and how much longer, says nothing. */
  saw({ bytes, files, percent }: Progress): void {
    const position = JSON.stringify([bytes, files, percent])
    if (position !== this.#position) {
      this.clear()
      this.#seconds = 0
    }
    this.#position = position
  }

  /** For how many seconds there has been no progress, once after half a minute, and once in ten minutes from then on. */
  stalledFor(): number | undefined {
    this.#deadline ??= this.#cluster.deadline(this.#seconds === 0 ? STALL : STALL_AGAIN)
    if (!this.#deadline.signal.aborted) return undefined
    this.#seconds += (this.#seconds === 0 ? STALL : STALL_AGAIN) / 1_000
    this.clear()
    return this.#seconds
  }

  clear(): void {
    this.#deadline?.clear()
    this.#deadline = undefined
  }
}

async function watchProgress(job: Job, pod: Pod, following: Following): Promise<void> {
  const { stall, options } = following
  stall.reading ??= tellProgress(job, pod, following).finally(() => {
    stall.reading = undefined
  })
  // a node that hangs keeps the log's reader waiting for minutes, and must not keep us from seeing that it does
  await Promise.race([stall.reading, pause(INTERVAL / 2)])
  const seconds = stall.stalledFor()
  if (seconds !== undefined) options.onStall?.({ node: nodeOf(job), pod: pod.metadata.name, seconds })
}

async function tellProgress(job: Job, pod: Pod, { cluster, set, options, stall, tell }: Following): Promise<void> {
  if (!options.onProgress) return
  const { progress: line } = readLog(await logOf(cluster, pod, 10))
  const read = line && set.readProgress(line)
  if (!read) return
  const { free, ...progress } = read
  const part = job.metadata.annotations?.[ANNOTATION.part]
  stall.saw(progress)
  if (progress.failed) {
    const { failed, files } = progress
    const room = free !== undefined && free < LITTLE ? size(free) : undefined
    tell(troubled((say) => say.job.notCopied(failed, !files, room, pod.metadata.name)))
  }
  options.onProgress({ node: nodeOf(job), ...(part ? { part } : {}), ...progress })
}

/** Bytes: where less is free, and files cannot be copied, that is told with it. */
const LITTLE = 2 ** 30

type Node = KubeObject & {
  status?: { conditions?: { type: string; status: string; lastTransitionTime?: string; message?: string }[] }
}

// Counted, not timed: the node's clock, the server's and ours need not agree. Returns how often in a row it was away.
async function timesAway(cluster: Cluster, name: string, before: number, fail: Following['fail']): Promise<number> {
  const node = await cluster.find<Node>({ apiVersion: 'v1', kind: 'Node', name })
  if (!node) throw await fail(troubled((say) => say.job.noNode(name)))
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
  if (!ready || ready.status === 'True') return 0
  if (before < MOST_AWAY) return before + 1
  const since = ready.lastTransitionTime === undefined ? undefined : dateAndTime(ready.lastTransitionTime)
  throw new Failure(...worded((say) => say.job.nodeNotReady(name, since, ready.message)))
}

/** Why a Job was ended that has a deadline, and passed it: its pod is gone with it, and cannot tell. */
function deadlinePassed({ spec, status }: Job): Cause | undefined {
  const failed = status?.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True')
  if (failed?.reason !== 'DeadlineExceeded') return undefined
  const { activeDeadlineSeconds } = (spec ?? {}) as { activeDeadlineSeconds?: number }
  return troubled((say) => say.job.tooLong(activeDeadlineSeconds))
}

function interrupted({ what, onlyLooks }: JobSet): Failure {
  return new Failure(
    ...worded((say) => (onlyLooks ? say.job.lookEnded(what(say)) : say.job.leftAlone(what(say))), {
      exitCode: ExitCode.interrupted,
    }),
  )
}

function has(job: Job, type: string): boolean {
  return job.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
}
