import type { FileSystem, Place } from '../domain/filesystem.ts'
import { userAnnotations } from '../domain/manifest.ts'
import type { ClaimRef, PersistentVolume, PersistentVolumeClaim } from '../domain/volume.ts'

/**
 * The PersistentVolume on the file system that takes the place of `pv`: name, labels, capacity and the user's annotations as
 * they were, the claim's access modes, bound to the claim and, where the claim has one, to its uid.
 * @param place where its directory goes on the file system, empty for the root; and what the driver is to know it by
 */
export function replacementOf(
  pv: PersistentVolume,
  claim: PersistentVolumeClaim | undefined,
  { subdir, handle }: Pick<Place, 'subdir' | 'handle'>,
  { volumes }: FileSystem,
): PersistentVolume {
  const { name, labels } = pv.metadata
  const annotations = userAnnotations(pv)
  const claimRef = claim ? claimRefTo(claim) : reservation(pv.spec.claimRef)
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) },
    spec: {
      ...(pv.spec.capacity ? { capacity: pv.spec.capacity } : {}),
      volumeMode: 'Filesystem',
      accessModes: claim?.spec.accessModes ?? pv.spec.accessModes ?? [],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: pv.spec.storageClassName ?? '',
      ...(claimRef ? { claimRef } : {}),
      ...volumes.sourceFor({
        name,
        subdir,
        ...(handle === undefined ? {} : { handle }),
        ...(claimRef ? { claim: claimRef } : {}),
      }),
    },
  }
}

/** A volume on the file system that somebody made by hand, bound to the very claim: all that was missing is the uid. */
export function boundTo(pv: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { name, labels } = pv.metadata
  const annotations = userAnnotations(pv)
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) },
    spec: { ...pv.spec, storageClassName: pv.spec.storageClassName ?? '', claimRef: claimRefTo(claim) },
  }
}

function claimRefTo(claim: PersistentVolumeClaim): ClaimRef {
  const { namespace, name, uid } = claim.metadata
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, ...(uid === undefined ? {} : { uid }) }
}

/** What a volume without a claim is reserved for, if anything: no uid, for that claim was never bound. */
function reservation(claimRef: ClaimRef | undefined): ClaimRef | undefined {
  if (!claimRef) return undefined
  const { uid, resourceVersion, ...rest } = claimRef
  return rest
}
