import type { Cluster } from '../cluster/cluster.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import type { Mover } from '../domain/mover.ts'
import { LABEL } from '../domain/names.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { EXIT_CODES, EXIT_HIDDEN } from '../jobs/exit-codes.ts'
import type { Job, JobOptions, JobSet } from '../jobs/job.ts'
import { runJobs } from '../jobs/run.ts'
import { type CopyLog, readCopyLog } from './log.ts'
import { copyIdOf } from './names.ts'
import { progressIn } from './progress.ts'
import { jobsFor, programFor, type Stage, type StageSpec } from './stage.ts'
import type { CopyTask } from './task.ts'

/** What the Job on a node has told. */
export interface StageLog extends CopyLog {
  node: string
}

/** Stages that change nothing and tell what is there at the moment: nothing is left undone where one is made anew. */
const ONLY_LOOK = new Set<Stage>(['check', 'estimate', 'compare', 'join'])

/** Stages that somebody asks for beside what is under way. */
const BESIDE = new Set<string>(['estimate', 'compare'] satisfies Stage[])

/**
 * Runs a stage of a task to its end, see `runJobs`.
 * @param what for messages: `the warm copy of /data`
 */
export async function runStage(
  cluster: Cluster,
  task: CopyTask,
  spec: StageSpec,
  what: string,
  options: JobOptions = {},
): Promise<StageLog[]> {
  const set: JobSet = {
    what,
    tool: toolOf(spec.mover, fileSystemOf(task.target)),
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

// Two movers never work on the same directory; what only reads for somebody who asks is nobody's business.
function isInTheWay(job: Job, stage: Stage): boolean {
  return !BESIDE.has(stage) && !BESIDE.has(job.metadata.labels?.[LABEL.stage] ?? '')
}
