import type { Cluster, Deadline } from '../cluster/cluster.ts'
import { pause } from '../cluster/signal.ts'
import { Failure } from '../domain/failure.ts'
import { ANNOTATION, NAMESPACE } from '../domain/names.ts'
import { describeRef, type KubeObject, type ObjectRef, refOf } from '../domain/object.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../domain/volume.ts'
import { worded } from '../words/trouble.ts'
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

/** The claim of juicify's own on a volume of its own. */
export function ownClaim({ metadata: { name, labels } }: PersistentVolume): PersistentVolumeClaim {
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

/** Removes the claims of juicify's own that a selector matches, and then the volumes made for such. */
export async function removeOwnClaims(cluster: Cluster, labelSelector: string): Promise<void> {
  for (const kind of KINDS) {
    const found = await ownOf(cluster, kind, labelSelector)
    await Promise.all(found.map((object) => removeObject(cluster, object)))
  }
}

/** Has those go that are stray, and waits for none: who needs one of that name waits until it is gone. */
export async function removeStrayClaims(
  cluster: Cluster,
  labelSelector: string,
  isStray: (object: KubeObject) => boolean,
): Promise<void> {
  for (const kind of KINDS) {
    const found = (await ownOf(cluster, kind, labelSelector)).filter(isStray)
    await Promise.all(found.map((object) => cluster.delete(refOf(object))))
  }
}

const KINDS = ['PersistentVolumeClaim', 'PersistentVolume'] as const

async function ownOf(cluster: Cluster, kind: (typeof KINDS)[number], labelSelector: string): Promise<KubeObject[]> {
  const namespace = kind === 'PersistentVolume' ? {} : { namespace: NAMESPACE }
  const { items } = await cluster.list<KubeObject>({ apiVersion: 'v1', kind }, { ...namespace, labelSelector })
  return items.filter(isOurs)
}

/** A volume is in no namespace, and may bear our labels because somebody made it from one of ours: ours is for a claim of ours. */
function isOurs({ kind, spec }: KubeObject): boolean {
  const { claimRef } = (spec ?? {}) as { claimRef?: { namespace?: string } }
  return kind !== 'PersistentVolume' || claimRef?.namespace === NAMESPACE
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
      throw new Failure(
        ...worded((say) => say.job.claimNotBound(BINDING / 1000, describeRef(ref), ref.name, now.status?.phase)),
      )
    }
    signal?.throwIfAborted()
    const body = { metadata: { annotations: { [ANNOTATION.touched]: String(touches) } } }
    if (touches > 0) await cluster.patch(ref, { type: 'merge', body })
    await pause(200, signal)
  }
}
