import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { refOf } from '../../src/domain/object.ts'
import type { Pod } from '../../src/workloads/pod.ts'
import { inNode, state } from './own-cluster.ts'
import { missing, openCluster } from './real.ts'

/** Milliseconds between two looks at the pods that are ending. */
const LOOK = 200

/**
 * Makes the two nodes of a test cluster behave as nodes do: `keepLogs` and, for a kubelet of 1.20, `removeEnded`.
 */
export default async function setup(): Promise<() => Promise<void>> {
  // another cluster's nodes are not to be looked into
  if (missing || !existsSync(path.join(state, 'node1', 'kubelet'))) return async () => {}
  for (const node of readdirSync(state).filter((name) => existsSync(path.join(state, name, 'kubelet')))) keepLogs(node)
  const cluster = await openCluster()
  const stop = new AbortController()
  const ending = new Map<string, Pod>()
  const work = Promise.all([follow(cluster, ending, stop.signal), removeEnded(cluster, ending, stop.signal)])
  // told at the end: without it the tests take longer, and find the same
  work.catch(() => {})
  return async () => {
    stop.abort()
    await work.finally(() => cluster.close())
  }
}

/**
 * Gives a node a place of its own for its pods' logs. They are all in this machine's /var/log, and every kubelet removes
 * the logs of pods that are not on its node, once a minute.
 */
function keepLogs(node: string): void {
  const mount = 'mountpoint -q /var/log/pods || { mkdir -p "$0" /var/log/pods && mount --bind "$0" /var/log/pods; }'
  inNode(node, 'sh', '-c', mount, path.join(state, node, 'pod-logs'))
}

/**
 * Lets pods that have ended be gone at once. A kubelet of 1.20 takes its pod off the server only when nothing of its
 * sandbox is left, and looks for sandboxes that are left once a minute: nearly every pod that is stopped would be waited
 * for up to a minute in which nothing happens any more. So what the kubelet does then is done as soon as the containers
 * have ended and the volumes are unmounted, which are its other conditions.
 */
async function removeEnded(cluster: Cluster, ending: Map<string, Pod>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const [uid, pod] of ending) {
      if (!hasEnded(pod) || hasVolumes(pod)) continue
      ending.delete(uid)
      // where it cannot be done the kubelet will
      await cluster.delete(refOf(pod), { gracePeriodSeconds: 0 }).catch(() => {})
    }
    await pause(LOOK, undefined, { signal }).catch(() => {})
  }
}

/** Keeps the pods that are being deleted, by their uid. */
async function follow(cluster: Cluster, ending: Map<string, Pod>, signal: AbortSignal): Promise<void> {
  for await (const { type, object } of cluster.watch<Pod>({ apiVersion: 'v1', kind: 'Pod' }, { signal })) {
    const { uid = '', deletionTimestamp } = object.metadata
    if (type === 'DELETED') ending.delete(uid)
    else if (deletionTimestamp) ending.set(uid, object)
  }
}

/** True if its containers have run, and none does any more; one of which nothing is left counts as waiting. */
function hasEnded({ status }: Pod): boolean {
  const containers = status?.containerStatuses ?? []
  return status?.phase !== 'Pending' && containers.length > 0 && containers.every(({ state }) => !state?.running)
}

function hasVolumes({ metadata, spec }: Pod): boolean {
  const volumes = path.join(state, spec.nodeName ?? '', 'kubelet', 'pods', metadata.uid ?? '', 'volumes')
  return (
    existsSync(volumes) && readdirSync(volumes).some((plugin) => readdirSync(path.join(volumes, plugin)).length > 0)
  )
}
