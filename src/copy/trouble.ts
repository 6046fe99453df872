import type { Cluster } from '../cluster/cluster.ts'
import { pause } from '../cluster/signal.ts'
import { Failure } from '../domain/failure.ts'
import { ANNOTATION, NAMESPACE } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import type { Job } from './job.ts'
import { readLog } from './log.ts'
import type { Mover } from './mover.ts'

/** Milliseconds for finding out why something failed; it has them also when the user has interrupted us. */
const BUDGET = 15_000

/** A Job did not do what it was to do: the message says why, the rest is what a person would look for next. */
export class CopyFailure extends Failure {
  /** What its container ended with, where it did. */
  readonly containerExitCode: number | undefined
  /** The last lines of its log. */
  readonly log: string[]
  /** What its pod's and its own events say, oldest first. */
  readonly events: string[]

  constructor(
    message: string,
    options: { remedy: string; containerExitCode?: number; log: string[]; events: string[] },
  ) {
    super(message, { remedy: options.remedy })
    this.containerExitCode = options.containerExitCode
    this.log = options.log
    this.events = options.events
  }
}

export interface Pod extends KubeObject {
  spec?: { nodeName?: string }
  status?: {
    phase?: string
    reason?: string
    message?: string
    conditions?: { type: string; status: string; reason?: string; message?: string }[]
    containerStatuses?: {
      state?: {
        waiting?: { reason?: string; message?: string }
        terminated?: { exitCode: number; reason?: string; message?: string }
      }
    }[]
  }
}

export interface Event extends KubeObject {
  type?: string
  reason?: string
  message?: string
  lastTimestamp?: string | null
  count?: number
}

/** What the script says by its exit codes, where no line of it says more; those of the movers are below 64. */
const SCRIPT_EXITS: Record<number, string> = {
  126: 'the image has no sh that can be run',
  127: 'the image lacks a command that the copy needs',
  137: 'it was killed',
  143: 'it was ended from outside',
}

/** The newest pod of a Job; none where it has none (any more). */
export async function newestPod(cluster: Cluster, job: Job): Promise<Pod | undefined> {
  return (await podsOf(cluster, job)).at(-1)
}

/** All pods of a Job, the newest last. */
async function podsOf(cluster: Cluster, job: Job): Promise<Pod[]> {
  const labelSelector = `job-name=${job.metadata.name}`
  const { items } = await cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod' }, { namespace: NAMESPACE, labelSelector })
  return items.sort(byAge)
}

function byAge(a: Pod, b: Pod): number {
  return (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '')
}

/** The events of an object, oldest first. */
export async function eventsOf(cluster: Cluster, object: KubeObject): Promise<Event[]> {
  const fieldSelector = `involvedObject.uid=${object.metadata.uid}`
  const { items } = await cluster.list<Event>(
    { apiVersion: 'v1', kind: 'Event' },
    { namespace: NAMESPACE, fieldSelector },
  )
  return items.sort((a, b) => (a.lastTimestamp ?? '').localeCompare(b.lastTimestamp ?? ''))
}

/** The log of a Job's pod, from the API server; empty where it has none. */
export async function logOf(cluster: Cluster, pod: Pod, tailLines: number): Promise<string> {
  try {
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace: NAMESPACE, name: pod.metadata.name }
    return await cluster.subresource(ref, 'log', { tailLines: String(tailLines) })
  } catch (error) {
    // A container that has not started has no log, and a node that is away gives none.
    if (error instanceof Failure) return ''
    throw error
  }
}

/** Milliseconds that a node may take to give a log that is only nice to have: one that hangs gives none for minutes. */
const SOON = 5_000

/** The same, or nothing where its node takes too long. */
export async function logSoon(cluster: Cluster, pod: Pod, tailLines: number): Promise<string> {
  const over = new AbortController()
  try {
    return await Promise.race([logOf(cluster, pod, tailLines), pause(SOON, over.signal).then(() => '')])
  } finally {
    over.abort()
  }
}

/** True where the pod ended for a reason that is none of the copy's: it is worth another try. */
export function wasKilled(pod: Pod): boolean {
  const ended = terminated(pod)
  if (ended?.reason === 'OOMKilled') return false
  return Boolean(pod.status?.reason) || ended === undefined || ended.exitCode === 143 || ended.exitCode === 137
}

/** What a script has written for the pod's status before it ended: the outcome, or the end of its mover's errors. */
export function lastWords(pod: Pod): string {
  return terminated(pod)?.message ?? ''
}

function terminated(pod: Pod) {
  return pod.status?.containerStatuses?.[0]?.state?.terminated
}

// Waiting for these is of no use.
const HOPELESS = new Set(['ErrImageNeverPull', 'InvalidImageName', 'CreateContainerConfigError', 'RunContainerError'])

