import { execFileSync } from 'node:child_process'
import path from 'node:path'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { connect } from '../../src/cluster/connect.ts'

/** Why the cluster's tests cannot run here; undefined where they can. */
export const missing =
  process.env.JUICIFY_TEST_CLUSTER === '1' && process.env.KUBECONFIG
    ? undefined
    : 'needs JUICIFY_TEST_CLUSTER=1 and a KUBECONFIG of a cluster with two nodes'

/** The cluster's folder: its nodes' disks and the file system are in it. */
export const state = process.env.JUICIFY_TEST_STATE ?? path.dirname(process.env.KUBECONFIG ?? '')

/** The version in which the server has CronJobs: `batch/v1beta1` up to 1.20, `batch/v1` from 1.21 on. */
export async function cronJobVersion(cluster: Cluster): Promise<'batch/v1' | 'batch/v1beta1'> {
  const { resources } = (await cluster.raw('GET', '/apis/batch/v1')) as { resources: { name: string }[] }
  return resources.some(({ name }) => name === 'cronjobs') ? 'batch/v1' : 'batch/v1beta1'
}

export function openCluster(): Promise<Cluster & { close(): void }> {
  return connect({ kubeconfig: process.env.KUBECONFIG })
}

/** What rsync itself would still have to do to make the second directory equal to the first; for a second opinion. */
export function differences(from: string, to: string, ...flags: string[]): string[] {
  const args = ['-rlptgoHAXcni', '--info=nonreg0', '--delete', '--numeric-ids', ...flags, `${from}/`, `${to}/`]
  return execFileSync('rsync', args, { encoding: 'latin1' }).split('\n').filter(Boolean)
}

/** Runs a command in the mount namespace of a node. */
export function inNode(node: string, ...command: string[]): void {
  const pid = execFileSync('cat', [path.join(state, `${node}.pid`)], { encoding: 'utf8' }).trim()
  const child = execFileSync('pgrep', ['-P', pid], { encoding: 'utf8' }).trim().split('\n')[0] ?? ''
  execFileSync('nsenter', ['-t', child, '-m', ...command])
}
