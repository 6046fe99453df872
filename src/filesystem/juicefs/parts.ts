import type { ObjectQuery, OwnFiles } from '../../domain/filesystem.ts'
import type { KubeObject } from '../../domain/object.ts'
import type { PodUse } from '../../domain/workload.ts'
import type { JuiceFSTarget } from './target.ts'

// What the driver's manifests and its Helm chart call its parts: https://juicefs.com/docs/csi/introduction#architecture
export const NODE_LABEL = { key: 'app', value: 'juicefs-csi-node' }
export const CONTROLLER_LABEL = { key: 'app', value: 'juicefs-csi-controller' }
export const MOUNT_LABEL = { key: 'app.kubernetes.io/name', value: 'juicefs-mount' }
/** The label of a mount pod that says whose it is: the volumeHandle. */
export const HANDLE_LABEL = 'volume-id'
/** The container of the driver, in its DaemonSet and in its controller; with what is read of it. */
export const DRIVER_CONTAINER = 'juicefs-plugin'
/** The driver's flag that has it mount in its own processes. */
export const BY_PROCESS = '--by-process'
/** The driver's flag that has it mount in sidecars. */
export const WEBHOOK = '--webhook'
/** The driver's settings of the mount pods' image: the community edition's, else the older common one. */
export const MOUNT_IMAGES = ['JUICEFS_CE_MOUNT_IMAGE', 'JUICEFS_MOUNT_IMAGE']
/** The container of a mount pod. */
export const MOUNT_CONTAINER = 'jfs-mount'
/** The driver's settings (0.24 and later). */
export const DRIVER_CONFIG = 'juicefs-csi-driver-config'
/** The commands that show its pods and their logs. */
export const SEE_PODS = `kubectl get pods -A -l ${selector(NODE_LABEL)} -o wide`
export const SEE_LOGS = `kubectl logs -n kube-system -l ${selector(NODE_LABEL)}`

const SYSTEM_NAMESPACE = 'kube-system'
const HELM_RELEASE_NAMESPACE = 'meta.helm.sh/release-namespace'

/** A label as a labelSelector has it. */
export function selector({ key, value }: { key: string; value: string }): string {
  return `${key}=${value}`
}

/** What has to be listed to find the mount pods, and to know which of them are the driver's. */
export const MOUNT_QUERIES: readonly ObjectQuery[] = [
  { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet', labelSelector: selector(NODE_LABEL) },
  { apiVersion: 'v1', kind: 'Pod', labelSelector: selector(MOUNT_LABEL) },
]

/** The driver as it is installed: in which namespace it may have its pods, and the DaemonSet that has them on the nodes. */
export interface Installation {
  /** Its mount pods are there and nowhere else. One, or where no DaemonSet is found, those in which it could be. */
  namespaces: string[]
  daemonSet?: KubeObject
}

/**
 * Where the driver is installed, as only an administrator can have said it: the namespace that Helm noted on the CSIDriver,
 * which is in no namespace itself; kube-system; or the namespace of the Secret, which the migration names. A DaemonSet
 * with the driver's label anywhere else may be anybody's, as a pod with a mount pod's label may be.
 */
export function installationOf(
  { driver, secretRef }: JuiceFSTarget,
  { csiDrivers, daemonSets }: { csiDrivers: readonly KubeObject[]; daemonSets: readonly KubeObject[] },
): Installation {
  const object = csiDrivers.find(({ metadata }) => metadata.name === driver)
  const release = object?.metadata.annotations?.[HELM_RELEASE_NAMESPACE]
  const administrators = [...new Set([...(release ? [release] : []), SYSTEM_NAMESPACE])]
  for (const namespace of new Set([...administrators, secretRef.namespace])) {
    const daemonSet = daemonSets.find(
      ({ kind, metadata }) => kind === 'DaemonSet' && metadata.namespace === namespace && has(metadata, NODE_LABEL),
    )
    if (daemonSet) return { namespaces: [namespace], daemonSet }
  }
  // a Secret may be in a namespace of users; without a DaemonSet there, nothing says that the driver is there too
  return { namespaces: administrators }
}

/** The same, of what MOUNT_QUERIES found. */
export function installationAmong(target: JuiceFSTarget, objects: readonly KubeObject[]): Installation {
  const of = (kind: string) => objects.filter((object) => object.kind === kind)
  return installationOf(target, { csiDrivers: of('CSIDriver'), daemonSets: of('DaemonSet') })
}

/** True for a pod that holds the mount of a volume on a node: in the driver's namespace, where nobody else makes pods. */
export function isMountPod(pod: Labelled, { namespaces }: Installation): boolean {
  return namespaces.includes(pod.namespace ?? '') && has(pod, MOUNT_LABEL)
}

/** True for a pod of the driver's DaemonSet. */
export function isNodePod({ namespace, controller }: PodUse, { daemonSet }: Installation): boolean {
  return (
    daemonSet !== undefined &&
    namespace === daemonSet.metadata.namespace &&
    controller?.kind === 'DaemonSet' &&
    controller.uid === daemonSet.metadata.uid
  )
}

/** True for the driver's controller. */
export function isController({ kind, metadata }: KubeObject, { namespaces }: Installation): boolean {
  return kind === 'StatefulSet' && namespaces.includes(metadata.namespace ?? '') && has(metadata, CONTROLLER_LABEL)
}

type Labelled = Pick<PodUse, 'labels'> & { namespace?: string }

function has({ labels }: { labels?: Record<string, string> }, { key, value }: { key: string; value: string }): boolean {
  return labels?.[key] === value
}

/** To read .accesslog never ends. Their inodes are beyond all others: people have a .config too. */
export const OWN_FILES: OwnFiles = {
  names: ['.accesslog', '.config', '.control', '.stats', '.trash'].flatMap((name) => [name, `.jfs${name}`]),
  inodes: '92233720???????????',
  remedy: 'Set the mount option prefix-internal in the target of the migration, and plan again.',
}
