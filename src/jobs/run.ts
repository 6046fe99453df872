import type { Cluster } from '../cluster/cluster.ts'
import { shortHash } from '../domain/digest.ts'
import { ANNOTATION, LABEL, NAMESPACE } from '../domain/names.ts'
import { refOf } from '../domain/object.ts'
import { JobFailure } from './diagnosis.ts'
import { EXIT_PEER_FAILED } from './exit-codes.ts'
import { follow, nodeOf, PeerFailed } from './follow.ts'
import type { Job, JobOptions, JobResult, JobSet } from './job.ts'
import { createUnlessThere, removeObject } from './objects.ts'
import { ensureProgramOf, programMap, removeLoosePrograms } from './program.ts'

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
      return { node: nodeOf(job), log: await follow(cluster, job, set, options, peerFailed.signal) }
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
  await Promise.all(jobs.map((job) => markRead(cluster, job)))
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}

function isPeersFault(error: unknown): boolean {
  return error instanceof JobFailure && error.containerExitCode === EXIT_PEER_FAILED
}

/** All Jobs of juicify's that the selector matches. */
export async function jobsOf(cluster: Cluster, labelSelector: string): Promise<Job[]> {
  const kind = { apiVersion: 'batch/v1', kind: 'Job' }
  return (await cluster.list<Job>(kind, { namespace: NAMESPACE, labelSelector })).items
}

/** Removes all Jobs of juicify's that the selector matches, and their pods. */
export async function removeJobs(cluster: Cluster, labelSelector: string): Promise<void> {
  const jobs = await jobsOf(cluster, labelSelector)
  await Promise.all(jobs.map((job) => removeObject(cluster, job)))
  await removeLoosePrograms(cluster)
}

async function startJobs(cluster: Cluster, set: JobSet, signal?: AbortSignal): Promise<Job[]> {
  const there = await jobsOf(cluster, set.selector)
  const wanted = new Set(set.jobs('').map(({ metadata }) => metadata.name))
  const ours = there.filter(({ metadata }) => wanted.has(metadata.name))
  // One result that was read, and all of them are of an earlier run. What that one has seen may be otherwise now.
  const anew =
    set.onlyLooks || ours.some(({ metadata }) => metadata.annotations?.[ANNOTATION.read] || metadata.deletionTimestamp)
  const stale = there.filter((job) => (ours.includes(job) ? anew : set.isInTheWay(job)))
  await Promise.all(stale.map((job) => removeObject(cluster, job, signal)))
  const run = (anew ? undefined : ours[0]?.metadata.labels?.[LABEL.run]) ?? shortHash(`${Date.now()} ${Math.random()}`)
  const jobs = set.jobs(run)
  for (const job of jobs) {
    // first, for a kubelet that does not find it tries again only after a while
    await createUnlessThere(cluster, programMap(job.metadata.name, set.program))
    await createUnlessThere(cluster, job)
  }
  const created = await Promise.all(jobs.map((job) => cluster.get<Job>(refOf(job))))
  await Promise.all(created.map((job) => ensureProgramOf(cluster, job, set.program)))
  return created
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
