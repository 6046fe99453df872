import type { FileSystem } from '../../domain/filesystem.ts'
import { type Finding, finding } from '../../domain/finding.ts'
import { PV_PROTECTION } from '../../domain/manifest.ts'
import { describeRef } from '../../domain/object.ts'
import { compareQuantities } from '../../domain/quantity.ts'
import { selectsLabels } from '../../domain/selector.ts'
import { type Candidate, isLostTo } from '../candidate.ts'
import { type Context, claimRef, volumeRef } from './context.ts'

type Check = (candidate: Candidate, group: string, fileSystem: FileSystem) => Finding[]

/** The state of each volume that is to move, and of its claim. */
export function volumeFindings({ drafts, fileSystem }: Context): Finding[] {
  const checks: Check[] = [deletion, claimState, reclaimPolicy, modes, claimFit]
  return drafts.flatMap(({ name, moving }) =>
    moving.flatMap((candidate) => checks.flatMap((check) => check(candidate, name, fileSystem))),
  )
}

const deletion: Check = ({ pv }, group) => {
  const about = { object: volumeRef(pv), group }
  const foreign = pv.metadata.finalizers?.filter((name) => name !== PV_PROTECTION) ?? []
  if (foreign.length > 0) {
    return [
      finding(
        'block',
        'foreign-finalizer',
        about,
        `Something else holds it with ${foreign.join(', ')}: deleted, it would stay until that is taken off, and juicify takes off Kubernetes' own only.`,
        'See what put it there; without it, plan again.',
      ),
    ]
  }
  if (!pv.metadata.deletionTimestamp) return []
  return [
    finding(
      'note',
      'stuck-terminating',
      about,
      'Somebody deleted it, and it waits for its claim to let go. The swap finishes that, and puts the new one in its place.',
      'Nothing; do not delete the claim.',
    ),
  ]
}

const claimState: Check = ({ pv, claim }, group) => {
  const bound = pv.spec.claimRef
  if (!bound || (!claim && bound.uid === undefined)) {
    return [
      finding(
        'note',
        'unclaimed',
        { object: volumeRef(pv), group },
        'No claim is bound to it. Its replacement is made as free as it is.',
        'Nothing; exclude it if it is a left-over.',
      ),
    ]
  }
  const object = claimRef(bound.namespace, bound.name)
  const about = { object, group }
  if (!claim || (bound.uid !== undefined && bound.uid !== claim.metadata.uid)) {
    return [
      finding(
        'block',
        'claim-missing',
        about,
        `${pv.metadata.name} is bound to it, but ${claim ? 'another claim has taken its name' : 'it is not there'}.`,
        'Make a claim for the volume, or exclude it.',
      ),
    ]
  }
  if (claim.metadata.deletionTimestamp) {
    return [
      finding(
        'block',
        'claim-deleting',
        about,
        'It is being deleted, and waits for the pods that use it.',
        'Let it go and create it again, or exclude its volume.',
      ),
    ]
  }
  if (isLostTo(pv, claim)) {
    return [
      finding(
        'note',
        'claim-lost',
        about,
        `It is Lost: ${pv.metadata.name} was made again without its uid, as happens by hand. The swap gives the volume that uid, and they are bound again.`,
        'Nothing; do not delete the claim.',
      ),
    ]
  }
  if (claim.status?.phase === 'Bound' && claim.spec.volumeName === pv.metadata.name) return []
  return [
    finding(
      'block',
      'claim-not-bound',
      about,
      `${pv.metadata.name} names it, but it is ${claim.status?.phase ?? 'new'}${claim.spec.volumeName === pv.metadata.name ? '' : `, for ${claim.spec.volumeName ?? 'no volume'}`}.`,
      `A claim that was just made may take half a minute: plan again. Else see why with: kubectl describe pvc -n ${bound.namespace} ${bound.name}`,
    ),
  ]
}

const reclaimPolicy: Check = ({ pv }, group) => {
  const policy = pv.spec.persistentVolumeReclaimPolicy ?? 'Retain'
  if (policy === 'Retain') return []
  return [
    finding(
      'warn',
      'reclaim-policy',
      { object: volumeRef(pv), group },
      `Its reclaim policy is ${policy}: Kubernetes would dispose of the data once the claim is gone. It is set to Retain, and read back, before anything else; a rollback gives it ${policy} again.`,
      'Nothing, unless the data is to be kept for good: then set Retain yourself.',
    ),
  ]
}

const modes: Check = ({ pv, claim }, group, { title }) => {
  const about = { object: volumeRef(pv), group }
  if (pv.spec.volumeMode === 'Block') {
    return [
      finding('block', 'block-mode', about, `It is a raw block device, and ${title} is a file system.`, 'Exclude it.'),
    ]
  }
  const type = pv.spec.hostPath?.type ?? ''
  if (!['', 'Directory', 'DirectoryOrCreate'].includes(type)) {
    return [
      finding(
        'block',
        'not-a-directory',
        about,
        `Its host path is of type ${type}, and only directories move.`,
        'Exclude it.',
      ),
    ]
  }
  const accessModes = claim?.spec.accessModes ?? pv.spec.accessModes ?? []
  const readOnly = accessModes.length > 0 && accessModes.every((mode) => mode === 'ReadOnlyMany')
  if (!readOnly && !pv.spec.mountOptions?.includes('ro')) return []
  return [
    finding(
      'note',
      'read-only',
      about,
      "Its users only read. The replacement has the same access modes; the data gets there by a claim of juicify's own.",
      'Nothing.',
    ),
  ]
}

const claimFit: Check = ({ pv, claim }, group) => {
  if (!claim) return []
  const { namespace, name } = claim.metadata
  const about = { object: claimRef(namespace, name), group }
  const requested = claim.spec.resources?.requests?.storage
  const capacity = pv.spec.capacity?.storage
  const tooMuch = requested !== undefined && capacity !== undefined && (compareQuantities(requested, capacity) ?? 0) > 0
  const misses = claim.spec.selector && !selectsLabels(claim.spec.selector, pv.metadata.labels)
  return [
    ...(tooMuch
      ? [
          finding(
            'warn',
            'request-exceeds-capacity',
            about,
            `It asks for ${requested}, and ${pv.metadata.name} has ${capacity}. Bound as they are they stay so, but created anew they would not bind.`,
            'Keep the claim; if it has to be made again, ask for less.',
          ),
        ]
      : []),
    ...(misses
      ? [
          finding(
            'warn',
            'selector-mismatch',
            about,
            `Its selector does not match the labels of ${describeRef({ kind: 'PersistentVolume', name: pv.metadata.name })}. Bound as they are they stay so, but created anew they would not bind.`,
            'Give the volume the labels that the selector wants.',
          ),
        ]
      : []),
  ]
}
