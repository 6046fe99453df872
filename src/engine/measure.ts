import pLimit from 'p-limit'
import type { Cluster } from '../cluster/cluster.ts'
import { unlessForbidden } from '../cluster/forbidden.ts'
import { estimate, sample } from '../copy/copy.ts'
import type { CopyTask } from '../copy/task.ts'
import { Failure } from '../domain/failure.ts'
import type { Pace } from '../domain/forecast.ts'
import { copyKey, type Measured, type MeasuredPlan, type Measurements, type Plan } from '../domain/plan.ts'
import { worded } from '../words/trouble.ts'
import { copyTasksOf } from './copies.ts'
import { paceOfRecords, paceOfSample } from './pace.ts'
import { readRecords } from './record.ts'
import { originOf } from './run.ts'

/** Max directories read in parallel: they share the nodes' disks and the metadata engine. */
const AT_ONCE = 4

/**
 * Has Jobs read the directories that a plan would copy, and their places on the file system, and finds out how fast copies
 * are: from what earlier migrations of the cluster have told, else from a sample. What cannot be read says why, and keeps
 * no other from being read. Throws Failure where the signal ends the waiting.
 * @returns `unknown`: why nothing tells how fast copies are
 */
export async function measure(
  cluster: Cluster,
  plan: Plan,
  signal: AbortSignal,
): Promise<MeasuredPlan & { unknown?: string }> {
  const origin = originOf(plan)
  const tasks = plan.groups.flatMap((group) => copyTasksOf({ group, plan: origin }))
  const limit = pLimit(AT_ONCE)
  const found = await Promise.all(
    tasks.map((task) =>
      limit(async () => [copyKey(task.group, task.directory), await measured(cluster, task, signal)] as const),
    ),
  )
  const copies = new Map(found)
  const known = paceOfRecords(await unlessForbidden(readRecords(cluster), []))
  if (known) return { copies, pace: known }
  return { copies, ...(await sampled(cluster, tasks, copies, signal)) }
}

async function measured(cluster: Cluster, task: CopyTask, signal: AbortSignal): Promise<Measured> {
  const at = () => new Date().toISOString()
  try {
    const nodes = await estimate(cluster, task, { signal })
    const [first] = nodes
    if (!first) throw new Failure(...worded((say) => say.copy.noResult()))
    return { at: at(), nodes: nodes.map(({ place, tops, ...node }) => node), place: first.place }
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted) throw error
    return { at: at(), failure: error.message, remedy: error.remedy ?? 'Run it with --estimate again.' }
  }
}

/** A sample of the directory with most to copy: it is what the others will wait for. */
async function sampled(
  cluster: Cluster,
  tasks: CopyTask[],
  copies: Measurements,
  signal: AbortSignal,
): Promise<{ pace: Pace } | { unknown: string }> {
  const largest = tasks
    .map((task) => ({ task, ...amountIn(copies.get(copyKey(task.group, task.directory))) }))
    .filter(({ files }) => files > 0)
    .sort((a, b) => b.bytes - a.bytes)[0]
  if (!largest) return { unknown: 'there is no file that a sample could be taken of.' }
  const room = copies.get(copyKey(largest.task.group, largest.task.directory))
  if (room && 'place' in room && room.place.freeBytes < SAMPLE_ROOM)
    return { unknown: 'the file system has no room for a sample.' }
  try {
    return { pace: paceOfSample(await sample(cluster, largest.task, largest.files, { signal })) }
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted) throw error
    return { unknown: error.message }
  }
}

/** Bytes: what a sample may take at most, and not all that there is. */
const SAMPLE_ROOM = 2 * 1024 ** 3

function amountIn(measured: Measured | undefined): { files: number; bytes: number } {
  // a sample is taken on the first node
  const [node] = measured && 'nodes' in measured ? measured.nodes : []
  return { files: node?.files ?? 0, bytes: node?.bytes ?? 0 }
}
