import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cluster } from '../src/cluster/cluster.ts'
import { away } from './away.ts'
import { batch } from './batch.ts'
import type { Section } from './figures.ts'
import { group } from './group.ts'
import { MIGRATION } from './laboratory.ts'
import { plan } from './plan.ts'
import { type Finished, run } from './processes.ts'
import { requests } from './requests.ts'
import { start } from './start.ts'
import { tree } from './tree.ts'

/** What every measure works with. */
export interface Bench {
  /** The bundled command. */
  juicify: string
  quick: boolean
  rounds: number
  image: string
  auditLog: string | undefined
  cluster: { cluster: Cluster; why?: undefined } | { cluster?: undefined; why: string }
  /** The migration that selects the benchmark's volumes, as a file. */
  migration: string
  /** Runs juicify as a process of its own, with a home of its own. */
  run(args: string[], keep?: boolean): Promise<Finished>
}

/** Brings back what the benchmark has moved, and nothing of anybody else's. */
export const ROLLBACK = ['rollback', '-n', 'bench-*', '--yes', '-o', 'json']

export type Result = Omit<Section, 'title'>

export interface Measure {
  title: string
  take(bench: Bench): Promise<Result>
}

export const MEASURES: Record<string, Measure> = {
  start: { title: 'Start: whole processes', take: start },
  away: {
    title: 'Away: from the deletion of a volume until it and its claim are Bound',
    take: (bench) => onCluster(bench, away),
  },
  group: { title: 'Away: a group of 12 volumes with its workloads', take: (bench) => onCluster(bench, group) },
  batch: { title: 'Batch: volumes that nothing uses', take: (bench) => onCluster(bench, batch) },
  requests: { title: 'Requests, as the server counts them', take: (bench) => onCluster(bench, requests) },
  tree: { title: 'Plan: where the volumes lie, in memory', take: tree },
  plan: { title: 'Plan: volumes with a claim and three pods each', take: (bench) => onCluster(bench, plan) },
}

async function onCluster(bench: Bench, take: (bench: Bench, cluster: Cluster) => Promise<Result>): Promise<Result> {
  const { cluster, why } = bench.cluster
  return cluster ? take(bench, cluster) : { figures: [], skipped: `no cluster: ${why}` }
}

export async function makeBench(choice: Omit<Bench, 'migration' | 'run'>): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'juicify-bench-'))
  const migration = join(folder, 'bench.yaml')
  await writeFile(migration, MIGRATION)
  const env = { XDG_STATE_HOME: folder }
  return {
    ...choice,
    migration,
    // 4: rolled back
    run: (args, keep) => run(process.execPath, [choice.juicify, ...args], { env, keep, accept: [0, 4] }),
  }
}
