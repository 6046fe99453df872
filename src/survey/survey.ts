import pLimit from 'p-limit'
import type { Cluster } from '../cluster/cluster.ts'
import { FORBIDDEN, unlessForbidden } from '../cluster/forbidden.ts'
import { Failure } from '../domain/failure.ts'
import type { FileSystem, SecretRef } from '../domain/filesystem.ts'
import type { Migration } from '../domain/migration.ts'
import { ANNOTATION, LABEL, NAMESPACE, RECORD_SELECTOR } from '../domain/names.ts'
import type { KubeObject, ObjectRef } from '../domain/object.ts'
import { RECORD_KIND } from '../domain/own-kinds.ts'
import type { ClusterIdentity, SecretSurvey, Survey, Unread } from '../domain/survey.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../domain/volume.ts'
import type { PodUse } from '../domain/workload.ts'
import { imageOf } from '../filesystem/objects.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { worded } from '../words/trouble.ts'
import { CONTROLLER_KINDS } from '../workloads/kinds.ts'
import { grantsIn } from './grants.ts'
import { listAll, listWorkloads, type Source } from './list.ts'
import { ownersOf, scalesOf } from './owners.ts'
import { podUse } from './pod.ts'
import { servedBy } from './served.ts'

/** Every list at once would be a connection each, and most of the time of a small survey goes to opening them. */
const LISTS_AT_ONCE = 3

/** Reads all that a plan of that migration is made from, at once; of the Secret, only what its file system lets out. */
export async function survey(
  cluster: Cluster,
  { target, copy }: Pick<Migration, 'target'> & Partial<Pick<Migration, 'copy'>>,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Survey> {
  const fileSystem = fileSystemOf(target)
  const source = { cluster, fileSystem, ...(signal ? { signal } : {}) }
  const limit = pLimit(LISTS_AT_ONCE)
  const isServed = servedBy(cluster)
  const all = <T extends KubeObject>(apiVersion: string, kind: string) =>
    limit(() => listAll<T>(source, { apiVersion, kind }))
  const [
    identity,
    controllers,
    volumes,
    claims,
    pods,
    autoscalers,
    nodes,
    services,
    csiDrivers,
    csiNodes,
    secret,
    records,
    forPods,
    grants,
    image,
    settings,
  ] = await Promise.all([
    limit(clusterIdentity, cluster),
    // of some kinds these may take two requests, one after the other
    Promise.all(CONTROLLER_KINDS.map((kind) => limit(listWorkloads, source, kind, isServed))),
    all<PersistentVolume>('v1', 'PersistentVolume'),
    all<PersistentVolumeClaim>('v1', 'PersistentVolumeClaim'),
    limit(listPods, source),
    all('autoscaling/v1', 'HorizontalPodAutoscaler'),
    all('v1', 'Node'),
    all('v1', 'Service'),
    all('storage.k8s.io/v1', 'CSIDriver'),
    all('storage.k8s.io/v1', 'CSINode'),
    limit(secretOf, cluster, fileSystem),
    limit(listRecords, cluster, signal),
    limit(whatPodsNeed, cluster, copy),
    limit(() => unlessForbidden(grantsIn(cluster), FORBIDDEN)),
    limit(imageOf, cluster, fileSystem),
    limit(settingsOf, cluster, fileSystem),
  ])
  const known = controllers.flat()
  const owners = await ownersOf(source, pods, known)
  return {
    cluster: identity,
    volumes: volumes.filter(isNotOurs),
    claims: claims.filter(isNotOurs),
    pods,
    controllers: [...known, ...owners],
    scales: await scalesOf(cluster, owners),
    autoscalers,
    nodes,
    services,
    csiDrivers,
    csiNodes,
    ...(image === undefined ? {} : { image }),
    ...(secret && secret !== FORBIDDEN ? { secret } : {}),
    ...unlessEmpty('driverSettings', settings.found),
    records: records === FORBIDDEN ? [] : records,
    ...unlessEmpty('unread', [
      ...(secret === FORBIDDEN && fileSystem.secretRef ? [secretUnread(fileSystem.secretRef)] : []),
      ...settings.unread,
      ...(records === FORBIDDEN ? [RECORDS_UNREAD] : []),
      ...forPods.unread,
      ...(grants === FORBIDDEN ? [{ ...RECORDS_UNREAD, part: 'bindings' as const }] : []),
    ]),
    ...unlessEmpty('grants', grants === FORBIDDEN ? [] : grants),
    ...unlessEmpty('missingForPods', forPods.missing),
  }
}

/** What may be known of the file system's Secret; undefined where there is none, or it needs none. */
async function secretOf(
  cluster: Cluster,
  { secretRef, secret }: FileSystem,
): Promise<SecretSurvey | typeof FORBIDDEN | undefined> {
  if (!secretRef || !secret) return undefined
  const asked = cluster.find<KubeObject>({ apiVersion: 'v1', kind: 'Secret', ...secretRef })
  const found = await unlessForbidden(asked, FORBIDDEN)
  return found === FORBIDDEN ? found : found && secret.survey(found)
}

/** What is read of the driver's settings, and those that may not be. */
async function settingsOf(
  cluster: Cluster,
  { secretRef, driver }: FileSystem,
): Promise<{ found: KubeObject[]; unread: Unread[] }> {
  if (!secretRef) return { found: [], unread: [] }
  const refs = driver.configMaps.map((name) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: secretRef.namespace,
    name,
  }))
  const answers = await Promise.all(
    refs.map(async (object) => ({ object, there: await unlessForbidden(cluster.find(object), FORBIDDEN) })),
  )
  return {
    found: answers.flatMap(({ there }) =>
      there === undefined || there === FORBIDDEN ? [] : [driver.settingsRead(there as KubeObject)],
    ),
    unread: answers.flatMap(({ object, there }) => (there === FORBIDDEN ? [{ part: 'driver-settings', object }] : [])),
  }
}

