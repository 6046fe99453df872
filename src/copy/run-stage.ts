import type { Cluster } from '../cluster/cluster.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import type { Mover } from '../domain/mover.ts'
import { LABEL } from '../domain/names.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { removeStrayClaims } from '../jobs/claims.ts'
import { EXIT_CODES, EXIT_HIDDEN } from '../jobs/exit-codes.ts'
import type { Job, JobOptions, JobSet } from '../jobs/job.ts'
import { jobsOf, removeUnbegunJobs, runJobs } from '../jobs/run.ts'
import type { Wording } from '../words/trouble.ts'
import { type CopyLog, readCopyLog } from './log.ts'
import { copyIdOf, isOfLeaseHolder } from './names.ts'
import { progressIn } from './progress.ts'
import { jobsFor, programFor, type Stage, type StageSpec } from './stage.ts'
import type { CopyTask } from './task.ts'

/** What the Job on a node has told. */
export interface StageLog extends CopyLog {
  node: string
}

/** Stages that tell what is there at the moment, or see to it: nothing is left undone where one is made anew. */
const ONLY_LOOK = new Set<Stage>([
  'check',
  'look',
  'estimate',
  'sample',
  'compare',
  'join',
  'verify-ahead',
  'places',
  'unused',
  'open-files',
])

/** Stages that somebody asks for beside what is under way. */
const BESIDE = new Set<string>(['estimate', 'sample', 'compare', 'unused', 'open-files'] satisfies Stage[])

/**
 * Removes what runs have left that were killed, or came too late: Jobs that never began, and the claims and volumes of
 * copies of which there is neither a Job nor a record. Nobody's data is in them. Call it right after getting the lease.
 * @param groups those that have a record
 */
export async function removeStrayWork(cluster: Cluster, groups: ReadonlySet<string>): Promise<void> {
  await removeUnbegunJobs(cluster, BESIDE)
  const used = new Set((await jobsOf(cluster, LABEL.copy)).map(({ metadata }) => metadata.labels?.[LABEL.group]))
  await removeStrayClaims(cluster, LABEL.copy, ({ metadata: { name, labels } }) => {
    const group = labels?.[LABEL.group] ?? ''
    return isOfLeaseHolder(name) && !groups.has(group) && !used.has(group)
  })
}

/**
 * Runs a stage of a task to its end, see `runJobs`.
 * @param what for messages: `the first copy of /data`
 */
export async function runStage(
  cluster: Cluster,
  task: CopyTask,
  spec: StageSpec,
  what: Wording,
  options: JobOptions = {},
): Promise<StageLog[]> {
  const fileSystem = fileSystemOf(task.target)
  const set: JobSet = {
    what,
    tool: toolOf(spec.mover, fileSystem),
    mountTrouble: fileSystem.driver.mountTrouble,
    selector: `${LABEL.group}=${task.group},${LABEL.copy}=${copyIdOf(task)}`,
    directory: task.directory,
    jobs: (run) => jobsFor(task, spec, run),
    program: programFor(task, spec),
    onlyLooks: ONLY_LOOK.has(spec.stage),
    isInTheWay: (job) => isInTheWay(job, spec.stage),
    readProgress: progressIn,
  }
  const results = await runJobs(cluster, set, options)
  return results.map(({ node, log }) => ({ node, ...readCopyLog(log) }))
}

function toolOf({ title, exitCodes }: Mover, { mounts: { ownFiles } }: FileSystem): JobSet['tool'] {
  if (!ownFiles) return { name: title, exitCodes }
  const { means = '' } = EXIT_CODES[EXIT_HIDDEN] ?? {}
  return { name: title, exitCodes: { ...exitCodes, [EXIT_HIDDEN]: { means, remedy: ownFiles.remedy } } }
}

// Two movers never work on the same directory; what only reads for somebody who asks, or looks for a moment, is nobody's business.
function isInTheWay(job: Job, stage: Stage): boolean {
  const gets = (stage: string) => !BESIDE.has(stage) && stage !== 'look' && stage !== 'check'
  return gets(stage) && gets(job.metadata.labels?.[LABEL.stage] ?? '')
}
