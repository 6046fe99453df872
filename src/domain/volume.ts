import type { KubeObject, ObjectMeta } from './object.ts'
import type { LabelSelector, NodeSelectorTerm } from './selector.ts'

/** The binding of a PersistentVolume to its claim, as Kubernetes keeps it in `spec.claimRef`. */
export interface ClaimRef {
  apiVersion?: string
  kind?: string
  namespace: string
  name: string
  uid?: string
  resourceVersion?: string
}

export interface PersistentVolume extends KubeObject {
  kind: 'PersistentVolume'
  spec: {
    capacity?: Record<string, string>
    accessModes?: string[]
    persistentVolumeReclaimPolicy?: string
    storageClassName?: string
    volumeMode?: string
    mountOptions?: string[]
    claimRef?: ClaimRef
    nodeAffinity?: { required?: { nodeSelectorTerms?: NodeSelectorTerm[] } }
    hostPath?: { path: string; type?: string }
    local?: { path: string; fsType?: string }
    csi?: {
      driver: string
      volumeHandle: string
      fsType?: string
      readOnly?: boolean
      volumeAttributes?: Record<string, string>
      nodePublishSecretRef?: { name: string; namespace: string }
      nodeStageSecretRef?: { name: string; namespace: string }
      controllerPublishSecretRef?: { name: string; namespace: string }
    }
    nfs?: { server: string; path: string; readOnly?: boolean }
    [field: string]: unknown
  }
  status?: { phase?: string; reason?: string; message?: string }
}

export interface PersistentVolumeClaim extends KubeObject {
  kind: 'PersistentVolumeClaim'
  metadata: ObjectMeta & { namespace: string }
  spec: {
    accessModes?: string[]
    resources?: { requests?: Record<string, string> }
    storageClassName?: string
    volumeMode?: string
    volumeName?: string
    selector?: LabelSelector
    [field: string]: unknown
  }
  status?: { phase?: string; accessModes?: string[]; capacity?: Record<string, string> }
}

/** Fields of a PV's spec that say nothing of what it is of. */
const NO_SOURCE = new Set([
  'capacity',
  'accessModes',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeMode',
  'mountOptions',
  'claimRef',
  'nodeAffinity',
  'volumeAttributesClassName',
])

/** What a PV is of: the field of its spec that says so, with the driver where it has one: `nfs`, `csi nfs.csi.k8s.io`. */
export function sourceOf({ spec }: PersistentVolume): string {
  const field = Object.keys(spec).find((key) => !NO_SOURCE.has(key) && typeof spec[key] === 'object')
  const { driver } = (field === undefined ? {} : spec[field]) as { driver?: string }
  return [field ?? 'of an unknown kind', ...(driver === undefined ? [] : [driver])].join(' ')
}

/** The directory that a PV keeps on a node's disk, as its manifest writes it; none where it is of another kind. */
export function directoryOf(pv: PersistentVolume): string | undefined {
  return pv.spec.hostPath?.path ?? pv.spec.local?.path
}

/** True for a mount option that says which directory is mounted, in whichever spelling a driver, or mount itself, reads it. */
export function isSubdirOption(option: string): boolean {
  return /^[\s-]*(o\s+)?subdir\s*(=|$)/i.test(option)
}

/**
 * What decides where a volume's files are, and whose it is, by field. Not its other mount options: people and policies of
 * the cluster add to them and take from them, and it is the same volume still.
 */
export function identityOf({ spec }: PersistentVolume): Record<string, string> {
  const { hostPath, local, csi, nfs, mountOptions = [], claimRef } = spec
  const subdirs = mountOptions.flatMap((option) => option.split(',')).filter(isSubdirOption)
  // a driver may be told the directory in them
  const attributes = Object.entries(csi?.volumeAttributes ?? {})
  const fields = {
    'spec.hostPath.path': hostPath?.path,
    'spec.local.path': local?.path,
    'spec.csi.driver': csi?.driver,
    'spec.csi.volumeHandle': csi?.volumeHandle,
    'spec.nfs.server': nfs?.server,
    'spec.nfs.path': nfs?.path,
    'spec.mountOptions': subdirs.length > 0 ? subdirs.join(',') : undefined,
    'spec.claimRef.namespace': claimRef?.namespace,
    'spec.claimRef.name': claimRef?.name,
    'spec.claimRef.uid': claimRef?.uid,
  }
  const told = attributes.map(([key, value]) => [`spec.csi.volumeAttributes.${key}`, value] as const)
  return Object.fromEntries(
    [...Object.entries(fields), ...told].flatMap(([field, value]) => (value ? [[field, value]] : [])),
  )
}
