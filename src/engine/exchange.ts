import { PV_PROTECTION } from '../domain/manifest.ts'
import { ANNOTATION } from '../domain/names.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../domain/volume.ts'

/** A volume that is to take another's place under the same name; swap and its undo are both one of these. */
export interface Exchange {
  from: PersistentVolume
  to: PersistentVolume
  /** The claim as it was recorded; its uid is the one that `to` has to be bound to. */
  claim?: PersistentVolumeClaim
  /** The very object that is to be there in the end: where it never went away, there is nothing to do, whatever became of its claim. */
  untouched?: PersistentVolume
  /** The phase in which the volume has arrived: Bound, or Available where nobody had claimed it. */
  arrived: 'Bound' | 'Available' | 'any'
}

/** What the cluster shows of a volume at one moment. */
export interface ObservedVolume {
  pv?: PersistentVolume
  claim?: PersistentVolumeClaim
}

/** The next thing to do about an exchange; `stop` where going on would not be safe. */
export type Action =
  | { do: 'nothing' }
  | { do: 'retain'; pv: PersistentVolume }
  | { do: 'delete'; pv: PersistentVolume }
  | { do: 'release'; pv: PersistentVolume }
  | { do: 'create'; pv: PersistentVolume }
  | { do: 'bind' }
  | { do: 'stop'; why: string; remedy: string }

/**
 * Decides from what is there, and from nothing else, what brings an exchange forward. Asked again after every action it
 * ends in `nothing` or `stop`; so it does not matter where a run before this one was killed.
 *
 * The order is one that was tried on real clusters: with its policy at Retain (with any other the controller would
 * dispose of the data of a volume whose claim is gone) the PV is deleted (it turns Terminating), its
 * protection is taken off (it goes, the claim turns Lost), the new one is created with the claim's uid, and the claim is
 * touched until both are Bound. The claim itself is never deleted and its spec never changed.
 */
export function nextAction({ from, to, claim, untouched, arrived }: Exchange, sight: ObservedVolume): Action {
  if (untouched && isUntouched(untouched, sight)) return { do: 'nothing' }
  const wrongClaim = claim && claimInTheWay(claim, sight.claim)
  if (wrongClaim) return wrongClaim
  const { pv } = sight
  if (!pv) return { do: 'create', pv: to }
  const claimedSince = !claim && !pv.metadata.deletionTimestamp && isClaimed(pv) && !isClaimed(from)
  if ((isVersionOf(pv, to) || (claimedSince && isVersionOf(unclaimed(pv), to))) && !pv.metadata.deletionTimestamp) {
    return hasArrived(sight, arrived) ? { do: 'nothing' } : { do: 'bind' }
  }
  if (claimedSince) return claimInstead(pv)
  if (!isVersionOf(pv, from) && !isVersionOf(pv, to)) return notOurs(pv, from, to)
  if (!pv.metadata.deletionTimestamp)
    return { do: pv.spec.persistentVolumeReclaimPolicy === 'Retain' ? 'delete' : 'retain', pv }
  const others = (pv.metadata.finalizers ?? []).filter((finalizer) => finalizer !== PV_PROTECTION)
  if (others.length > 0) {
    return {
      do: 'stop',
      why: `PersistentVolume ${pv.metadata.name} is being deleted, and held by the finalizer ${others.join(', ')}, which is not Kubernetes' own.`,
      remedy: 'Let its owner finish (or remove it if the owner is gone for good), then run the same command again.',
    }
  }
  return { do: 'release', pv }
}

/** True if nothing of the volume has been exchanged: the very object that was recorded is there, and stays. */
export function isUntouched(original: PersistentVolume, { pv }: ObservedVolume): boolean {
  if (!pv || pv.metadata.uid !== original.metadata.uid) return false
  return Boolean(pv.metadata.deletionTimestamp) === Boolean(original.metadata.deletionTimestamp)
}

/** True if the volume is in place and, where it is claimed, bound on both sides, with no trace of our touch. */
function hasArrived({ pv, claim }: ObservedVolume, arrived: Exchange['arrived']): boolean {
  if (claim?.metadata.annotations?.[ANNOTATION.touched] !== undefined) return false
  if (arrived === 'any') return true
  if (!pv || !isThere(pv, arrived)) return false
  return arrived === 'Available' || claim?.status?.phase === 'Bound'
}

