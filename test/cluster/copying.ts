import type { Cluster } from '../../src/cluster/cluster.ts'
import { removeCopy } from '../../src/copy/copy.ts'
import type { CopyTask } from '../../src/copy/task.ts'
import type { CopySettings } from '../../src/domain/migration.ts'
import { COPIED_PLACE_KIND } from '../../src/domain/own-kinds.ts'
import { ensureDefinitions } from '../../src/jobs/definitions.ts'
import { local, mkdir, onDisk, onJuiceFS, type RemotePath, rm, onNode as runOn } from '../laboratory/node-files.ts'

/** What pods on a node see as `/data/copy/<name>`. */
export function onNode(node: string, name: string): RemotePath {
  return onDisk(node, `/data/copy/${name}`)
}

/** What is on the file system at `copy/<name>`. */
export function onTarget(name: string): RemotePath {
  return onJuiceFS(`copy/${name}`)
}

/** Mounts something on a directory of its node, as a person there would: `mount -t tmpfs tmpfs` is to be followed by it. */
export async function mount(at: RemotePath, ...how: string[]): Promise<void> {
  await runOn(nodeOf(at), 'at=$1; shift; mount "$@" "$at"', local(at), ...how)
}

/** Takes away what is mounted on a directory. */
export async function unmount(at: RemotePath): Promise<void> {
  await runOn(nodeOf(at), 'umount "$1"', local(at))
}

/**
 * Lets two nodes see the same empty files at `/data/copy/<name>`, as those of a network file system: a folder of the one
 * that all nodes have. Resolves to what ends it.
 */
export async function shareDirectory(name: string, nodes: string[]): Promise<() => Promise<void>> {
  const folder = onJuiceFS(`shared/${name}`)
  await rm(folder)
  await mkdir(folder)
  for (const node of nodes) await mount(onNode(node, name), '--bind', local(folder))
  return async () => {
    for (const node of nodes) await unmount(onNode(node, name))
    await rm(folder)
  }
}

function nodeOf(at: RemotePath): string {
  return at.slice(0, at.indexOf(':'))
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
  await rm(onTarget(name))
  for (const node of nodes) {
    await rm(onNode(node, name))
    await mkdir(onNode(node, name))
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

/** Forgets that a copy of ours has been at the request's place, and defines the kind that says so, as a run does first. */
export async function forget(cluster: Cluster): Promise<void> {
  await ensureDefinitions(cluster)
  const { items } = await cluster.list(COPIED_PLACE_KIND)
  for (const { metadata } of items) await cluster.delete({ ...COPIED_PLACE_KIND, name: metadata.name })
}
