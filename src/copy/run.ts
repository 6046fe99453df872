import type { Cluster, Deadline } from '../cluster/cluster.ts'
import { pause } from '../cluster/signal.ts'
import { shortHash } from '../domain/digest.ts'
import { ExitCode, Failure } from '../domain/failure.ts'
import { ANNOTATION, LABEL, NAMESPACE } from '../domain/names.ts'
import { type KubeObject, refOf } from '../domain/object.ts'
import type { Job, JobKind, Stage } from './job.ts'
import { jobsFor } from './job.ts'
import { type JobLog, readLog } from './log.ts'
import { copyIdOf } from './names.ts'
import { type MoverProgress, progressIn } from './progress.ts'
import type { CopyOptions, CopyRequest } from './request.ts'
import { createUnlessThere, remove } from './storage.ts'
import {
  CopyFailure,
  diagnose,
  eventsOf,
  hopeless,
  lastWords,
  logOf,
  logSoon,
  newestPod,
  type Pod,
  waitingFor,
  wasKilled,
} from './trouble.ts'

/** Milliseconds between two looks at a Job. */
const LOOK = 1_000
/** Milliseconds for a pod to start: its image may have to be pulled. */
const START = 300_000
/** Looks between two at its node, and how often in a row that may be away before we say so: half a minute. */
const NODE_LOOKS = 5
const AWAY = 6
/** Milliseconds without progress of a pod that runs, after which a word is due: its disk or the file system may hang. */
const STANDSTILL = 600_000
/** The exit code of a script that gave up because another node's Job failed. */
const OTHER_FAILED = 68

/** What each Job told, once all have succeeded. */
export type StageOutcome = { node: string; told: JobLog }[]

/**
 * Runs a stage of a request's copy to its end. A Job that is there already, running or finished, is taken for ours
 * and not started a second time; one whose outcome was read already, or that only looked, and those of other stages, are
 * removed first.
 * Throws a CopyFailure where one fails. Where the signal ends the waiting, the Jobs go on.
 */
export async function runStage(
  cluster: Cluster,
  request: CopyRequest,
  kind: JobKind,
  what: string,
  options: CopyOptions = {},
): Promise<StageOutcome> {
  const jobs = await reconcile(cluster, request, kind, options.signal)
  const stop = new AbortController()
  const looks = jobs.map(async (job) => {
    try {
      const watch = { request, kind, what, options, stop: stop.signal }
      return { node: nodeOf(job), told: await follow(cluster, job, watch) }
    } catch (error) {
      // one that failed for another's sake may be seen first: the other is still to tell why
      if (!isForAnother(error)) stop.abort()
      throw error
    }
  })
  const settled = await Promise.allSettled(looks)
  const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  if (failures.length > 0) {
    // A server or a node that cannot be reached says nothing of the Jobs: they go on.
    if (failures.some((error) => error instanceof CopyFailure)) await halt(cluster, jobs)
    throw failures.find(isCause) ?? failures[0]
  }
  await Promise.all(jobs.map((job) => markRead(cluster, job)))
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}

function isCause(error: unknown): boolean {
  return !isForAnother(error) && !(error instanceof Stopped)
}

function isForAnother(error: unknown): boolean {
  return error instanceof CopyFailure && error.containerExitCode === OTHER_FAILED
}

/** Another Job of the stage has failed: this one is no longer waited for. */
class Stopped extends Failure {}

/** All Jobs that the selector matches. */
export async function jobsOf(cluster: Cluster, labelSelector: string): Promise<Job[]> {
  const kind = { apiVersion: 'batch/v1', kind: 'Job' }
  return (await cluster.list<Job>(kind, { namespace: NAMESPACE, labelSelector })).items
}

/** Stages that change nothing and tell what is there at the moment: nothing is left undone where one is made anew. */
const SEES = new Set<Stage>(['check', 'estimate', 'compare'])

