import pLimit from 'p-limit'
import type { Cluster } from '../cluster/cluster.ts'
import { estimate } from '../copy/copy.ts'
import type { CopyTask } from '../copy/task.ts'
import { Failure } from '../domain/failure.ts'
import { copyKey, type Measured, type Measurements, type Plan } from '../domain/plan.ts'
import { copyTasksOf } from './copies.ts'

/** So many directories are read at once: they share the nodes' disks, and the metadata engine. */
const AT_ONCE = 4

/**
 * Has Jobs read the directories that a plan would copy, and their places on the file system. What cannot be read says
 * why, and keeps no other from being read. Throws Failure where the signal ends the waiting.
 */
export async function measure(cluster: Cluster, plan: Plan, signal: AbortSignal): Promise<Measurements> {
  const { metadata, digest, migration, jobs } = plan
  const origin = { name: metadata.name, digest, cluster: plan.cluster, migration, ...(jobs ? { jobs } : {}) }
  const tasks = plan.groups.flatMap((group) => copyTasksOf({ group, plan: origin }))
  const limit = pLimit(AT_ONCE)
  const found = await Promise.all(
    tasks.map((task) =>
      limit(async () => [copyKey(task.group, task.directory), await measured(cluster, task, signal)] as const),
    ),
  )
  return new Map(found)
}

async function measured(cluster: Cluster, task: CopyTask, signal: AbortSignal): Promise<Measured> {
  const at = () => new Date().toISOString()
  try {
    const nodes = await estimate(cluster, task, { signal })
    const [first] = nodes
    if (!first) throw new Failure('no Job has read anything')
    return { at: at(), nodes: nodes.map(({ place, tops, ...node }) => node), place: first.place }
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted) throw error
    return { at: at(), failure: error.message, remedy: error.remedy ?? 'Give --estimate again.' }
  }
}
