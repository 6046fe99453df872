import type { Cluster, Kind } from '../cluster/cluster.ts'
import { Failure } from '../domain/failure.ts'
import type { KubeObject, ObjectRef } from '../domain/object.ts'
import type { ClusterIdentity, Survey } from '../domain/survey.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../domain/volume.ts'
import type { PodUse } from '../domain/workload.ts'
import { podUse } from './pod.ts'
import { secretSurvey } from './secret.ts'

export interface SurveyOptions {
  /** The Secret of the file system that the volumes are to move to. */
  secretRef: { name: string; namespace: string }
  signal?: AbortSignal
}

/** What brings pods into being, in Kubernetes itself. */
const CONTROLLERS: Kind[] = [
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  { apiVersion: 'v1', kind: 'ReplicationController' },
  { apiVersion: 'batch/v1', kind: 'Job' },
]

/** Reads all that a plan is made from, at once; of the Secret, only what secretSurvey lets out. */
export async function survey(cluster: Cluster, options: SurveyOptions): Promise<Survey> {
  const { signal } = options
  const all = <T extends KubeObject>(apiVersion: string, kind: string) =>
    listAll<T>(cluster, { apiVersion, kind }, signal)
  const [
    identity,
    volumes,
    claims,
    pods,
    controllers,
    cronJobs,
    autoscalers,
    nodes,
    services,
    csiDrivers,
    csiNodes,
    secret,
    records,
  ] = await Promise.all([
    identify(cluster),
    all<PersistentVolume>('v1', 'PersistentVolume'),
    all<PersistentVolumeClaim>('v1', 'PersistentVolumeClaim'),
    listPods(cluster, signal),
    Promise.all(CONTROLLERS.map((kind) => listAll(cluster, kind, signal))),
    listCronJobs(cluster, signal),
    all('autoscaling/v1', 'HorizontalPodAutoscaler'),
    all('v1', 'Node'),
    all('v1', 'Service'),
    all('storage.k8s.io/v1', 'CSIDriver'),
    all('storage.k8s.io/v1', 'CSINode'),
    cluster.find<KubeObject>({ apiVersion: 'v1', kind: 'Secret', ...options.secretRef }),
    listRecords(cluster, signal),
  ])
  const builtIn = [...controllers.flat(), ...cronJobs]
  return {
    cluster: identity,
    volumes,
    claims,
    pods,
    controllers: [...builtIn, ...(await ownersOf(cluster, pods, builtIn))],
    autoscalers,
    nodes,
    services,
    csiDrivers,
    csiNodes,
    ...(secret ? { secret: secretSurvey(secret) } : {}),
    records,
  }
}

async function identify(cluster: Cluster): Promise<ClusterIdentity> {
  const [namespace, version] = await Promise.all([
    cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }),
    cluster.raw('GET', '/version'),
  ])
  const { gitVersion } = version as { gitVersion?: string }
  const { uid } = namespace.metadata
  if (uid === undefined || gitVersion === undefined) {
    throw new Failure(
      `${cluster.server}: expected a Kubernetes API server, but its namespace kube-system or its version says nothing`,
      {
        remedy: 'See that the kubeconfig names the right server.',
      },
    )
  }
  return { uid, version: gitVersion }
}

async function listAll<T extends KubeObject>(cluster: Cluster, kind: Kind, signal?: AbortSignal): Promise<T[]> {
  const items: T[] = []
  const onPage = (page: KubeObject[]) => {
    for (const item of page) {
      // Who wrote which field when: of no use here, and often half of an object.
      delete item.metadata.managedFields
      items.push(item as T)
    }
  }
  await cluster.list<T>(kind, { onPage, signal })
  return items
}

async function listPods(cluster: Cluster, signal?: AbortSignal): Promise<PodUse[]> {
  const pods: PodUse[] = []
  const onPage = (page: KubeObject[]) => {
    for (const pod of page) pods.push(podUse(pod))
  }
  await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { onPage, signal })
  return pods
}

/** In batch/v1 from Kubernetes 1.21 on, in batch/v1beta1 up to 1.24. */
async function listCronJobs(cluster: Cluster, signal?: AbortSignal): Promise<KubeObject[]> {
  const stable = await listAll(cluster, { apiVersion: 'batch/v1', kind: 'CronJob' }, signal)
  return stable.length > 0 ? stable : listAll(cluster, { apiVersion: 'batch/v1beta1', kind: 'CronJob' }, signal)
}

/** The groups under way; the engine's records say which volumes they hold. */
async function listRecords(cluster: Cluster, signal?: AbortSignal): Promise<Survey['records']> {
  const { items } = await cluster.list<KubeObject & { data?: Record<string, string> }>(
    { apiVersion: 'v1', kind: 'ConfigMap' },
    { namespace: 'juicify', labelSelector: 'app.kubernetes.io/managed-by=juicify,juicify.dev/group', signal },
  )
  return items.flatMap(({ metadata, data }) => {
    const group = metadata.labels?.['juicify.dev/group']
    const state = metadata.annotations?.['juicify.dev/state']
    if (group === undefined || state === undefined) return []
    return [{ group, state, volumes: data?.volumes?.split('\n').filter((name) => name !== '') ?? [] }]
  })
}

/** The objects that control pods, or control what controls them, and are not known yet: custom resources mostly. */
async function ownersOf(cluster: Cluster, pods: PodUse[], known: KubeObject[]): Promise<KubeObject[]> {
  const seen = new Set(known.map((object) => object.metadata.uid))
  const found: KubeObject[] = []
  let wanted = unseen(
    [
      ...pods.filter(({ claims }) => claims.length > 0).flatMap(({ controller }) => controller ?? []),
      ...known.flatMap(controllerOf),
    ],
    seen,
  )
  while (wanted.length > 0) {
    const owners = (await Promise.all(wanted.map((ref) => cluster.find(ref)))).filter((owner) => owner !== undefined)
    found.push(...owners)
    wanted = unseen(owners.flatMap(controllerOf), seen)
  }
  return found
}

function unseen(refs: ObjectRef[], seen: Set<string | undefined>): ObjectRef[] {
  return refs.filter(({ uid }) => {
    if (seen.has(uid)) return false
    seen.add(uid)
    return true
  })
}

function controllerOf({ metadata }: KubeObject): ObjectRef[] {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller)
  if (!owner) return []
  const { apiVersion, kind, name, uid } = owner
  return [
    { apiVersion, kind, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }), name, uid },
  ]
}
