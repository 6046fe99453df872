import { type ApiObject, at, fields, items, text } from './object.ts'
import { everyVersionOf, type Rules } from './versions.ts'

/** A kind that the API serves. */
export interface Kind {
  group: string
  /** Served versions, the stored one first. */
  versions: string[]
  kind: string
  plural: string
  shortNames: string[]
  categories: string[]
  namespaced: boolean
  /** Has a `status` that only its subresource changes. */
  status: boolean
  /** How its scale is read and written, as paths of field names. */
  scale?: { replicas: string[]; statusReplicas: string[]; selector?: string[] }
  /** Counts the changes of its spec in metadata.generation. */
  generation: boolean
  /** A custom resource; its definition's columns, a list for each version. */
  custom?: { columns: Record<string, PrinterColumn[]> }
}

export interface PrinterColumn {
  name: string
  type: string
  format?: string
  description?: string
  priority?: number
  jsonPath: string
}

/** Names a kind within the store: `pods`, `deployments.apps`. */
export function resourceOf(kind: Pick<Kind, 'group' | 'plural'>): string {
  return kind.group ? `${kind.plural}.${kind.group}` : kind.plural
}

/** The `apiVersion` of a kind in one of its versions. */
export function apiVersionOf(group: string, version: string): string {
  return group ? `${group}/${version}` : version
}

type Flag = 'cluster' | 'status' | 'scale' | 'generation' | 'all'

const builtIn = (
  group: string,
  versions: string,
  kind: string,
  plural: string,
  short: string,
  ...flags: Flag[]
): Kind => ({
  group,
  versions: versions.split(' '),
  kind,
  plural,
  shortNames: short ? short.split(' ') : [],
  categories: flags.includes('all') ? ['all'] : [],
  namespaced: !flags.includes('cluster'),
  status: flags.includes('status'),
  ...(flags.includes('scale')
    ? {
        scale: {
          replicas: ['spec', 'replicas'],
          statusReplicas: ['status', 'replicas'],
          selector: ['spec', 'selector'],
        },
      }
    : {}),
  generation: flags.includes('generation'),
})

const BUILT_IN: Kind[] = [
  builtIn('', 'v1', 'Namespace', 'namespaces', 'ns', 'cluster', 'status'),
  builtIn('', 'v1', 'Node', 'nodes', 'no', 'cluster', 'status'),
  builtIn('', 'v1', 'PersistentVolume', 'persistentvolumes', 'pv', 'cluster', 'status'),
  builtIn('', 'v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', 'pvc', 'status'),
  builtIn('', 'v1', 'Pod', 'pods', 'po', 'status', 'all'),
  builtIn('', 'v1', 'ReplicationController', 'replicationcontrollers', 'rc', 'status', 'scale', 'generation', 'all'),
  builtIn('', 'v1', 'Service', 'services', 'svc', 'status', 'all'),
  builtIn('', 'v1', 'Secret', 'secrets', ''),
  builtIn('', 'v1', 'ConfigMap', 'configmaps', 'cm'),
  builtIn('', 'v1', 'Event', 'events', 'ev'),
  builtIn('', 'v1', 'ResourceQuota', 'resourcequotas', 'quota', 'status'),
  builtIn('', 'v1', 'ServiceAccount', 'serviceaccounts', 'sa'),
  builtIn('apps', 'v1', 'Deployment', 'deployments', 'deploy', 'status', 'scale', 'generation', 'all'),
  builtIn('apps', 'v1', 'StatefulSet', 'statefulsets', 'sts', 'status', 'scale', 'generation', 'all'),
  builtIn('apps', 'v1', 'DaemonSet', 'daemonsets', 'ds', 'status', 'generation', 'all'),
  builtIn('apps', 'v1', 'ReplicaSet', 'replicasets', 'rs', 'status', 'scale', 'generation', 'all'),
  builtIn('apps', 'v1', 'ControllerRevision', 'controllerrevisions', ''),
  builtIn('batch', 'v1', 'Job', 'jobs', '', 'status', 'all'),
  builtIn('batch', 'v1', 'CronJob', 'cronjobs', 'cj', 'status', 'all'),
  builtIn('autoscaling', 'v1', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'hpa', 'status', 'all'),
  builtIn('coordination.k8s.io', 'v1', 'Lease', 'leases', ''),
  builtIn('storage.k8s.io', 'v1', 'StorageClass', 'storageclasses', 'sc', 'cluster'),
  builtIn('storage.k8s.io', 'v1', 'CSIDriver', 'csidrivers', '', 'cluster'),
  builtIn('storage.k8s.io', 'v1', 'CSINode', 'csinodes', '', 'cluster'),
  builtIn(
    'apiextensions.k8s.io',
    'v1',
    'CustomResourceDefinition',
    'customresourcedefinitions',
    'crd crds',
    'cluster',
    'status',
    'generation',
  ),
  // Kept and served, but nothing in here heeds them.
  builtIn('', 'v1', 'Endpoints', 'endpoints', 'ep'),
  builtIn('discovery.k8s.io', 'v1', 'EndpointSlice', 'endpointslices', ''),
  builtIn('networking.k8s.io', 'v1', 'Ingress', 'ingresses', 'ing', 'status', 'generation'),
  builtIn('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies', 'netpol', 'generation'),
  builtIn('policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets', 'pdb', 'status', 'generation'),
  builtIn('rbac.authorization.k8s.io', 'v1', 'Role', 'roles', ''),
  builtIn('rbac.authorization.k8s.io', 'v1', 'RoleBinding', 'rolebindings', ''),
  builtIn('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles', '', 'cluster'),
  builtIn('rbac.authorization.k8s.io', 'v1', 'ClusterRoleBinding', 'clusterrolebindings', '', 'cluster'),
  builtIn('scheduling.k8s.io', 'v1', 'PriorityClass', 'priorityclasses', 'pc', 'cluster'),
]

