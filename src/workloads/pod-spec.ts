import type { KubeObject } from '../domain/object.ts'
import type { Mount } from './workload-kind.ts'

/** What is read of a pod's spec here; whatever else is there stays there. */
export interface PodSpec {
  volumes?: PodVolume[]
  containers?: Container[]
  initContainers?: Container[]
  ephemeralContainers?: Container[]
  tolerations?: { key?: string; operator?: string; effect?: string; tolerationSeconds?: number; value?: string }[]
  nodeSelector?: Record<string, string>
  nodeName?: string
  securityContext?: { fsGroup?: number; [field: string]: unknown }
  [field: string]: unknown
}

/** What a controller makes its pods from. */
export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }
  spec?: PodSpec
}

export interface PodVolume {
  name: string
  persistentVolumeClaim?: { claimName: string; readOnly?: boolean }
  ephemeral?: unknown
  secret?: { secretName?: string }
  projected?: unknown
  [field: string]: unknown
}

export interface Container {
  volumeMounts?: { name: string; mountPath?: string; readOnly?: boolean; [field: string]: unknown }[]
  volumeDevices?: { name: string }[]
  [field: string]: unknown
}

/**
 * The claims that a pod of this spec mounts, each once, in the order of its volumes. `podName`, where there is a pod
 * already, names the claims of its generic ephemeral volumes (`<pod>-<volume>`).
 */
export function mountsOfPodSpec(spec: PodSpec, podName?: string): Mount[] {
  const mounts = new Map<string, boolean>()
  for (const volume of spec.volumes ?? []) {
    const claim = claimOf(volume, podName)
    if (claim === undefined) continue
    const writes = volume.persistentVolumeClaim?.readOnly !== true && isMountedToWrite(spec, volume.name)
    mounts.set(claim, writes || (mounts.get(claim) ?? false))
  }
  return [...mounts].map(([claim, writes]) => ({ claim, writes }))
}

/** Those of `claims` that a pod of this template mounts. */
export function mountsOfTemplate(template: PodTemplate | undefined, claims: ReadonlySet<string>): Mount[] {
  return mountsOfPodSpec(template?.spec ?? {}).filter(({ claim }) => claims.has(claim))
}

function claimOf(volume: PodVolume, podName: string | undefined): string | undefined {
  if (volume.persistentVolumeClaim) return volume.persistentVolumeClaim.claimName
  return volume.ephemeral && podName !== undefined ? `${podName}-${volume.name}` : undefined
}

function isMountedToWrite(spec: PodSpec, volume: string): boolean {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = spec
  return [...containers, ...initContainers, ...ephemeralContainers].some(
    ({ volumeMounts = [], volumeDevices = [] }) =>
      volumeMounts.some(({ name, readOnly }) => name === volume && readOnly !== true) ||
      volumeDevices.some(({ name }) => name === volume),
  )
}

/** Volumes in any place of a custom resource: as in a pod's spec, or as Volcano names them. */
export function mountsAnywhere(object: KubeObject, claims: ReadonlySet<string>): Mount[] {
  const found = new Map<string, boolean>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { persistentVolumeClaim, volumeClaimName } = value as {
      persistentVolumeClaim?: { claimName?: unknown; readOnly?: unknown }
      volumeClaimName?: unknown
    }
    note(persistentVolumeClaim?.claimName, persistentVolumeClaim?.readOnly !== true)
    note(volumeClaimName, true)
    for (const part of Object.values(value)) visit(part)
  }
  const note = (claim: unknown, writes: boolean): void => {
    if (typeof claim === 'string' && claims.has(claim)) found.set(claim, writes || (found.get(claim) ?? false))
  }
  visit(object.spec)
  return [...found].map(([claim, writes]) => ({ claim, writes }))
}
