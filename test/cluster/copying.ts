import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { removeCopy } from '../../src/copy/copy.ts'
import type { CopyTask } from '../../src/copy/task.ts'
import type { CopySettings } from '../../src/domain/migration.ts'
import { state } from '../laboratory/real.ts'

export { differences, inNode, missing, openCluster } from '../laboratory/real.ts'

/** What pods on a node see as `/data/copy/<name>`, as a path here. */
export function onNode(node: string, name: string): string {
  return path.join(state, node, 'data', 'copy', name)
}

/** What is on the file system at `copy/<name>`, as a path here. */
export function onTarget(name: string): string {
  return path.join(state, 'jfs', 'zj-juicefs', 'copy', name)
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
): Promise<CopyTask> {
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
