import type { Cluster, Kind } from '../cluster/cluster.ts'
import { FORBIDDEN, unlessForbidden } from '../cluster/forbidden.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import { ANNOTATION, NAMESPACE } from '../domain/names.ts'
import { groupOf, type KubeObject } from '../domain/object.ts'
import { OWN_KINDS, definitionOf as ownDefinitionOf, RECORD_KIND, RECORD_PART_KIND } from '../domain/own-kinds.ts'
import { compareText } from '../domain/text.ts'
import { isPod, WORKLOAD_KINDS } from '../workloads/kinds.ts'
import { listAll, listWorkloads } from './list.ts'
import { ownersOf } from './owners.ts'
import { podUse } from './pod.ts'
import { servedBy } from './served.ts'
import { recordsRead, withoutValues } from './snapshot-object.ts'
import { whatIsRead } from './what-is-read.ts'

/** What a plan is made from besides workloads, in the order in which it stands in the file. */
const KINDS: Kind[] = [
  ...['Node', 'PersistentVolume', 'PersistentVolumeClaim', 'Service'].map(kind('v1')),
  kind('autoscaling/v1')('HorizontalPodAutoscaler'),
  ...['CSIDriver', 'CSINode'].map(kind('storage.k8s.io/v1')),
]

export interface Snapshot {
  /** Manifests that a sandbox can be loaded from. */
  objects: KubeObject[]
  /** What could not be read, in sentences. */
  missing: string[]
}

/**
 * What juicify reads of a cluster, as manifests with their uids: a plan that is made of them is that of the cluster. What it
 * does not read is not among them, and no Secret's value is.
 */
export async function takeSnapshot(cluster: Cluster, fileSystem: FileSystem): Promise<Snapshot> {
  const { secretRef, driver } = fileSystem
  const source = { cluster, fileSystem }
  const isServed = servedBy(cluster)
  const missing: string[] = []
  const optional = async <T, U>(what: string, answer: Promise<T>, otherwise: U): Promise<T | U> => {
    const found = await unlessForbidden(answer, FORBIDDEN)
    if (found !== FORBIDDEN) return found as T
    missing.push(`You do not have permission to read ${what}.`)
    return otherwise
  }
  const find = (kind: string, ref: { namespace?: string; name: string }) =>
    cluster.find<KubeObject>({ apiVersion: 'v1', kind, ...ref })
  const [system, version, lists, workloads, classes, secret, settings, records] = await Promise.all([
    find('Namespace', { name: 'kube-system' }),
    cluster.raw('GET', '/version') as Promise<{ gitVersion?: string }>,
    Promise.all(KINDS.map((each) => listAll(source, each))),
    Promise.all(WORKLOAD_KINDS.map((each) => listWorkloads(source, each, isServed))),
    optional('StorageClasses', listAll(source, kind('storage.k8s.io/v1')('StorageClass')), []),
    secretRef && optional(`Secret ${secretRef.namespace}/${secretRef.name}`, find('Secret', secretRef), undefined),
    Promise.all(
      secretRef
        ? driver.configMaps.map((name) => optional(name, find('ConfigMap', { ...secretRef, name }), undefined))
        : [],
    ),
    optional('the records of earlier runs', recordsOf(cluster), []),
  ])
  const known = workloads.flat()
  const owners = await ownersOf(source, known.filter(isPod).map(podUse), known)
  const objects = [
    ...(await definitionsOf(cluster, [...known, ...owners])),
    ...(records.some(({ kind }) => kind === RECORD_KIND.kind) ? OWN_KINDS.map(ownDefinitionOf) : []),
    ...[
      system && ofVersion(whatIsRead(system, fileSystem), version.gitVersion),
      secret && withoutValues(secret, fileSystem),
      ...settings.map((config) => config && driver.settingsRead(config)),
    ].filter((object) => object !== undefined),
    ...classes,
    ...lists.flat(),
    ...known,
    ...owners,
  ]
  return { objects: [...objects, ...recordsRead(records, fileSystem)], missing }
}

/** The namespace, saying which version its cluster is of: an embedded cluster that is loaded from it is like that one. */
function ofVersion(namespace: KubeObject, version: string | undefined): KubeObject {
  if (version === undefined) return namespace
  const annotations = { ...namespace.metadata.annotations, [ANNOTATION.kubernetesVersion]: version }
  return { ...namespace, metadata: { ...namespace.metadata, annotations } }
}

function kind(apiVersion: string): (kind: string) => Kind {
  return (kind) => ({ apiVersion, kind })
}

async function recordsOf(cluster: Cluster): Promise<KubeObject[]> {
  const labelSelector = 'app.kubernetes.io/managed-by=juicify'
  const within = { namespace: NAMESPACE, labelSelector }
  const found = await Promise.all([
    cluster.list<KubeObject>(kind('v1')('ConfigMap'), within),
    cluster.list<KubeObject>(RECORD_KIND),
    cluster.list<KubeObject>(RECORD_PART_KIND),
  ])
  return found.flatMap(({ items }) => items)
}

interface Discovered {
  name: string
  kind: string
  namespaced: boolean
}

/** A CustomResourceDefinition for each kind of custom resource, as far as discovery tells of it: its schema it does not. */
async function definitionsOf(cluster: Cluster, objects: KubeObject[]): Promise<KubeObject[]> {
  const versions = new Map<string, Set<string>>()
  for (const { apiVersion, kind } of objects) {
    if (!groupOf(apiVersion).includes('.')) continue
    versions.set(apiVersion, (versions.get(apiVersion) ?? new Set()).add(kind))
  }
  const found = await Promise.all(
    [...versions].map(async ([apiVersion, kinds]) => {
      const { resources = [] } = (await cluster.raw('GET', `/apis/${apiVersion}`)) as { resources?: Discovered[] }
      const named = resources.filter(({ name, kind }) => kinds.has(kind) && !name.includes('/'))
      return named.map((resource) => definitionOf(apiVersion, resource, resources))
    }),
  )
  return found.flat().sort((a, b) => compareText(a.metadata.name, b.metadata.name))
}

function definitionOf(apiVersion: string, { name, kind, namespaced }: Discovered, resources: Discovered[]): KubeObject {
  const group = groupOf(apiVersion)
  const has = (subresource: string) => resources.some((resource) => resource.name === `${name}/${subresource}`)
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' }
  const version = {
    name: apiVersion.slice(group.length + 1),
    served: true,
    storage: true,
    schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    subresources: { ...(has('status') ? { status: {} } : {}), ...(has('scale') ? { scale } : {}) },
  }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${name}.${group}` },
    spec: {
      group,
      scope: namespaced ? 'Namespaced' : 'Cluster',
      names: { plural: name, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
      versions: [version],
    },
  }
}
