import { groupOf } from '../domain/object.ts'
import { OWN_GROUP, OWN_KINDS } from '../domain/own-kinds.ts'
import type { Kind } from './cluster.ts'

/** How an API server names a kind in its paths. */
export interface Resource {
  /** The plural, in lower case: `persistentvolumes`. */
  plural: string
  namespaced: boolean
}

/** The built-in kinds that juicify reads or writes, and its own, by API group; they need no discovery. */
const BUILT_IN: Record<string, Record<string, Resource>> = {
  '': {
    ConfigMap: namespaced('configmaps'),
    Event: namespaced('events'),
    Namespace: clusterWide('namespaces'),
    Node: clusterWide('nodes'),
    PersistentVolume: clusterWide('persistentvolumes'),
    PersistentVolumeClaim: namespaced('persistentvolumeclaims'),
    Pod: namespaced('pods'),
    ReplicationController: namespaced('replicationcontrollers'),
    Secret: namespaced('secrets'),
    Service: namespaced('services'),
    ServiceAccount: namespaced('serviceaccounts'),
  },
  apps: {
    DaemonSet: namespaced('daemonsets'),
    Deployment: namespaced('deployments'),
    ReplicaSet: namespaced('replicasets'),
    StatefulSet: namespaced('statefulsets'),
  },
  autoscaling: { HorizontalPodAutoscaler: namespaced('horizontalpodautoscalers') },
  batch: { CronJob: namespaced('cronjobs'), Job: namespaced('jobs') },
  'apiextensions.k8s.io': { CustomResourceDefinition: clusterWide('customresourcedefinitions') },
  'coordination.k8s.io': { Lease: namespaced('leases') },
  [OWN_GROUP]: Object.fromEntries(OWN_KINDS.map(({ kind, plural }) => [kind, clusterWide(plural)])),
  'rbac.authorization.k8s.io': {
    ClusterRole: clusterWide('clusterroles'),
    ClusterRoleBinding: clusterWide('clusterrolebindings'),
    Role: namespaced('roles'),
    RoleBinding: namespaced('rolebindings'),
  },
  'storage.k8s.io': {
    CSIDriver: clusterWide('csidrivers'),
    CSINode: clusterWide('csinodes'),
    StorageClass: clusterWide('storageclasses'),
    VolumeAttachment: clusterWide('volumeattachments'),
  },
}

/** The resource of a kind that every server names the same; undefined for those that have to be discovered. */
export function builtInResource(kind: Kind): Resource | undefined {
  return BUILT_IN[groupOf(kind.apiVersion)]?.[kind.kind]
}

/** The root of an API group's version: `/api/v1`, `/apis/apps/v1`. */
export function apiPath(apiVersion: string): string {
  const parts = apiVersion.split('/').map(encodeURIComponent)
  return parts.length === 1 ? `/api/${parts[0]}` : `/apis/${parts.join('/')}`
}

/** The path of all objects of a kind, or of those of one namespace. A namespace is ignored where the kind has none. */
export function collectionPath(kind: Kind, resource: Resource, namespace?: string): string {
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${apiPath(kind.apiVersion)}${scope}/${resource.plural}`
}

/** The path of one object. */
export function objectPath(ref: Kind & { namespace?: string; name: string }, resource: Resource): string {
  return `${collectionPath(ref, resource, ref.namespace)}/${encodeURIComponent(ref.name)}`
}

/** `path?a=b`, without what is undefined. */
export function withQuery(path: string, query: Record<string, string | undefined>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
}

/** What a discovery document (`GET /apis/apps/v1`) says about each kind that it has; of several of one kind, the first. */
export function discoveredResources(document: unknown): Map<string, Resource> {
  const { resources = [] } = document as { resources?: { name: string; kind: string; namespaced: boolean }[] }
  const found = new Map<string, Resource>()
  for (const { name, kind, namespaced } of resources)
    if (!name.includes('/') && !found.has(kind)) found.set(kind, { plural: name, namespaced })
  return found
}

function namespaced(plural: string): Resource {
  return { plural, namespaced: true }
}

function clusterWide(plural: string): Resource {
  return { plural, namespaced: false }
}
