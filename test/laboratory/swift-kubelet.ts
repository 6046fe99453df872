import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { connect } from '../../src/cluster/connect.ts'
import { refOf } from '../../src/domain/object.ts'
import type { Pod } from '../../src/workloads/pod.ts'

/** Milliseconds between two looks at the pods that are ending. */
const LOOK = 200

/**
 * Lets pods that have ended be gone at once. A kubelet of 1.20 takes its pod off the server only when nothing of its
 * sandbox is left, and looks for sandboxes that are left once a minute: nearly every pod that is stopped would be waited
 * for up to a minute in which nothing happens any more. So what the kubelet does then is done as soon as the containers
 * have ended and the volumes are unmounted, which are its other conditions.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const state = process.env.JUICIFY_TEST_STATE ?? path.dirname(process.env.KUBECONFIG ?? '')
  // another cluster's nodes are not to be looked into
  if (process.env.JUICIFY_TEST_CLUSTER !== '1' || !existsSync(path.join(state, 'node1', 'kubelet')))
    return async () => {}
  const cluster = await connect()
  const stop = new AbortController()
  const ending = new Map<string, Pod>()
  const following = follow(cluster, ending, stop.signal)
  const removing = removeEnded(cluster, ending, state, stop.signal)
  return async () => {
    stop.abort()
    await Promise.all([following, removing])
    cluster.close()
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

async function removeEnded(
  cluster: Cluster,
  ending: Map<string, Pod>,
  state: string,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    for (const [uid, pod] of ending) {
      if (!hasEnded(pod) || hasVolumes(pod, state)) continue
      ending.delete(uid)
      await cluster.delete(refOf(pod), { gracePeriodSeconds: 0 })
    }
    await pause(LOOK, undefined, { signal }).catch(() => {})
  }
}

/** True if its containers have run, and none does any more; one of which nothing is left counts as waiting. */
function hasEnded({ status }: Pod): boolean {
  const containers = status?.containerStatuses ?? []
  return status?.phase !== 'Pending' && containers.length > 0 && containers.every(({ state }) => !state?.running)
}

function hasVolumes({ metadata, spec }: Pod, state: string): boolean {
  const volumes = path.join(state, spec.nodeName ?? '', 'kubelet', 'pods', metadata.uid ?? '', 'volumes')
  return (
    existsSync(volumes) && readdirSync(volumes).some((plugin) => readdirSync(path.join(volumes, plugin)).length > 0)
  )
}
