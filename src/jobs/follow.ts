import type { Cluster, Deadline } from '../cluster/cluster.ts'
import { pause } from '../cluster/signal.ts'
import { ExitCode, Failure } from '../domain/failure.ts'
import { ANNOTATION } from '../domain/names.ts'
import { type KubeObject, refOf } from '../domain/object.ts'
import type { Progress } from '../domain/progress.ts'
import { type Cause, diagnose, hopeless, type JobFailure } from './diagnosis.ts'
import type { Job, JobOptions, JobSet } from './job.ts'
import { type JobLog, readLog } from './log.ts'
import { eventsOf, logInTime, logOf, newestPod, type Pod, terminationMessage, waitingFor, wasKilled } from './pods.ts'

/** Milliseconds between two looks at a Job. */
const INTERVAL = 1_000
/** Milliseconds for a pod to start: its image may have to be pulled. */
const START = 300_000
/** Looks between two at its node, and how often in a row that may be away before we say so: half a minute. */
const LOOKS_PER_NODE_LOOK = 5
const MOST_AWAY = 6
/** Milliseconds without progress of a pod that runs, after which a word is due: its disk or the file system may hang. */
const STALL = 600_000

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
  fail: (cause?: Cause) => Promise<JobFailure>
}

/**
 * Follows a Job until it has succeeded, and returns what it told. Throws a JobFailure where it fails, PeerFailed when
 * that signal comes, and Failure where its node is away or the options' signal ends the waiting.
 */
export async function follow(
  cluster: Cluster,
  job: Job,
  set: JobSet,
  options: JobOptions,
  peerFailed: AbortSignal,
): Promise<JobLog> {
  const [start, stall] = [new StartDeadline(cluster), new StallDetector(cluster)]
  const fail = (cause?: Cause) => diagnose(cluster, job, set, cause)
  try {
    return await followUntilEnd(job, { cluster, set, options, peerFailed, start, stall, fail })
  } finally {
    start.clear()
    stall.clear()
  }
}

/** The node that a Job of ours works on. */
export function nodeOf(job: Job): string {
  return job.metadata.annotations?.[ANNOTATION.node] ?? ''
}

async function followUntilEnd(created: Job, following: Following): Promise<JobLog> {
  const { cluster, options, peerFailed, fail } = following
  const ends = AbortSignal.any([peerFailed, ...(options.signal ? [options.signal] : [])])
  let away = 0
  for (let looks = 1; ; looks++) {
    if (options.signal?.aborted) throw interrupted(following.set)
    const job = await cluster.find<Job>(refOf(created))
    if (!job || job.metadata.uid !== created.metadata.uid) throw await fail({ why: 'somebody deleted its Job' })
    const pod = await newestPod(cluster, job)
    if (has(job, 'Complete')) return resultOf(cluster, pod, fail)
    if (has(job, 'Failed') || (pod?.status?.phase === 'Failed' && !wasKilled(pod))) throw await fail()
    // after the look: the Job that the others stop for tells its own cause
    if (peerFailed.aborted) throw new PeerFailed(`another Job than ${created.metadata.name} failed`)
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
  if (!log.result) throw await fail({ why: 'it ended well, but its log is gone: what it found is not known' })
  return log
}

async function expectStart(job: Job, pod: Pod | undefined, { cluster, set, start, fail }: Following): Promise<void> {
  const pending = pod?.status?.phase === 'Pending' ? pod : undefined
  // where there is no pod, or none any more, the Job's own events say why
  const events = await eventsOf(cluster, pending ?? job)
  const cause = hopeless(pending, events, set.directory)
  if (cause) throw await fail(cause)
  if (start.isOver(pod)) {
    throw await fail({ why: `its pod has not started in ${START / 60_000} minutes: ${waitingFor(pending, events)}` })
  }
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
  /** The look at the progress that has not come back yet. */
  reading: Promise<void> | undefined

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Notes how far it is; how fast, and how much longer, says nothing. */
  saw({ bytes, files, percent }: Progress): void {
    const position = JSON.stringify([bytes, files, percent])
    if (position !== this.#position) this.clear()
    this.#position = position
  }

  /** True once in ten minutes without progress. */
  isStalled(): boolean {
    this.#deadline ??= this.#cluster.deadline(STALL)
    if (!this.#deadline.signal.aborted) return false
    this.clear()
    return true
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
  if (stall.isStalled()) {
    options.onStall?.({ node: nodeOf(job), pod: pod.metadata.name, minutes: STALL / 60_000 })
  }
}

async function tellProgress(job: Job, pod: Pod, { cluster, set, options, stall }: Following): Promise<void> {
  if (!options.onProgress) return
  const { progress: line } = readLog(await logOf(cluster, pod, 10))
  const progress = line && set.readProgress(line)
  if (!progress) return
  const part = job.metadata.annotations?.[ANNOTATION.part]
  stall.saw(progress)
  options.onProgress({ node: nodeOf(job), ...(part ? { part } : {}), ...progress })
}

type Node = KubeObject & {
  status?: { conditions?: { type: string; status: string; lastTransitionTime?: string; message?: string }[] }
}

// Counted, not timed: the node's clock, the server's and ours need not agree. Returns how often in a row it was away.
async function timesAway(cluster: Cluster, name: string, before: number, fail: Following['fail']): Promise<number> {
  const node = await cluster.find<Node>({ apiVersion: 'v1', kind: 'Node', name })
  if (!node) throw await fail({ why: `there is no node ${name}` })
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
  if (!ready || ready.status === 'True') return 0
  if (before < MOST_AWAY) return before + 1
  throw new Failure(`node ${name} is away since ${ready.lastTransitionTime}: ${ready.message ?? 'it is not ready'}`, {
    remedy: 'Its Job goes on when the node is back, and juicify resume waits for it.',
  })
}

function interrupted({ what }: JobSet): Failure {
  return new Failure(`no longer waiting for ${what}: it goes on in the cluster`, {
    remedy: 'juicify resume finds it and goes on from there.',
    exitCode: ExitCode.interrupted,
  })
}

function has(job: Job, type: string): boolean {
  return job.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
}