function secretUnread(ref: SecretRef): Unread {
  return { part: 'secret', object: { apiVersion: 'v1', kind: 'Secret', ...ref } }
}

const RECORDS_UNREAD: Unread = { part: 'records', object: { apiVersion: 'v1', kind: 'Namespace', name: NAMESPACE } }

/** Of what the migration names for juicify's own pods, what is not there, and what may not be read. */
async function whatPodsNeed(
  cluster: Cluster,
  { imagePullSecrets = [], serviceAccountName }: Partial<Migration['copy']> = {},
): Promise<{ missing: ObjectRef[]; unread: Unread[] }> {
  const named = (kind: string, name: string): ObjectRef => ({ apiVersion: 'v1', kind, namespace: NAMESPACE, name })
  const refs = [
    ...imagePullSecrets.map(({ name }) => named('Secret', name)),
    ...(serviceAccountName === undefined ? [] : [named('ServiceAccount', serviceAccountName)]),
  ]
  const found = await Promise.all(
    refs.map(async (object) => ({ object, there: await unlessForbidden(cluster.find(object), FORBIDDEN) })),
  )
  return {
    missing: found.filter(({ there }) => there === undefined).map(({ object }) => object),
    unread: found.filter(({ there }) => there === FORBIDDEN).map(({ object }) => ({ part: 'for-pods', object })),
  }
}

function unlessEmpty<K extends string, T>(key: K, list: T[]): { [key in K]?: T[] } {
  return (list.length > 0 ? { [key]: list } : {}) as { [key in K]?: T[] }
}

/**
 * What the copies of an earlier run needed, and may still be there, is nobody's data. The label alone says nothing, for
 * anybody may set it: what is ours is in our namespace, or a volume for a claim there.
 */
function isNotOurs({ metadata, spec }: KubeObject): boolean {
  const { claimRef } = (spec ?? {}) as { claimRef?: { namespace?: string } }
  const namespace = metadata.namespace ?? claimRef?.namespace
  return namespace !== NAMESPACE || metadata.labels?.[LABEL.copy] === undefined
}

/** Which cluster this is. Throws Failure where the server is none. */
export async function clusterIdentity(cluster: Cluster): Promise<ClusterIdentity> {
  const [namespace, version] = await Promise.all([
    cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }),
    cluster.raw('GET', '/version'),
  ])
  const { gitVersion } = version as { gitVersion?: string }
  const { uid } = namespace.metadata
  if (uid === undefined || gitVersion === undefined) {
    throw new Failure(...worded((say) => say.server.notKubernetes(cluster.server)))
  }
  return { uid, version: gitVersion, title: cluster.title }
}

async function listPods({ cluster, signal }: Source): Promise<PodUse[]> {
  const pods: PodUse[] = []
  const onPage = (page: KubeObject[]) => {
    for (const pod of page.filter(isNotOurs)) pods.push(podUse(pod))
  }
  await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { onPage, signal })
  return pods
}

/** The groups that have a record, those of juicify 0.1.0 included: their volumes are not planned anew. */
async function listRecords(cluster: Cluster, signal?: AbortSignal): Promise<Survey['records'] | typeof FORBIDDEN> {
  const ofEarlier = cluster.list<EarlierHead>(
    { apiVersion: 'v1', kind: 'ConfigMap' },
    { namespace: NAMESPACE, labelSelector: RECORD_SELECTOR, signal },
  )
  const [records, earlier] = await Promise.all([
    unlessForbidden(cluster.list<RecordHead>(RECORD_KIND, { signal }), FORBIDDEN),
    unlessForbidden(ofEarlier, FORBIDDEN),
  ])
  if (records === FORBIDDEN || earlier === FORBIDDEN) return FORBIDDEN
  const ours = records.items.flatMap(({ metadata: { name: group }, spec, state }) =>
    spec && state ? [{ group, state: state.phase ?? '', volumes: spec.volumes ?? [] }] : [],
  )
  const known = new Set(ours.map(({ group }) => group))
  const others = earlier.items.flatMap(({ metadata, data }) => {
    const group = metadata.labels?.[LABEL.group]
    const state = metadata.annotations?.[ANNOTATION.state]
    if (group === undefined || state === undefined || known.has(group)) return []
    return [{ group, state, volumes: data?.volumes?.split('\n').filter((name) => name !== '') ?? [] }]
  })
  return [...ours, ...others]
}

interface RecordHead extends KubeObject {
  spec?: { volumes?: string[] }
  state?: { phase?: string }
}

interface EarlierHead extends KubeObject {
  data?: Record<string, string>
}