async function reconcile(cluster: Cluster, request: CopyRequest, kind: JobKind, signal?: AbortSignal): Promise<Job[]> {
  const there = await jobsOf(cluster, `${LABEL.group}=${request.group},${LABEL.copy}=${copyIdOf(request)}`)
  const wanted = new Set(jobsFor(request, kind, '').map(({ metadata }) => metadata.name))
  const ours = there.filter(({ metadata }) => wanted.has(metadata.name))
  // One outcome that was read, and all of them are of an earlier run. What that one has seen may be otherwise now.
  const fresh =
    SEES.has(kind.stage) ||
    ours.some((job) => job.metadata.annotations?.[ANNOTATION.read] || job.metadata.deletionTimestamp)
  const stale = there.filter((job) => (ours.includes(job) ? fresh : isInTheWay(job, kind)))
  await Promise.all(stale.map((job) => remove(cluster, job, signal)))
  const run = (fresh ? undefined : ours[0]?.metadata.labels?.[LABEL.run]) ?? shortHash(`${Date.now()} ${Math.random()}`)
  const jobs = jobsFor(request, kind, run)
  for (const job of jobs) await createUnlessThere(cluster, job)
  return Promise.all(jobs.map((job) => cluster.get<Job>(refOf(job))))
}

// Two movers never work on the same directory; what only reads for somebody who asks is nobody's business.
function isInTheWay(job: Job, kind: JobKind): boolean {
  const asked = ['estimate', 'compare']
  return !asked.includes(kind.stage) && !asked.includes(job.metadata.labels?.[LABEL.stage] ?? '')
}

interface Watch {
  request: CopyRequest
  kind: JobKind
  what: string
  options: CopyOptions
  /** Another Job of the stage has failed. */
  stop: AbortSignal
}

async function follow(cluster: Cluster, created: Job, watch: Watch): Promise<JobLog> {
  const [starting, going] = [new Starting(cluster), new Going(cluster)]
  return followUntilEnd(cluster, created, watch, starting, going).finally(() => {
    starting.clear()
    going.clear()
  })
}

