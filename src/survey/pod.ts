import { isReady } from '../domain/node.ts'
import type { KubeObject } from '../domain/object.ts'
import type { PodUse, Scheduling } from '../domain/workload.ts'
import { controllerOf } from '../workloads/owner.ts'
import { type Container, mountsOfPodSpec, type PodSpec, wishesOf } from '../workloads/pod-spec.ts'

interface Spec extends PodSpec {
  hostNetwork?: boolean
}

interface Ports extends Container {
  image?: string
  ports?: { containerPort: number; hostPort?: number }[]
}

/** Finalizers that Kubernetes sets, and removes when their time has come. */
const OF_KUBERNETES = new Set(['batch.kubernetes.io/job-tracking', 'foregroundDeletion', 'orphan'])

/** What a migration asks about a pod, and nothing else: a cluster has tens of thousands. */
export function podUse(pod: KubeObject): PodUse {
  const { metadata, spec, status } = pod as KubeObject & { spec: Spec; status?: { phase?: string; podIP?: string } }
  const { namespace = '', name, uid = '', labels = {} } = metadata
  const controller = controllerOf(pod)
  const mounts = mountsOfPodSpec(spec, name)
  const hostPorts = hostPortsOf(spec)
  const wishes = mounts.length > 0 ? wishesOf(spec, name) : undefined
  const finalizers = metadata.finalizers?.filter((each) => !OF_KUBERNETES.has(each)) ?? []
  return {
    namespace,
    name,
    uid,
    phase: status?.phase ?? 'Pending',
    ...(isReady(pod) ? { ready: true } : {}),
    deleting: metadata.deletionTimestamp !== undefined,
    ...(spec.nodeName ? { node: spec.nodeName } : {}),
    labels,
    ...(controller ? { controller } : {}),
    claims: mounts.map(({ claim }) => claim),
    readOnlyClaims: mounts.filter(({ writes }) => !writes).map(({ claim }) => claim),
    hostPaths: hostPathsOf(spec),
    images: imagesOf(spec),
    ...(spec.securityContext?.fsGroup === undefined ? {} : { fsGroup: spec.securityContext.fsGroup }),
    ...(finalizers.length > 0 ? { finalizers } : {}),
    ...(wishes ? { wishes } : {}),
    ...schedulingOf(spec),
    hostNetwork: spec.hostNetwork ?? false,
    ...(hostPorts.length > 0 ? { hostPorts } : {}),
    ...(status?.podIP ? { podIP: status.podIP } : {}),
  }
}

/** Without the two tolerations that Kubernetes gives to every pod. */
function schedulingOf({ nodeSelector = {}, affinity, tolerations = [] }: PodSpec): { scheduling?: Scheduling } {
  const own = tolerations.filter(({ tolerationSeconds }) => tolerationSeconds === undefined)
  const { nodeAffinity } = (affinity ?? {}) as { nodeAffinity?: unknown }
  const scheduling = {
    ...(Object.keys(nodeSelector).length > 0 ? { nodeSelector } : {}),
    ...(nodeAffinity === undefined ? {} : { affinity: { nodeAffinity } }),
    ...(own.length > 0 ? { tolerations: own } : {}),
  }
  return Object.keys(scheduling).length > 0 ? { scheduling } : {}
}

function imagesOf(spec: PodSpec): string[] {
  return unique(containersOf(spec).flatMap(({ image }) => image ?? []))
}

function hostPathsOf({ volumes = [] }: PodSpec): string[] {
  return unique(volumes.flatMap(({ hostPath }) => (hostPath as { path: string } | undefined)?.path ?? []))
}

function hostPortsOf(spec: Spec): number[] {
  return containersOf(spec).flatMap(({ ports = [] }) =>
    ports.flatMap(({ containerPort, hostPort }) => hostPort ?? (spec.hostNetwork ? containerPort : [])),
  )
}

function containersOf({ initContainers = [], containers = [], ephemeralContainers = [] }: PodSpec): Ports[] {
  return [...initContainers, ...containers, ...ephemeralContainers]
}

function unique(texts: string[]): string[] {
  return texts.length < 2 ? texts : [...new Set(texts)]
}
