import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { connect } from '../../src/cluster/connect.ts'
import { removeCopy } from '../../src/copy/copy.ts'
import type { CopyRequest } from '../../src/copy/request.ts'
import type { CopySettings } from '../../src/domain/migration.ts'

/** Why the cluster's tests cannot run here; undefined where they can. */
export const missing =
  process.env.JUICIFY_TEST_CLUSTER === '1' && process.env.KUBECONFIG
    ? undefined
    : 'needs JUICIFY_TEST_CLUSTER=1 and a KUBECONFIG of a cluster with two nodes'

/** The cluster's folder: its nodes' disks and the file system are in it. */
export const state = process.env.JUICIFY_TEST_STATE ?? path.dirname(process.env.KUBECONFIG ?? '')

/** What pods on a node see as `/data/copy/<name>`, as a path here. */
export function onNode(node: string, name: string): string {
  return path.join(state, node, 'data', 'copy', name)
}

/** What is on the file system at `copy/<name>`, as a path here. */
export function onTarget(name: string): string {
  return path.join(state, 'jfs', 'zj-juicefs', 'copy', name)
}

export function openCluster(): Promise<Cluster & { close(): void }> {
  return connect({ kubeconfig: process.env.KUBECONFIG })
}

/** A request whose directory and place are empty; the directory is there on every node that is named. */
export async function freshRequest(
  cluster: Cluster,
  name: string,
  {
    nodes = ['node1'],
    staying = [],
    settings = {},
  }: { nodes?: string[]; staying?: string[]; settings?: Partial<CopySettings> } = {},
): Promise<CopyRequest> {
  const group = `copy-${name}`
  await removeCopy(cluster, group)
  rmSync(onTarget(name), { recursive: true, force: true })
  for (const node of nodes) {
    rmSync(onNode(node, name), { recursive: true, force: true })
    mkdirSync(onNode(node, name), { recursive: true })
  }
  const directory = `/data/copy/${name}`
  return {
    group,
    directory,
    subdir: `copy/${name}`,
    nodes,
    staying: staying.map((path) => `${directory}/${path}`),
    target: {
      driver: 'csi.juicefs.com',
      secretRef: { name: 'juicefs-sc-secret', namespace: 'kube-system' },
      volumeAttributes: {},
      mountOptions: [],
    },
    settings: { mode: 'copy', mover: 'rsync', image: 'local/tools:1', ...settings },
  }
}

/** Forgets that a copy of ours has been at the request's place. */
export async function forget(cluster: Cluster): Promise<void> {
  const kind = { apiVersion: 'v1', kind: 'ConfigMap' }
  const { items } = await cluster.list(kind, { namespace: 'juicify' })
  const marks = items.filter(({ metadata }) => metadata.name.startsWith('juicify-copied-'))
  for (const { metadata } of marks) await cluster.delete({ ...kind, namespace: 'juicify', name: metadata.name })
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
