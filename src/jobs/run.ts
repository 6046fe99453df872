import type { Cluster } from '../cluster/cluster.ts'
import { update } from '../cluster/update.ts'
import { shortHash } from '../domain/digest.ts'
import { ANNOTATION, LABEL, NAMESPACE } from '../domain/names.ts'
import { refOf } from '../domain/object.ts'
import { JobFailure } from './diagnosis.ts'
import { EXIT_PEER_FAILED } from './exit-codes.ts'
import { follow, nodeOf, PeerFailed } from './follow.ts'
import type { Job, JobOptions, JobResult, JobSet } from './job.ts'
import { createUnlessThere, removeObject } from './objects.ts'
import { ensureProgramOf, removeLoosePrograms } from './program.ts'

/**
 * Runs Jobs to their end. One that is there already, running or finished, is taken for ours and not started a second
 * time; one whose result was read already, or that only looked, and those that are in the way, are removed first.
 * Throws a JobFailure where one fails. Where the signal ends the waiting, the Jobs go on.
 */
export async function runJobs(cluster: Cluster, set: JobSet, options: JobOptions = {}): Promise<JobResult[]> {
  const jobs = await startJobs(cluster, set, options.signal)
  const peerFailed = new AbortController()
  const followed = jobs.map(async (job) => {
    try {
      const { held, ...log } = await follow(cluster, job, set, options, peerFailed.signal)
      return { job, held, result: { node: nodeOf(job), log } }
    } catch (error) {
      // one that failed for another's sake may be seen first: the other is still to tell why
      if (!isPeersFault(error)) peerFailed.abort()
      throw error
    }
  })
  const settled = await Promise.allSettled(followed)
  const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  if (failures.length > 0) {
    // A server or a node that cannot be reached says nothing of the Jobs: they go on.
    if (failures.some((error) => error instanceof JobFailure)) await halt(cluster, jobs)
    throw failures.find((error) => !isPeersFault(error) && !(error instanceof PeerFailed)) ?? failures[0]
  }
  const done = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  await Promise.all(done.map(({ job, held }) => (held ? halt(cluster, [job]) : markRead(cluster, job))))
  return done.map(({ result }) => result)
}

function isPeersFault(error: unknown): boolean {
  return error instanceof JobFailure && error.containerExitCode === EXIT_PEER_FAILED
}

/** All Jobs of juicify's that the selector matches. */
export async function jobsOf(cluster: Cluster, labelSelector: string, namespace = NAMESPACE): Promise<Job[]> {
  const kind = { apiVersion: 'batch/v1', kind: 'Job' }
  return (await cluster.list<Job>(kind, { namespace, labelSelector })).items
}

/** Removes all Jobs of juicify's that the selector matches, and their pods. */
export async function removeJobs(cluster: Cluster, labelSelector: string, namespace = NAMESPACE): Promise<void> {
  const jobs = await jobsOf(cluster, labelSelector, namespace)
  await Promise.all(jobs.map((job) => removeObject(cluster, job)))
  await removeLoosePrograms(cluster, namespace)
}

async function startJobs(cluster: Cluster, set: JobSet, signal?: AbortSignal): Promise<Job[]> {
  const there = await jobsOf(cluster, set.selector, set.namespace)
  const wanted = new Set(set.jobs('').map(({ metadata }) => metadata.name))
  const isWanted = ({ metadata }: Job) => wanted.has(metadata.name)
  const ours = there.filter((job) => isWanted(job) && !isUnbegun(job))
  // One result that was read, and all of them are of an earlier run. What that one has seen may be otherwise now.
  const anew =
    set.onlyLooks || ours.some(({ metadata }) => metadata.annotations?.[ANNOTATION.read] || metadata.deletionTimestamp)
  // what never began is of a run that was killed before that, or came too late
  const stale = there.filter((job) => (ours.includes(job) ? anew : isWanted(job) || set.isInTheWay(job)))
  await Promise.all(stale.map((job) => removeObject(cluster, job, signal)))
  const run = (anew ? undefined : ours[0]?.metadata.labels?.[LABEL.run]) ?? shortHash(`${Date.now()} ${Math.random()}`)
  const jobs = set.jobs(run)
  for (const job of jobs) await createUnlessThere(cluster, unbegunOf(job))
  const created = await Promise.all(jobs.map((job) => cluster.get<Job>(refOf(job))))
  await Promise.all(created.map((job) => ensureProgramOf(cluster, job, set.program)))
  // by now a kubelet finds all that they need
  await Promise.all(created.map((job) => begin(cluster, job)))
  return created
}

/**
 * The Job with no pod allowed to it. A creation names no version: one that a run sent before it lost its lease, and that
 * arrives late, makes this and does nothing. What has it begin names that version, and is no longer sent by then.
 */
function unbegunOf(job: Job): Job {
  // with parallelism given, and no completions, the server would take it for a queue's
  return { ...job, spec: { completions: 1, ...(job.spec as object), parallelism: 0 } }
}

function isUnbegun({ metadata, spec }: Job): boolean {
  return (spec as { parallelism?: number }).parallelism === 0 && !metadata.annotations?.[ANNOTATION.read]
}

async function begin(cluster: Cluster, job: Job): Promise<void> {
  await update<Job>(
    cluster,
    refOf(job),
    (now) => (now && isUnbegun(now) ? { do: 'patch', body: { spec: { parallelism: 1 } } } : undefined),
    { known: job },
  )
}

/**
 * Removes the Jobs that were created and never started, except those of stages that others run without the lease. Call it
 * right after getting the lease: nobody is about to start them then.
 * @param beside the stages, as their label has them, that are nobody's business
 */
export async function removeUnbegunJobs(cluster: Cluster, beside: ReadonlySet<string>): Promise<void> {
  const stray = (await jobsOf(cluster, LABEL.copy)).filter(
    (job) => isUnbegun(job) && !beside.has(job.metadata.labels?.[LABEL.stage] ?? ''),
  )
  // nobody waits for their end: they have no pods
  const remove = (job: Job) =>
    update<Job>(
      cluster,
      refOf(job),
      (now) => (now && isUnbegun(now) ? { do: 'delete', propagation: 'Background' } : undefined),
      { known: job },
    )
  await Promise.all(stray.map(remove))
}

async function markRead(cluster: Cluster, job: Job): Promise<void> {
  const body = { metadata: { uid: job.metadata.uid, annotations: { [ANNOTATION.read]: 'yes' } } }
  await cluster.patch(refOf(job), { type: 'merge', body })
}

// A Job that failed for good is kept for who wants to look at it, but not tried again by its controller; one whose pod somebody
// else's container holds is ended.
async function halt(cluster: Cluster, jobs: Job[]): Promise<void> {
  for (const job of jobs) {
    const metadata = { uid: job.metadata.uid, annotations: { [ANNOTATION.read]: 'yes' } }
    const body = { metadata, spec: { parallelism: 0 } }
    if (await cluster.find(refOf(job))) await cluster.patch(refOf(job), { type: 'merge', body })
  }
}
