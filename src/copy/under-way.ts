import type { Cluster } from '../cluster/cluster.ts'
import { unlessForbidden } from '../cluster/forbidden.ts'
import { ANNOTATION, LABEL } from '../domain/names.ts'
import type { Progress } from '../domain/progress.ts'
import type { Job } from '../jobs/job.ts'
import { readLog } from '../jobs/log.ts'
import { logInTime, newestPod } from '../jobs/pods.ts'
import { jobsOf } from '../jobs/run.ts'
import { progressIn } from './progress.ts'
import type { Stage } from './stage.ts'

/** A Job of ours that has not ended, whoever waits for it. */
export interface CopyUnderWay {
  group: string
  stage: Stage
  directory: string
  node: string
  /** `2 of 4`, where the directory is split. */
  part?: string
  /** When it was created, RFC 3339, by the server's clock. */
  since?: string
  /** Absent before its pod has something to say. */
  progress?: Progress
}

/** How far a log's last lines are asked for: one in ten is enough to be the mover's word. */
const LINES = 10

/** What is being copied or compared at the moment, by group and directory. */
export async function copiesUnderWay(cluster: Cluster): Promise<CopyUnderWay[]> {
  const jobs = (await jobsOf(cluster, LABEL.copy)).filter(isUnderWay)
  const found = await Promise.all(jobs.map((job) => underWay(cluster, job)))
  const key = ({ group, directory, node, part = '' }: CopyUnderWay) => [group, directory, node, part].join('\0')
  return found.sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

/** One that has failed stays to be looked at, with no pod allowed to it any more. */
function isUnderWay({ metadata, spec, status }: Job): boolean {
  const ended = status?.conditions?.some(({ type, status }) => /Complete|Failed/.test(type) && status === 'True')
  return !ended && !metadata.deletionTimestamp && (spec as { parallelism?: number }).parallelism !== 0
}

async function underWay(cluster: Cluster, job: Job): Promise<CopyUnderWay> {
  const { labels = {}, annotations = {}, creationTimestamp } = job.metadata
  const part = annotations[ANNOTATION.part]
  const pod = await newestPod(cluster, job)
  const line =
    pod?.status?.phase === 'Running'
      ? readLog(await unlessForbidden(logInTime(cluster, pod, LINES), '')).progress
      : undefined
  const progress = line && progressIn(line)
  return {
    group: labels[LABEL.group] ?? '',
    stage: labels[LABEL.stage] as Stage,
    directory: directoryOf(job),
    node: annotations[ANNOTATION.node] ?? '',
    ...(part ? { part } : {}),
    ...(creationTimestamp ? { since: creationTimestamp } : {}),
    ...(progress ? { progress } : {}),
  }
}

/** The directory on the node that the Job mounts; the look at a place mounts none. */
function directoryOf({ spec }: Job): string {
  const { volumes = [] } = (spec as { template?: { spec?: { volumes?: { hostPath?: { path: string } }[] } } }).template
    ?.spec ?? { volumes: [] }
  return volumes.flatMap(({ hostPath }) => hostPath?.path ?? [])[0] ?? ''
}
