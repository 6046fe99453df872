import type { Cluster } from '../src/cluster/cluster.ts'
import { away } from './away.ts'
import { batch } from './batch.ts'
import { catchUp } from './catch-up.ts'
import { group } from './group.ts'
import { plan } from './plan.ts'
import { requests } from './requests.ts'
import type { Bench, Result } from './setting.ts'
import { start } from './start.ts'
import { tree } from './tree.ts'

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
  'catch-up': { title: 'Downtime: what the Jobs take that workloads wait for', take: catchUp },
  plan: { title: 'Plan: volumes with a claim and three pods each', take: (bench) => onCluster(bench, plan) },
}

async function onCluster(bench: Bench, take: (bench: Bench, cluster: Cluster) => Promise<Result>): Promise<Result> {
  const { cluster, why } = bench.cluster
  return cluster ? take(bench, cluster) : { figures: [], skipped: `no cluster: ${why}` }
}
