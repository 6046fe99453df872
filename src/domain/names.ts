import type { KubeObject } from './object.ts'

/** The namespace of everything that juicify keeps in a cluster. */
export const NAMESPACE = 'juicify'

/**
 * How the directories at the root of the file system begin in which the Jobs of several nodes leave their listings for each
 * other. Each has the rest of its name from the copy that it is for, so that none of people's is taken for it.
 */
export const WORK_PREFIX = '.juicify-'

/** How the places of samples begin, at the root of the file system; no group's name begins with a dash. */
export const SAMPLE_PREFIX = `${WORK_PREFIX}-sample-`

/** The value of `app.kubernetes.io/managed-by` on everything that juicify makes. */
export const MANAGER = 'juicify'

/** The labels that juicify sets. */
export const LABEL = {
  managedBy: 'app.kubernetes.io/managed-by',
  /** The group that a record, a Job, or what a Job needs belongs to. */
  group: 'juicify.dev/group',
  /** Which directory's copy it belongs to, as a hash; a group may have several. */
  copy: 'juicify.dev/copy',
  /** What a Job is for. */
  stage: 'juicify.dev/stage',
  /** The Jobs of several nodes that work together. */
  run: 'juicify.dev/run',
  /** On the ConfigMaps that bring pods of ours their program. */
  program: 'juicify.dev/program',
  /** Which probe a pod or a claim belongs to. */
  probe: 'juicify.dev/probe',
  /**
   * On what juicify has stopped, set in the same request, and taken off when it is started: `kubectl get deployments -A -l
   * juicify.dev/stopped-from` lists it. The value is what it was: the number of replicas, or `running`. A label, because
   * a Deployment's annotations are copied to its ReplicaSets, and stay there.
   */
  stoppedFrom: 'juicify.dev/stopped-from',
  /** Set and removed at once by a run that takes over, so that each object gets a newer version. */
  takenOver: 'juicify.dev/taken-over',
} as const

/** The annotations that juicify sets. */
export const ANNOTATION = {
  /** Where the group of a record of juicify 0.1.0 stands. */
  state: 'juicify.dev/state',
  /** On a claim, and removed again: the change wakes the controller that binds it. */
  touched: 'juicify.dev/touched',
  /** The outcome of a Job has been read: the next call makes a new one. */
  read: 'juicify.dev/read',
  /** The node that a Job reads. */
  node: 'juicify.dev/node',
  /** Which part of a split directory a Job copies. */
  part: 'juicify.dev/part',
  /** On the namespace kube-system in a snapshot: the version of the cluster that it was taken of. */
  kubernetesVersion: 'juicify.dev/kubernetes-version',
  /** On a volume on the file system: the directory that it came from, for volumes that come to that directory later. */
  movedFrom: 'juicify.dev/moved-from',
  /** The nodes that held it, with commas between; absent where the path is the same on all. */
  movedFromNodes: 'juicify.dev/moved-from-nodes',
  /** What of that directory was not copied, one a line; absent where all of it was. */
  movedWithout: 'juicify.dev/moved-without',
  /**
   * On a StatefulSet that is stopped, what its `persistentVolumeClaimRetentionPolicy.whenScaled` was: set in the request that
   * sets that to Retain, and taken off in the one that sets it back.
   */
  whenScaled: 'juicify.dev/when-scaled',
  /** The process that a probe belongs to. */
  holder: 'juicify.dev/holder',
} as const

/** Selects the ConfigMaps that were the records of juicify 0.1.0. */
export const RECORD_SELECTOR = `${LABEL.managedBy}=${MANAGER},${LABEL.group}`

/**
 * The manifest of juicify's namespace. Its Jobs mount host paths, which the pod security levels `baseline` and
 * `restricted` forbid, so it asks for `privileged`.
 */
export function namespaceManifest(): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: NAMESPACE,
      labels: { [LABEL.managedBy]: MANAGER, 'pod-security.kubernetes.io/enforce': 'privileged' },
    },
  }
}