/** How long it is waited for a pod to start: each that is made has a time of its own, and so has its being made. */
class Starting {
  readonly #cluster: Cluster
  #pod: string | undefined
  #deadline: Deadline | undefined

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Whether the newest pod, or the one that is still to come after it, is late. */
  isLate(pod: Pod | undefined): boolean {
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
class Going {
  readonly #cluster: Cluster
  #far: string | undefined
  #deadline: Deadline | undefined

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Notes how far it is; how fast, and how much longer, says nothing. */
  saw({ bytes, files, percent }: MoverProgress): void {
    const far = JSON.stringify([bytes, files, percent])
    if (far !== this.#far) this.clear()
    this.#far = far
  }

  /** True once in so long a time without progress. */
  hasStoodStill(): boolean {
    this.#deadline ??= this.#cluster.deadline(STANDSTILL)
    if (!this.#deadline.signal.aborted) return false
    this.clear()
    return true
  }

  clear(): void {
    this.#deadline?.clear()
    this.#deadline = undefined
  }
}

async function followUntilEnd(
  cluster: Cluster,
  created: Job,
  watch: Watch,
  starting: Starting,
  going: Going,
): Promise<JobLog> {
  const fail = (cause?: string) => diagnose(cluster, created, watch.kind.mover, watch.what, cause)
  let away = 0
  let telling: Promise<void> | undefined
  for (let looks = 1; ; looks++) {
    if (watch.options.signal?.aborted) throw interrupted(watch)
    const job = await cluster.find<Job>(refOf(created))
    if (!job || job.metadata.uid !== created.metadata.uid) throw await fail('somebody deleted its Job')
    const pod = await newestPod(cluster, job)
    if (has(job, 'Complete')) return outcomeOf(cluster, pod, fail)
    if (has(job, 'Failed') || (pod?.status?.phase === 'Failed' && !wasKilled(pod))) throw await fail()
    // after the look: the Job that the others stop for tells its own cause
    if (watch.stop.aborted) throw new Stopped(`another Job than ${created.metadata.name} failed`)
    if (looks % NODE_LOOKS === 0) away = await nodeAway(cluster, nodeOf(job), away, fail)
    if (pod?.status?.phase === 'Running') {
      telling ??= tellProgress(cluster, job, pod, watch, going).finally(() => {
        telling = undefined
      })
      // a node that hangs keeps the log's reader waiting for minutes, and must not keep us from seeing that it does
      await Promise.race([telling, pause(LOOK / 2)])
      if (going.hasStoodStill()) {
        const minutes = STANDSTILL / 60_000
        watch.options.onStandstill?.({ node: nodeOf(job), pod: pod.metadata.name, minutes })
      }
    } else if (pod?.status?.phase !== 'Succeeded') {
      await expectStart(cluster, job, pod, starting.isLate(pod), watch, fail)
    }
    await pause(LOOK, AbortSignal.any([watch.stop, ...(watch.options.signal ? [watch.options.signal] : [])]))
  }
}

type Fail = (cause?: string) => Promise<CopyFailure>

// A node gives the log of a pod that has just ended a moment later, or has lost it; what counts is in the status too.
async function outcomeOf(cluster: Cluster, pod: Pod | undefined, fail: Fail): Promise<JobLog> {
  for (let tries = 0; pod && tries < 5; tries++) {
    if (tries > 0) await pause(LOOK)
    const told = readLog(await logSoon(cluster, pod, 20_000))
    if (told.result) return told
  }
  const told = readLog(pod ? lastWords(pod) : '')
  if (!told.result) throw await fail('it ended well, but its log is gone: what it found is not known')
  return told
}

async function expectStart(
  cluster: Cluster,
  job: Job,
  pod: Pod | undefined,
  late: boolean,
  watch: Watch,
  fail: Fail,
): Promise<void> {
  const pending = pod?.status?.phase === 'Pending' ? pod : undefined
  if (!late && !pending) return
  // where there is no pod, or none any more, the Job's own events say why
  const events = await eventsOf(cluster, pending ?? job)
  const cause = pending && hopeless(pending, events, watch.request.directory)
  if (cause) throw await fail(cause)
  if (late) throw await fail(`its pod has not started in ${START / 60_000} minutes: ${waitingFor(pending, events)}`)
}

type Node = KubeObject & {
  status?: { conditions?: { type: string; status: string; lastTransitionTime?: string; message?: string }[] }
}

// Counted, not timed: the node's clock, the server's and ours need not agree. Returns how often in a row it was away.
async function nodeAway(cluster: Cluster, name: string, before: number, fail: Fail): Promise<number> {
  const node = await cluster.find<Node>({ apiVersion: 'v1', kind: 'Node', name })
  if (!node) throw await fail(`there is no node ${name}`)
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
  if (!ready || ready.status === 'True') return 0
  if (before < AWAY) return before + 1
  throw new Failure(`node ${name} is away since ${ready.lastTransitionTime}: ${ready.message ?? 'it is not ready'}`, {
    remedy: 'Its Job goes on when the node is back, and juicify resume waits for it.',
  })
}

async function tellProgress(cluster: Cluster, job: Job, pod: Pod, { options }: Watch, going: Going): Promise<void> {
  if (!options.onProgress) return
  const { progress } = readLog(await logOf(cluster, pod, 10))
  const told = progress && progressIn(progress)
  const part = job.metadata.annotations?.[ANNOTATION.part]
  if (told) going.saw(told)
  if (told) options.onProgress({ node: nodeOf(job), ...(part ? { part } : {}), ...told })
}

function interrupted({ what }: Watch): Failure {
  return new Failure(`no longer waiting for ${what}: it goes on in the cluster`, {
    remedy: 'juicify resume finds it and goes on from there.',
    exitCode: ExitCode.interrupted,
  })
}

function has(job: Job, type: string): boolean {
  return job.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
}

function nodeOf(job: Job): string {
  return job.metadata.annotations?.[ANNOTATION.node] ?? ''
}

async function markRead(cluster: Cluster, job: Job): Promise<void> {
  const body = { metadata: { uid: job.metadata.uid, annotations: { [ANNOTATION.read]: 'yes' } } }
  await cluster.patch(refOf(job), { type: 'merge', body })
}

// A Job that failed for good is kept for who wants to look at it, but not tried again by its controller.
async function halt(cluster: Cluster, jobs: Job[]): Promise<void> {
  for (const job of jobs) {
    const metadata = { uid: job.metadata.uid, annotations: { [ANNOTATION.read]: 'yes' } }
    const body = { metadata, spec: { parallelism: 0 } }
    if (await cluster.find(refOf(job))) await cluster.patch(refOf(job), { type: 'merge', body })
  }
}