/** The kinds of one cluster: those of Kubernetes, and those that its CustomResourceDefinitions add. */
export class Kinds {
  readonly #byResource = new Map<string, Kind>()
  readonly #byKind = new Map<string, Kind>()
  readonly #custom = new Map<string, Kind>()

  constructor({ servedVersions, countingKinds }: Rules) {
    for (const kind of BUILT_IN)
      this.#add({
        ...kind,
        versions: [...(servedVersions[resourceOf(kind)] ?? kind.versions)],
        generation: kind.generation || countingKinds.includes(kind.kind),
      })
  }

  all(): Kind[] {
    return [...this.#byResource.values()]
  }

  /** The kind behind a path of the API. */
  at(group: string, version: string, plural: string): Kind | undefined {
    const kind = this.#byResource.get(resourceOf({ group, plural }))
    return kind?.versions.includes(version) ? kind : undefined
  }

  /** The kind of a resource's name in the store. */
  named(resource: string): Kind {
    const kind = this.#byResource.get(resource)
    if (!kind) throw new Error(`the sandbox has no resource ${resource}`)
    return kind
  }

  /** The kind that an object says it is. */
  of(apiVersion: string, kind: string): Kind | undefined {
    const slash = apiVersion.indexOf('/')
    const found = this.#byKind.get(`${slash < 0 ? '' : apiVersion.slice(0, slash)}/${kind}`)
    return found?.versions.includes(apiVersion.slice(slash + 1)) ? found : undefined
  }

  /** The kind that a manifest says it is; one of a version that only another Kubernetes serves is served in it from now on. */
  ofManifest(apiVersion: string, kind: string): Kind | undefined {
    const slash = apiVersion.indexOf('/')
    const [group, version] = [apiVersion.slice(0, Math.max(0, slash)), apiVersion.slice(slash + 1)]
    const found = this.#byKind.get(`${group}/${kind}`)
    if (!found || found.versions.includes(version)) return found
    if (!everyVersionOf(resourceOf(found))?.includes(version)) return undefined
    found.versions.unshift(version)
    return found
  }

  /** Takes in what a definition defines, or what it defines now. */
  define(definition: ApiObject): void {
    this.forget(definition.metadata.name)
    const kind = kindDefinedBy(definition)
    this.#custom.set(definition.metadata.name, kind)
    this.#add(kind)
  }

  /** Drops what the definition of that name defined. */
  forget(name: string): void {
    const kind = this.#custom.get(name)
    if (!kind) return
    this.#custom.delete(name)
    this.#byResource.delete(resourceOf(kind))
    this.#byKind.delete(`${kind.group}/${kind.kind}`)
  }

  #add(kind: Kind): void {
    this.#byResource.set(resourceOf(kind), kind)
    this.#byKind.set(`${kind.group}/${kind.kind}`, kind)
  }
}

/** The kind that a CustomResourceDefinition (v1) adds. */
export function kindDefinedBy(definition: ApiObject): Kind {
  const spec = fields(definition.spec)
  const names = fields(spec.names)
  const versions = items(spec.versions).map(fields)
  const served = versions.filter((version) => version.served !== false)
  const stored = served.find((version) => version.storage === true) ?? served[0] ?? {}
  const scale = at(stored, 'subresources', 'scale')
  const plural = text(names.plural) ?? ''
  return {
    group: text(spec.group) ?? '',
    versions: [stored, ...served.filter((version) => version !== stored)].map((version) => text(version.name) ?? ''),
    kind: text(names.kind) ?? '',
    plural,
    shortNames: items(names.shortNames).map(String),
    categories: items(names.categories).map(String),
    namespaced: spec.scope !== 'Cluster',
    status: at(stored, 'subresources', 'status') !== undefined,
    ...(scale ? { scale: scaleOf(fields(scale)) } : {}),
    generation: true,
    custom: {
      columns: Object.fromEntries(
        served.map((version) => [String(version.name), items(version.additionalPrinterColumns) as PrinterColumn[]]),
      ),
    },
  }
}

function scaleOf(scale: Record<string, unknown>): NonNullable<Kind['scale']> {
  const path = (value: unknown) => (text(value) ?? '').split('.').filter((part) => part !== '')
  const selector = path(scale.labelSelectorPath)
  return {
    replicas: path(scale.specReplicasPath),
    statusReplicas: path(scale.statusReplicasPath),
    ...(selector.length ? { selector } : {}),
  }
}
