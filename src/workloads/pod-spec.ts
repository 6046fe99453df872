import type { KubeObject } from '../domain/object.ts'
import type { Scheduling, VolumeWishes } from '../domain/workload.ts'
import type { Mount } from './workload-kind.ts'

/** What is read of a pod's spec here; whatever else is there stays there. */
export interface PodSpec extends Scheduling {
  volumes?: PodVolume[]
  containers?: Container[]
  initContainers?: Container[]
  ephemeralContainers?: Container[]
  nodeName?: string
  securityContext?: { fsGroup?: number; seLinuxOptions?: object; [field: string]: unknown }
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
  volumeMounts?: {
    name: string
    mountPath?: string
    readOnly?: boolean
    mountPropagation?: string
    subPath?: string
    subPathExpr?: string
    [field: string]: unknown
  }[]
  securityContext?: { seLinuxOptions?: object; [field: string]: unknown }
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

/** What a pod of this spec asks for that a CSI volume gets otherwise than a host path; undefined where that is nothing. */
export function wishesOf(spec: PodSpec, podName?: string): VolumeWishes | undefined {
  const { containers = [], initContainers = [], ephemeralContainers = [], volumes = [] } = spec
  const all = [...containers, ...initContainers, ...ephemeralContainers]
  const claims = new Map(volumes.map((volume) => [volume.name, claimOf(volume, podName)]))
  const propagated = new Set<string>()
  const subPaths = new Map<string, { claim: string; path?: string }>()
  for (const { name, mountPropagation = 'None', subPath, subPathExpr } of all.flatMap(
    (each) => each.volumeMounts ?? [],
  )) {
    const claim = claims.get(name)
    if (claim === undefined) continue
    if (mountPropagation !== 'None') propagated.add(claim)
    if (subPathExpr) subPaths.set(`${claim}:`, { claim })
    else if (subPath) subPaths.set(`${claim}:${subPath}`, { claim, path: subPath })
  }
  const seLinux = [spec, ...all].some(({ securityContext }) => securityContext?.seLinuxOptions !== undefined)
  if (propagated.size === 0 && subPaths.size === 0 && !seLinux) return undefined
  return {
    ...(propagated.size > 0 ? { propagated: [...propagated] } : {}),
    ...(subPaths.size > 0 ? { subPaths: [...subPaths.values()] } : {}),
    ...(seLinux ? { seLinux } : {}),
  }
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
