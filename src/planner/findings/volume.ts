import { isBelow } from '../../domain/directory.ts'
import type { FileSystem } from '../../domain/filesystem.ts'
import type { Finding } from '../../domain/finding.ts'
import { PV_PROTECTION } from '../../domain/manifest.ts'
import { compareQuantities } from '../../domain/quantity.ts'
import { selectsLabels } from '../../domain/selector.ts'
import { finding } from '../../words/finding.ts'
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

/**
 * What provisioners keep a volume by until they have deleted its data, where its reclaim policy is Delete; where that is
 * Retain they take it off again.
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#persistentvolume-deletion-protection-finalizer
 */
const PROVISIONERS = ['kubernetes.io/pv-controller', 'external-provisioner.volume.kubernetes.io/finalizer']

const deletion: Check = ({ pv }, group) => {
  const about = { object: volumeRef(pv), group }
  const foreign = pv.metadata.finalizers?.filter((name) => name !== PV_PROTECTION) ?? []
  if (foreign.length > 0) {
    const isProvisioners =
      pv.spec.persistentVolumeReclaimPolicy === 'Delete' && foreign.every((name) => PROVISIONERS.includes(name))
    return [
      finding('block', 'foreign-finalizer', about, {
        finalizers: foreign,
        ...(isProvisioners ? { provisioned: pv.metadata.name } : {}),
      }),
    ]
  }
  if (!pv.metadata.deletionTimestamp) return []
  return [finding('note', 'stuck-terminating', about, {})]
}

const claimState: Check = ({ pv, claim }, group) => {
  const bound = pv.spec.claimRef
  if (!bound || (!claim && bound.uid === undefined)) {
    const reservedFor = bound && `${bound.namespace}/${bound.name}`
    return [
      finding('note', 'unclaimed', { object: volumeRef(pv), group }, reservedFor === undefined ? {} : { reservedFor }),
    ]
  }
  const object = claimRef(bound.namespace, bound.name)
  const about = { object, group }
  if (!claim || (bound.uid !== undefined && bound.uid !== claim.metadata.uid)) {
    return [finding('block', 'claim-missing', about, { volume: pv.metadata.name, replaced: claim !== undefined })]
  }
  if (claim.metadata.deletionTimestamp) {
    return [finding('block', 'claim-deleting', about, {})]
  }
  if (isLostTo(pv, claim)) {
    return [finding('note', 'claim-lost', about, { volume: pv.metadata.name, there: true })]
  }
  if (claim.status?.phase === 'Bound' && claim.spec.volumeName === pv.metadata.name) return []
  return [
    finding('block', 'claim-not-bound', about, {
      volume: pv.metadata.name,
      phase: claim.status?.phase,
      other: claim.spec.volumeName === pv.metadata.name ? undefined : (claim.spec.volumeName ?? ''),
      namespace: bound.namespace,
      claim: bound.name,
    }),
  ]
}

const reclaimPolicy: Check = ({ pv }, group) => {
  const policy = pv.spec.persistentVolumeReclaimPolicy ?? 'Retain'
  if (policy === 'Retain') return []
  return [finding('warn', 'reclaim-policy', { object: volumeRef(pv), group }, { policy })]
}

/** What the kernel and the programs of a node keep below these is in memory, or is a device. */
const NOT_ON_DISK = ['/dev', '/proc', '/sys', '/run', '/var/run']

const modes: Check = ({ pv, claim, directory }, group, { title }) => {
  const about = { object: volumeRef(pv), group }
  if (pv.spec.volumeMode === 'Block') {
    return [finding('block', 'block-mode', about, { title })]
  }
  const type = pv.spec.hostPath?.type ?? ''
  if (!['', 'Directory', 'DirectoryOrCreate'].includes(type)) {
    return [finding('block', 'not-a-directory', about, { type })]
  }
  if (NOT_ON_DISK.some((above) => directory === above || isBelow(directory, above))) {
    return [finding('block', 'not-a-directory', about, { directory })]
  }
  const accessModes = claim?.spec.accessModes ?? pv.spec.accessModes ?? []
  const readOnly = accessModes.length > 0 && accessModes.every((mode) => mode === 'ReadOnlyMany')
  if (!readOnly && !pv.spec.mountOptions?.includes('ro')) return []
  return [finding('note', 'read-only', about, {})]
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
      ? [finding('warn', 'request-exceeds-capacity', about, { requested, volume: pv.metadata.name, capacity })]
      : []),
    ...(misses ? [finding('warn', 'selector-mismatch', about, { volume: pv.metadata.name })] : []),
  ]
}