/** True if the volume is in the phase that it is to come to; one that nobody had claimed may be claimed at once. */
export function isThere({ status }: PersistentVolume, arrived: Exchange['arrived']): boolean {
  return arrived === 'any' || status?.phase === arrived || (arrived === 'Available' && status?.phase === 'Bound')
}

/** True if it is, or was, bound to a very claim, and not only reserved for one of that name. */
function isClaimed({ spec }: PersistentVolume): boolean {
  return spec.claimRef?.uid !== undefined
}

function unclaimed(pv: PersistentVolume): PersistentVolume {
  const { claimRef, ...spec } = pv.spec
  if (!claimRef) return pv
  const { uid, resourceVersion, ...reserved } = claimRef
  return { ...pv, spec: { ...spec, claimRef: reserved } }
}

/** It is not known who uses that claim, and nobody was stopped for it. */
function claimInstead({ metadata, spec }: PersistentVolume): Action {
  return {
    do: 'stop',
    why: `PersistentVolume ${metadata.name} was claimed by nobody when it was recorded, and belongs to PersistentVolumeClaim ${spec.claimRef?.namespace}/${spec.claimRef?.name} now.`,
    remedy:
      'Where it is not moved yet, juicify rollback and a new plan take the claim along. Where it is, leave it there: the claim has users of its own.',
  }
}

/**
 * True if `pv` is what `manifest` describes: the same source, mount options and claim. Labels, annotations and whatever
 * controllers add may differ: people may change them at any time, and it is the same volume still.
 */
export function isVersionOf(pv: PersistentVolume, manifest: PersistentVolume): boolean {
  return identity(pv, manifest.spec.claimRef !== undefined) === identity(manifest, manifest.spec.claimRef !== undefined)
}

/** Everything that decides where a volume's files are, and whose it is, as one string. */
function identity({ spec }: PersistentVolume, withClaim: boolean): string {
  const { hostPath, local, csi, mountOptions } = spec
  const claim = withClaim ? [spec.claimRef?.namespace, spec.claimRef?.name, spec.claimRef?.uid] : []
  return JSON.stringify([hostPath?.path, local?.path, csi && [csi.driver, csi.volumeHandle], mountOptions ?? [], claim])
}

function claimInTheWay(recorded: PersistentVolumeClaim, now: PersistentVolumeClaim | undefined): Action | undefined {
  const name = `${recorded.metadata.namespace}/${recorded.metadata.name}`
  if (!now) {
    return {
      do: 'stop',
      why: `PersistentVolumeClaim ${name} is gone: somebody has deleted it since the plan was recorded.`,
      remedy: 'Its manifest is in the record (juicify status -o yaml). Decide whether it is to be created again.',
    }
  }
  if (now.metadata.uid !== recorded.metadata.uid) {
    return {
      do: 'stop',
      why: `PersistentVolumeClaim ${name} is another one (uid ${now.metadata.uid}) than the one that was recorded (uid ${recorded.metadata.uid}).`,
      remedy:
        'Somebody deleted and created it again. Roll its group back or plan it anew, once it is clear which one is right.',
    }
  }
  if (now.metadata.deletionTimestamp) {
    return {
      do: 'stop',
      why: `PersistentVolumeClaim ${name} is being deleted.`,
      remedy:
        'A deletion cannot be taken back. Wait until it is gone, then decide whether the claim is to be created again.',
    }
  }
  return undefined
}

function notOurs(pv: PersistentVolume, from: PersistentVolume, to: PersistentVolume): Action {
  return {
    do: 'stop',
    why: `PersistentVolume ${pv.metadata.name} is neither the one that was recorded (${place(from)}) nor the one to come (${place(to)}), but ${place(pv)}.`,
    remedy: 'Somebody has changed it by hand. Put it back to one of the two, or plan anew.',
  }
}

/** Where a volume's files are, and whose it is, in a few words for a message. */
function place({ spec }: PersistentVolume): string {
  const where = spec.csi
    ? `${spec.csi.driver} ${(spec.mountOptions ?? []).find((option) => option.startsWith('subdir=')) ?? spec.csi.volumeHandle}`
    : (spec.hostPath?.path ?? spec.local?.path ?? 'of another kind')
  const whose = spec.claimRef
    ? ` for ${spec.claimRef.namespace}/${spec.claimRef.name} ${spec.claimRef.uid ?? 'without a uid'}`
    : ''
  return where + whose
}
