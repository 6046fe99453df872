import type { KubeObject, ObjectRef } from '../domain/object.ts'
import type { PodUse } from '../domain/workload.ts'

/** The part of a pod's spec that says what it uses; a template's is the same. */
export interface PodSpec {
  nodeName?: string
  hostNetwork?: boolean
  volumes?: PodVolume[]
  containers?: Container[]
  initContainers?: Container[]
  ephemeralContainers?: Container[]
}

interface PodVolume {
  name: string
  persistentVolumeClaim?: { claimName: string; readOnly?: boolean }
  hostPath?: { path: string }
  ephemeral?: unknown
}

interface Container {
  image?: string
  volumeMounts?: { name: string; readOnly?: boolean }[]
  ports?: { containerPort: number; hostPort?: number }[]
}

interface Pod extends KubeObject {
  spec: PodSpec
  status?: { phase?: string; podIP?: string }
}

/** What a migration asks about a pod, and nothing else: a cluster has tens of thousands. */
export function podUse(object: KubeObject): PodUse {
  const { metadata, spec, status } = object as Pod
  const controller = metadata.ownerReferences?.find((owner) => owner.controller)
  const hostPorts = containersOf(spec).flatMap(({ ports = [] }) =>
    ports.flatMap(({ containerPort, hostPort }) => hostPort ?? (spec.hostNetwork ? containerPort : [])),
  )
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    phase: status?.phase ?? 'Pending',
    deleting: metadata.deletionTimestamp !== undefined,
    ...(spec.nodeName ? { node: spec.nodeName } : {}),
    labels: metadata.labels ?? {},
    ...(controller ? { controller: ownerRef(controller, metadata.namespace) } : {}),
    ...usesOf(spec, metadata.name),
    hostNetwork: spec.hostNetwork ?? false,
    ...(hostPorts.length > 0 ? { hostPorts } : {}),
    ...(status?.podIP ? { podIP: status.podIP } : {}),
  }
}

/** What a pod, or the pods of a template, mount and run. `podName` names the claims of its ephemeral volumes. */
export function usesOf(
  spec: PodSpec,
  podName: string,
): Pick<PodUse, 'claims' | 'readOnlyClaims' | 'hostPaths' | 'images'> {
  const volumes = spec.volumes ?? []
  const claimed = volumes.flatMap((volume) => {
    const claim =
      volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${podName}-${volume.name}` : undefined)
    return claim === undefined ? [] : [{ claim, readOnly: isReadOnly(volume, spec) }]
  })
  const writable = new Set(claimed.filter(({ readOnly }) => !readOnly).map(({ claim }) => claim))
  const claims = unique(claimed.map(({ claim }) => claim))
  return {
    claims,
    readOnlyClaims: claims.filter((claim) => !writable.has(claim)),
    hostPaths: unique(volumes.flatMap((volume) => volume.hostPath?.path ?? [])),
    images: unique(containersOf(spec).flatMap(({ image }) => image ?? [])),
  }
}

function isReadOnly(volume: PodVolume, spec: PodSpec): boolean {
  if (volume.persistentVolumeClaim?.readOnly) return true
  const mounts = containersOf(spec).flatMap(({ volumeMounts = [] }) =>
    volumeMounts.filter(({ name }) => name === volume.name),
  )
  return mounts.every(({ readOnly }) => readOnly === true)
}

function containersOf({ initContainers = [], containers = [], ephemeralContainers = [] }: PodSpec): Container[] {
  return [...initContainers, ...containers, ...ephemeralContainers]
}

function ownerRef(
  { apiVersion, kind, name, uid }: ObjectRef & { uid: string },
  namespace: string | undefined,
): ObjectRef {
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name, uid }
}

function unique(texts: string[]): string[] {
  return texts.length < 2 ? texts : [...new Set(texts)]
}
