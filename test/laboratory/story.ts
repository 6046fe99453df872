import type { Cluster } from '../../src/cluster/cluster.ts'
import { type Connection, connect } from '../../src/cluster/connect.ts'
import type { Migration } from '../../src/domain/migration.ts'
import type { Plan } from '../../src/domain/plan.ts'
import type { Workload } from '../../src/domain/workload.ts'
import type { Event } from '../../src/engine/events.ts'
import type { GroupResult } from '../../src/engine/group-runner.ts'
import { readRecords } from '../../src/engine/record.ts'
import { apply, type RunOptions, resume, rollback } from '../../src/engine/run.ts'
import { makePlan } from '../../src/planner/plan.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts'
import { survey } from '../../src/survey/survey.ts'
import { findWorkloads } from '../../src/workloads/find.ts'
import { directTo } from './direct.ts'
import { laboratory } from './manifests.ts'
import { migration } from './migration.ts'

/** A laboratory on an embedded cluster, with everything in it running. */
export interface Story {
  sandbox: Sandbox
  cluster: Connection
  close(): Promise<void>
}

/** `objects` may be those of another sandbox, at any moment: then this one goes on from there. */
export async function begin(
  objects: unknown[] = laboratory(),
  more: Omit<SandboxOptions, 'objects'> = {},
): Promise<Story> {
  const sandbox = await startSandbox({ objects, ...more })
  const cluster = await connect({
    kubeconfigText: sandbox.kubeconfig,
    // its port is another each time
    title: 'the laboratory',
    transport: directTo(sandbox),
  })
  return {
    sandbox,
    cluster,
    async close() {
      cluster.close()
      await sandbox.close()
    },
  }
}

/** The plan of a migration, the laboratory's where none is given. */
export async function planOf(cluster: Cluster, given: Migration = migration()): Promise<Plan> {
  return makePlan(await survey(cluster, given), given, { wholeGroups: false, dangerousSplit: false })
}

export interface Told {
  events: Event[]
  options: RunOptions
}

let runs = 0

/** Options for a run that nobody watches, under a name of its own; dead ones are not waited for long. */
export function told(cluster: Cluster, more: Partial<RunOptions> = {}): Told {
  const events: Event[] = []
  const controller = new AbortController()
  const options: RunOptions = {
    cluster,
    settings: {
      stopTimeout: 20_000,
      startTimeout: 20_000,
      bindTimeout: 20_000,
      forceDeletePods: false,
      copyBack: false,
      rehearsal: true,
    },
    concurrency: 4,
    failFast: false,
    lease: { wait: 0, duration: 1, holder: `test:${++runs}` },
    emit: (event) => events.push(event),
    signal: controller.signal,
    stop: () => controller.abort(new Error('interrupted')),
    ...more,
  }
  return { events, options }
}

export async function applyAll(cluster: Cluster, plan: Plan): Promise<GroupResult[]> {
  return apply(plan, told(cluster).options)
}

export async function resumeAll(cluster: Cluster): Promise<GroupResult[]> {
  return resume(told(cluster).options)
}

/** What uses the volumes of each group that has a record, as a rollback wants to be told. */
export async function workloadsNow(
  cluster: Cluster,
  quiesce: Migration['quiesce'] = migration().quiesce,
): Promise<Map<string, Workload[]>> {
  const records = await readRecords(cluster)
  const now = await survey(cluster, migration())
  return new Map(
    records.map(({ kept: { group } }) => {
      const claims = group.volumes.flatMap(({ claim }) => (claim ? [claim.metadata] : []))
      return [group.name, findWorkloads(now, claims, quiesce)]
    }),
  )
}

export async function rollbackAll(cluster: Cluster, more: Partial<RunOptions> = {}): Promise<GroupResult[]> {
  return rollback(await workloadsNow(cluster), told(cluster, more).options)
}
