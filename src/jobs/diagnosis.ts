import type { Cluster } from '../cluster/cluster.ts'
import { pause } from '../cluster/signal.ts'
import { Failure } from '../domain/failure.ts'
import { ANNOTATION, NAMESPACE } from '../domain/names.ts'
import { EXIT_CODES } from './exit-codes.ts'
import type { Job, JobPurpose } from './job.ts'
import { readLog } from './log.ts'
import { type Event, eventsOf, logOf, type Pod, podsOf, termination, terminationMessage } from './pods.ts'

/** Milliseconds for finding out why something failed; it has them also when the user has interrupted us. */
const BUDGET = 15_000

/** Why a Job failed, and what to do about it, where there is more to do than to look at its log and resume. */
export interface Cause {
  why: string
  remedy?: string | undefined
}

/** A Job did not do what it was to do: the message says why, the rest is what a person would look for next. */
export class JobFailure extends Failure {
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

// Waiting for these is of no use.
const HOPELESS = new Set(['ErrImageNeverPull', 'InvalidImageName', 'CreateContainerConfigError', 'RunContainerError'])

/**
 * What keeps a pod from starting for good; undefined as long as it may still start.
 * @param events the pod's, or the Job's where it has no pod
 * @param directory the one on the node that it mounts
 */
export function hopeless(pod: Pod | undefined, events: Event[], directory: string): Cause | undefined {
  // From the start of the message, where no name stands yet.
  const says = (reason: string, start: RegExp) =>
    events.some((event) => (event.reason ?? reason) === reason && start.test(event.message ?? ''))
  // "failed: … is not a directory" up to 1.20; "failed, … is not a directory, unable to determine its type" on 1.37
  if (says('FailedMount', /^MountVolume\.SetUp failed for volume "node" : hostPath type check failed[:,]/)) {
    return {
      why: `${directory} is not there on ${pod?.spec?.nodeName ?? 'its node'}, or is no directory`,
      remedy: 'See that source.nodes names the nodes that hold the data.',
    }
  }
  const refused = events.find(({ message = '' }) => PSA_REFUSAL.test(message))
  if (refused) {
    return {
      why: `the pod security level of namespace ${NAMESPACE} does not allow its pod: ${refused.message}`,
      remedy: `Its Jobs mount host paths. If the namespace ${NAMESPACE} is for juicify alone, set its label: kubectl label namespace ${NAMESPACE} pod-security.kubernetes.io/enforce=privileged --overwrite. Then resume.`,
    }
  }
  const waiting = pod?.status?.containerStatuses?.[0]?.state?.waiting
  return waiting?.reason && HOPELESS.has(waiting.reason)
    ? { why: `${waiting.reason}: ${waiting.message ?? ''}` }
    : undefined
}

const PSA_REFUSAL = /^Error creating: pods "[a-z0-9.-]+" is forbidden: violates PodSecurity "/

/**
 * Why a Job failed: what its exit code means, the end of its log, its events. It asks the cluster within a time of its
 * own, and says what it knows where the cluster does not answer.
 * @param known the cause, where it is known already
 */
export async function diagnose(cluster: Cluster, job: Job, purpose: JobPurpose, known?: Cause): Promise<JobFailure> {
  const found: Found = { events: [] }
  const over = new AbortController()
  const looking = lookInto(cluster, job, found).finally(() => over.abort())
  await Promise.race([looking, pause(BUDGET, over.signal)])
  const { pod, log = '', events } = found
  const ended = pod && termination(pod)
  const [whole, last] = [readLog(log), readLog(pod ? terminationMessage(pod) : '')]
  const lines = last.others.length > 0 ? last.others : whole.others
  const { why, remedy } = known ?? causeOf(pod, last.failed ?? whole.failed, lines, purpose)
  const { [ANNOTATION.node]: node, [ANNOTATION.part]: part } = job.metadata.annotations ?? {}
  return new JobFailure(`${purpose.what} failed on ${node}${part ? ` (part ${part})` : ''}: ${why}`, {
    remedy: remedy ?? `See kubectl logs -n ${NAMESPACE} job/${job.metadata.name}; resume tries again.`,
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

/**
 * Why a pod ended as it did. Chosen by how it ended alone: what it has written, which may hold people's file names, is
 * quoted and never searched for a remedy.
 * @param failed what its program said that it found wrong
 * @param lines what its tools wrote
 */
export function causeOf(
  pod: Pod | undefined,
  failed: string | undefined,
  lines: string[],
  { tool }: Pick<JobPurpose, 'tool'>,
): Cause {
  const ended = pod && termination(pod)
  if (ended?.reason === 'OOMKilled') {
    return { why: 'its container ran out of memory', remedy: 'Raise spec.copy.resources.limits.memory.' }
  }
  const meaning = ended && (tool.exitCodes[ended.exitCode] ?? EXIT_CODES[ended.exitCode])
  if (failed) return { why: failed, remedy: meaning?.remedy }
  if (pod?.status?.reason) return { why: `its pod was stopped: ${pod.status.reason}, ${pod.status.message ?? ''}` }
  if (!ended) return { why: 'its pod is gone, and nobody knows why' }
  return {
    remedy: meaning?.remedy,
    why: `${tool.name} ended with ${ended.exitCode} (${meaning?.means ?? 'unknown'})${lines.length > 0 ? `: ${lines.find(isError) ?? lines.at(-1)}` : ''}`,
  }
}

/** Which of its tools' lines is quoted. */
function isError(line: string): boolean {
  return /fail|error|denied|cannot|not found/i.test(line)
}
