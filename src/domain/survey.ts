import type { KubeObject, ObjectRef } from './object.ts'
import type { PersistentVolume, PersistentVolumeClaim } from './volume.ts'
import type { PodUse } from './workload.ts'

/** What a cluster looked like: all that the planner decides from. It holds no Secret's value. */
export interface Survey {
  cluster: ClusterIdentity
  volumes: PersistentVolume[]
  claims: PersistentVolumeClaim[]
  pods: PodUse[]
  /** What brings pods into being and may mount a claim: Deployments, …, and the custom resources that own pods. */
  controllers: KubeObject[]
  /** What the scale subresource of custom resources among `controllers` says; one that is not named here has none. */
  scales?: { ref: ObjectRef; replicas: number }[]
  autoscalers: KubeObject[]
  nodes: KubeObject[]
  services: KubeObject[]
  csiDrivers: KubeObject[]
  csiNodes: KubeObject[]
  /** The image that the file system's driver mounts with, which Jobs run where the migration names none; absent where nothing tells it. */
  image?: string
  /** The settings of its driver; absent where there are none. */
  driverSettings?: KubeObject[]
  /** The file system's Secret; absent where it does not exist. */
  secret?: SecretSurvey
  /** Names of the groups that have a record, with the state it is in and the volumes it holds. */
  records: { group: string; state: string; volumes: string[] }[]
  /** What there may be, and whoever asks may not read; absent where that is nothing. */
  unread?: Unread[]
  /** What the migration names for juicify's own pods, and is not in their namespace; absent where that is nothing. */
  missingForPods?: ObjectRef[]
  /** What others than administrators have been given in juicify's namespace; absent where that is nothing. Not in a snapshot. */
  grants?: Grant[]
}

/** A RoleBinding in juicify's namespace. */
export interface Grant {
  binding: ObjectRef
  /** `ClusterRole edit`. */
  role: string
  /** `Group dev`. */
  subjects: string[]
}

/** The file system's Secret, its driver's settings, what earlier runs have begun, what juicify's own pods are to have, or who has rights beside them. */
export interface Unread {
  part: 'secret' | 'driver-settings' | 'records' | 'for-pods' | 'bindings'
  object: ObjectRef
}

/** Tells one cluster from another, whatever its address: the uid of its namespace kube-system. */
export interface ClusterIdentity {
  uid: string
  /** The server's version, as `v1.20.2`. */
  version: string
  /** What it is called for people, from the view of the caller: context, name and server. Absent in plans of earlier versions. */
  title?: string
}

/** True for `juicify sandbox` and `--sandbox`, which say so in their version: there is no data, and no Job that could read it. */
export function isRehearsal({ version }: Pick<ClusterIdentity, 'version'>): boolean {
  return version.endsWith('+sandbox')
}

/**
 * Which cluster something is of, with the version of its Kubernetes: what every text of it begins with. One that is none
 * but in a process says so; of a plan of an earlier version only the uid is known.
 */
export function clusterWords(cluster: ClusterIdentity): string {
  return `${clusterTitle(cluster)}, Kubernetes ${cluster.version}`
}

/** The same without the version. */
export function clusterTitle(cluster: ClusterIdentity): string {
  const { title = `the cluster whose namespace kube-system has the uid ${cluster.uid}` } = cluster
  const isToldSo = !isRehearsal(cluster) || title.includes('embedded cluster')
  return isToldSo ? title : `${title}, an embedded cluster`
}

/** A Secret without its values: which keys it has that are not blank, and which hosts its addresses name. */
export interface SecretSurvey {
  namespace: string
  name: string
  keys: string[]
  /** What the file system is called, where the Secret says so. */
  fileSystem?: string
  /** Where the file system keeps what it is made of, by the keys that say it; passwords and paths left out. */
  endpoints: { key: string; host: string; port?: number }[]
}
