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
    }
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
