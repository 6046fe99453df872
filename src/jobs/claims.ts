import type { Cluster, Deadline } from '../cluster/cluster.ts'
import { pause } from '../cluster/signal.ts'
import { Failure } from '../domain/failure.ts'
import { ANNOTATION, NAMESPACE } from '../domain/names.ts'
import { describeRef, type ObjectRef, refOf } from '../domain/object.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../domain/volume.ts'
import { createUnlessThere, removeObject } from './objects.ts'

/** Milliseconds that a claim may take to be bound; a controller that is awake takes one second. */
const BINDING = 60_000

/**
 * Makes sure that a volume of juicify's own and a claim of the same name on it, in juicify's namespace, are there and
 * bound to each other. Returns the name. Throws Failure where the claim is not bound within a minute.
 */
export async function ensureOwnClaim(
  cluster: Cluster,
  volume: PersistentVolume,
  signal?: AbortSignal,
): Promise<string> {
  const there = await cluster.find<PersistentVolume>(refOf(volume))
  // A volume whose claim is gone never binds again.
  if (there && (there.metadata.deletionTimestamp || there.status?.phase === 'Released'))
    await removeObject(cluster, there)
  const claim = ownClaim(volume)
  await createUnlessThere(cluster, volume)
  await createUnlessThere(cluster, claim)
  await waitUntilBound(cluster, claim, signal)
  return claim.metadata.name
}

function ownClaim({ metadata: { name, labels } }: PersistentVolume): PersistentVolumeClaim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: NAMESPACE, ...(labels ? { labels } : {}) },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: '',
      volumeName: name,
      resources: { requests: { storage: '1Gi' } },
    },
  }
}

/** Removes a claim of juicify's own, and its volume. */
export async function removeOwnClaim(cluster: Cluster, name: string): Promise<void> {
  for (const kind of ['PersistentVolumeClaim', 'PersistentVolume']) {
    const namespace = kind === 'PersistentVolume' ? {} : { namespace: NAMESPACE }
    const there = await cluster.find({ apiVersion: 'v1', kind, ...namespace, name })
    if (there) await removeObject(cluster, there)
  }
}

/**
 * Waits until the claim is bound; touches it, which wakes the controller that after a conflict would sleep for 15 s.
 * Throws Failure where it is not bound within a minute.
 */
export async function waitUntilBound(
  cluster: Cluster,
  claim: PersistentVolumeClaim,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = cluster.deadline(BINDING)
  await touchUntilBound(cluster, refOf(claim), deadline, signal).finally(deadline.clear)
}

async function touchUntilBound(
  cluster: Cluster,
  ref: ObjectRef,
  deadline: Deadline,
  signal?: AbortSignal,
): Promise<void> {
  for (let touches = 0; ; touches++) {
    const now = await cluster.get<PersistentVolumeClaim>(ref)
    if (now.status?.phase === 'Bound') return
    if (deadline.signal.aborted) {
      throw new Failure(`${describeRef(ref)} is not bound after ${BINDING / 1000} s, but ${now.status?.phase}`, {
        remedy: `See what kubectl describe pvc -n ${NAMESPACE} ${ref.name} says of it.`,
      })
    }
    signal?.throwIfAborted()
    const body = { metadata: { annotations: { [ANNOTATION.touched]: String(touches) } } }
    if (touches > 0) await cluster.patch(ref, { type: 'merge', body })
    await pause(200, signal)
  }
}
