import type { Cluster } from '../cluster/cluster.ts'
import { pause } from '../cluster/signal.ts'
import type { ExitMeaning } from '../domain/exit-codes.ts'
import { Failure, type InLanguage, type Told } from '../domain/failure.ts'
import { ANNOTATION, NAMESPACE } from '../domain/names.ts'
import type { Trouble } from '../domain/trouble.ts'
import { troubled, type Wording, worded } from '../words/trouble.ts'
import type { Job, JobPurpose, JobSet } from './job.ts'
import { readLog } from './log.ts'
import { troubleOf } from './pod-trouble.ts'
import { type Event, eventsOf, logOf, type Pod, podsOf, termination, terminationMessage } from './pods.ts'

/** Milliseconds for finding out why something failed; it has them also when the user has interrupted us. */
const BUDGET = 15_000

/** Of juicify's own namespace: that of people's pods is for them to set. */
const REFUSED_LEVEL = /^Error creating: pods "[a-z0-9.-]+" is forbidden: violates PodSecurity "/

/** Why a Job failed, and what to do about it, where there is more to do than to look at its log and resume. */
export interface Cause {
  why: string
  remedy?: string | undefined
  absent?: true
  /** Why and what to do, in other languages, where it is in words of ours. */
  in?: InLanguage | undefined
}

/** A Job did not do what it was to do: the message says why, the rest is what a person would look for next. */
export class JobFailure extends Failure {
  /** What its container ended with, where it did. */
  readonly containerExitCode: number | undefined
  /** The directory on the node that it was to mount is not there, or is none. */
  readonly absent: boolean
  /** The last lines of its log. */
  readonly log: string[]
  /** What its pod's and its own events say, oldest first. */
  readonly events: string[]

  constructor(
    message: string,
    options: {
      remedy?: string | undefined
      in?: InLanguage
      containerExitCode?: number
      absent?: boolean
      log: string[]
      events: string[]
    },
  ) {
    super(message, options)
    this.containerExitCode = options.containerExitCode
    this.absent = options.absent ?? false
    this.log = options.log
    this.events = options.events
  }
}

/**
 * What keeps the pod of a Job from starting; undefined where nothing is said of it.
 * @param events the pod's, or the Job's where it has no pod
 */
export function troubleOfJob(
  pod: Pod | undefined,
  events: Event[],
  { directory, mountTrouble }: Pick<JobSet, 'directory' | 'mountTrouble'>,
): Trouble | undefined {
  // From the start of the message, where no name stands yet. "failed: … is not a directory" up to 1.20; "failed, … is not a
  // directory, unable to determine its type" on 1.37
  const missing = /^MountVolume\.SetUp failed for volume "node" : hostPath type check failed[:,]/
  if (events.some(({ reason = 'FailedMount', message = '' }) => reason === 'FailedMount' && missing.test(message))) {
    return { ...troubled((say) => say.job.noDirectory(directory, pod?.spec?.nodeName)), lasting: true, absent: true }
  }
  const refused = pod ? undefined : events.findLast(({ message = '' }) => REFUSED_LEVEL.test(message))
  if (refused) {
    return { ...troubled((say) => say.job.podSecurity(refused.message ?? '')), lasting: true }
  }
  return troubleOf(pod, events, mountTrouble)
}

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
  const cause = known ?? causeOf(pod, last.failed ?? whole.failed, lines, purpose)
  const { [ANNOTATION.node]: node = '', [ANNOTATION.part]: part } = job.metadata.annotations ?? {}
  const { name, namespace = NAMESPACE } = job.metadata
  const wording: Wording<Told> = (say) => {
    const { message, remedy } = cause.in?.(say.language) ?? { message: cause.why, remedy: cause.remedy }
    return {
      message: say.job.failed(purpose.what(say), node, part, message),
      remedy: remedy ?? say.job.seeLog(namespace, name),
    }
  }
  return new JobFailure(
    ...worded(wording, {
      ...(ended ? { containerExitCode: ended.exitCode } : {}),
      absent: known?.absent ?? false,
      log: lines.slice(-20),
      events: events.map(({ reason, message }) => `${reason}: ${message}`),
    }),
  )
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
  if (ended?.reason === 'OOMKilled') return troubled((say) => say.job.outOfMemory())
  const code = ended?.exitCode ?? 0
  const meaningIn: Wording<ExitMeaning | undefined> = (say) => tool.exitCodes[code] ?? say.exitCodes[code]
  if (failed) return troubled((say) => ({ message: failed, remedy: meaningIn(say)?.remedy }))
  const { reason, message = '' } = pod?.status ?? {}
  if (reason) return troubled((say) => say.job.podTerminated(reason, message))
  if (!ended) return troubled((say) => say.job.podGone())
  const line = lines.find(isError) ?? lines.at(-1)
  return troubled((say) => {
    const meaning = meaningIn(say)
    return { message: say.job.exited(tool.name, code, meaning?.means, line), remedy: meaning?.remedy }
  })
}

/** Which of its tools' lines is quoted. */
function isError(line: string): boolean {
  return /fail|error|denied|cannot|not found/i.test(line)
}
