import type { Told } from '../domain/failure.ts'
import { PV_PROTECTION } from '../domain/manifest.ts'
import { ANNOTATION } from '../domain/names.ts'
import { identityOf, type PersistentVolume, type PersistentVolumeClaim } from '../domain/volume.ts'
import type { Wording } from '../words/trouble.ts'

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
  | { do: 'stop'; why: Wording<Told> }

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
    return { do: 'stop', why: (say) => say.swap.finalizer(pv.metadata.name, others) }
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
  const claim = `${spec.claimRef?.namespace}/${spec.claimRef?.name}`
  return { do: 'stop', why: (say) => say.swap.claimedSince(metadata.name, claim) }
}

/**
 * True if `pv` is what `manifest` describes: of the same source and directory, for the same claim. Labels, annotations,
 * other mount options and whatever controllers add may differ: people and the cluster's policies change them at any
 * time, and it is the same volume still.
 */
export function isVersionOf(pv: PersistentVolume, manifest: PersistentVolume): boolean {
  return whatDiffers(pv, manifest).length === 0
}

/** A field that is another than it should be; undefined where it is absent. */
export interface FieldDifference {
  field: string
  is: string | undefined
  expected: string | undefined
}

/**
 * In what `pv` is not what `manifest` describes, by field. Nobody's claim counts where the manifest is for none, nor what a
 * driver is told besides.
 */
export function whatDiffers(pv: PersistentVolume, manifest: PersistentVolume): FieldDifference[] {
  const [is, expected] = [identityOf(pv), identityOf(manifest)]
  const counts = (field: string) =>
    (manifest.spec.claimRef !== undefined || !field.startsWith('spec.claimRef.')) &&
    (expected[field] !== undefined || !field.startsWith('spec.csi.volumeAttributes.'))
  return [...new Set([...Object.keys(expected), ...Object.keys(is)])]
    .filter((field) => counts(field) && is[field] !== expected[field])
    .map((field) => ({ field, is: is[field], expected: expected[field] }))
}

function claimInTheWay(recorded: PersistentVolumeClaim, now: PersistentVolumeClaim | undefined): Action | undefined {
  const name = `${recorded.metadata.namespace}/${recorded.metadata.name}`
  const [was, is] = [recorded.metadata.uid, now?.metadata.uid]
  if (!now) return { do: 'stop', why: (say) => say.swap.claimDeleted(name) }
  if (is !== was) return { do: 'stop', why: (say) => say.swap.claimReplaced(name, was, is) }
  return now.metadata.deletionTimestamp ? { do: 'stop', why: (say) => say.swap.claimTerminating(name) } : undefined
}

function notOurs(pv: PersistentVolume, from: PersistentVolume, to: PersistentVolume): Action {
  const [fromRecorded, fromNew] = [whatDiffers(pv, from), whatDiffers(pv, to)]
  return {
    do: 'stop',
    why: ({ swap }) => swap.neither(pv.metadata.name, fromRecorded.map(swap.differs), fromNew.map(swap.differs)),
  }
}