/** What keeps a pod from starting for good; undefined as long as it may still start. */
export function hopeless(pod: Pod, events: Event[], directory: string): string | undefined {
  const node = pod.spec?.nodeName ?? 'its node'
  if (events.some(({ message }) => message?.includes('hostPath type check failed'))) {
    return `${directory} is not there on ${node}, or is no directory`
  }
  const waiting = pod.status?.containerStatuses?.[0]?.state?.waiting
  if (waiting?.reason && HOPELESS.has(waiting.reason)) return `${waiting.reason}: ${waiting.message ?? ''}`
  return undefined
}

/** Why a pod has not started yet, as well as it can be told. */
export function waitingFor(pod: Pod | undefined, events: Event[]): string {
  const waiting = pod?.status?.containerStatuses?.[0]?.state?.waiting
  const scheduled = pod?.status?.conditions?.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status === 'False' && scheduled.message) return scheduled.message
  if (waiting?.message) return `${waiting.reason}: ${waiting.message}`
  return events.filter(({ type }) => type === 'Warning').at(-1)?.message ?? 'it has not started'
}

/**
 * Why a Job failed: what its exit code means, the end of its log, its events. It asks the cluster within a time of its
 * own, and says what it knows where the cluster does not answer.
 * @param cause what is known already
 */
export async function diagnose(
  cluster: Cluster,
  job: Job,
  mover: Mover,
  what: string,
  cause?: string,
): Promise<CopyFailure> {
  const found: Found = { events: [] }
  const over = new AbortController()
  const looking = lookInto(cluster, job, found).finally(() => over.abort())
  await Promise.race([looking, pause(BUDGET, over.signal)])
  const { pod, log = '', events } = found
  const ended = pod && terminated(pod)
  const told = readLog(log)
  const words = readLog(pod ? lastWords(pod) : '')
  const lines = words.others.length > 0 ? words.others : told.others
  const failed = words.failed ?? told.failed
  const why = cause ?? failed ?? causeOf(lines, pod, mover) ?? 'its pod is gone, and nobody knows why'
  const { [ANNOTATION.node]: node, [ANNOTATION.part]: part } = job.metadata.annotations ?? {}
  return new CopyFailure(`${what} failed on ${node}${part ? ` (part ${part})` : ''}: ${why}`, {
    remedy: remedyFor(why, job),
    ...(ended ? { containerExitCode: ended.exitCode } : {}),
    log: lines.slice(-20),
    events: events.map(({ reason, message }) => `${reason}: ${message}`),
  })
}

interface Found {
  pod?: Pod
  log?: string
  events: Event[]
}

// Fills in what it finds as it finds it: a node that does not answer must not hide the rest.
async function lookInto(cluster: Cluster, job: Job, found: Found): Promise<void> {
  try {
    found.events = await eventsOf(cluster, job)
    const pods = await podsOf(cluster, job)
    // its controller may have made another one meanwhile, which knows of nothing yet
    found.pod = pods.filter(({ status }) => status?.phase === 'Failed').at(-1) ?? pods.at(-1)
    if (!found.pod) return
    found.events.push(...(await eventsOf(cluster, found.pod)))
    found.log = await logOf(cluster, found.pod, 200)
  } catch (error) {
    // The cause that is being looked into counts more than that it could not be.
    if (!(error instanceof Failure)) throw error
  }
}

function causeOf(log: string[], pod: Pod | undefined, mover: Mover): string | undefined {
  if (log.some((line) => line.includes('No space left on device'))) return 'no space is left where it writes'
  if (log.some((line) => line.includes('Disk quota exceeded'))) return 'the quota is used up where it writes'
  const ended = pod && terminated(pod)
  if (ended?.reason === 'OOMKilled') return 'its container ran out of memory'
  if (pod?.status?.reason) return `its pod was stopped: ${pod.status.reason}, ${pod.status.message ?? ''}`
  if (!ended) return undefined
  const meaning = SCRIPT_EXITS[ended.exitCode] ?? mover.meaning(ended.exitCode) ?? 'unknown'
  return `${mover.name} ended with ${ended.exitCode} (${meaning})${log.length > 0 ? `: ${log.find(isError) ?? log.at(-1)}` : ''}`
}

function isError(line: string): boolean {
  return /fail|error|denied|cannot|not found/i.test(line)
}

function remedyFor(why: string, job: Job): string {
  if (why.includes('space is left') || why.includes('quota'))
    return 'Make room on the file system, and resume: what is there stays and is not copied again.'
  if (why.includes('out of memory')) return 'Raise spec.copy.resources.limits.memory.'
  if (why.includes('not empty'))
    return 'Empty that place, choose another one in spec.paths, or give --into-existing to copy beside what is there.'
  if (why.includes('people have written'))
    return 'Move what is wanted away, choose another place in spec.paths, or give --into-existing to copy over what is there.'
  if (why.includes('would be deleted'))
    return 'See that what is copied from is mounted where the Job runs, and is what it should be. If it is empty by intention, empty the other side by hand, and resume.'
  if (why.includes('is not there on')) return 'See that source.nodes names the nodes that hold the data.'
  return `See kubectl logs -n ${NAMESPACE} job/${job.metadata.name}; resume tries again.`
}
