import pLimit from 'p-limit'
import type { Cluster } from '../src/cluster/cluster.ts'
import { isApiError } from '../src/cluster/errors.ts'
import { type KubeObject, refOf } from '../src/domain/object.ts'
import { RECORD_KIND } from '../src/domain/own-kinds.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../src/domain/volume.ts'

/** Everything that the benchmark makes has this label, and is removed by it. */
export const LABEL = { 'app.kubernetes.io/part-of': 'juicify-bench' }
const SELECTOR = 'app.kubernetes.io/part-of=juicify-bench'
/** Requests at once for what is not measured. */
const AT_ONCE = 24

const PV = { apiVersion: 'v1', kind: 'PersistentVolume' } as const
const PVC = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' } as const
const POD = { apiVersion: 'v1', kind: 'Pod' }

export interface Amounts {
  volumes: number
  namespaces: number
  /** Pods of each claim; on no node. */
  pods: number
}

/** Volumes in directories of their own, with their claims, spread over namespaces; all of them Bound. */
export async function furnish(cluster: Cluster, { volumes, namespaces, pods }: Amounts): Promise<void> {
  await prepare(cluster)
  const numbers = Array.from({ length: volumes }, (_, number) => number)
  await createAll(
    cluster,
    Array.from({ length: namespaces }, (_, number) => namespace(namespaceOf(number, namespaces))),
  )
  await createBound(
    cluster,
    numbers.map((number) => {
      const [name, where] = [nameOf(number), namespaceOf(number, namespaces)]
      return [volume(name, where, `/data/bench/${name}`), claim(name, where)]
    }),
  )
  await createAll(
    cluster,
    numbers.flatMap((number) =>
      Array.from({ length: pods }, (_, pod) =>
        unscheduled(`${nameOf(number)}-${pod}`, namespaceOf(number, namespaces), nameOf(number)),
      ),
    ),
  )
  await untilBound(cluster)
}

export function nameOf(number: number): string {
  return `bench-${String(number).padStart(5, '0')}`
}

function namespaceOf(number: number, of: number): string {
  return `bench-${String(number % of).padStart(2, '0')}`
}

/** What every migration needs: the driver's and the file system's objects, where they are missing. */
export async function prepare(cluster: Cluster): Promise<void> {
  await createAll(cluster, [
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSIDriver',
      metadata: { name: 'csi.juicefs.com', labels: LABEL },
      spec: { attachRequired: false },
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'juicefs-sc-secret', namespace: 'kube-system', labels: LABEL },
      stringData: {
        name: 'bench',
        metaurl: 'redis://192.0.2.1:6379/1',
        storage: 'minio',
        bucket: 'http://192.0.2.2:9000/bench',
      },
    } as KubeObject,
  ])
}

export async function createAll(cluster: Cluster, objects: KubeObject[]): Promise<void> {
  await eachAtOnce(objects, (object) => unlessThere(cluster.create(object)))
}

/**
 * Creates volumes with their claims, and says of them what the controller would say in the end, before it comes to look
 * at them: with its 20 requests a second it would take half an hour for ten thousand.
 */
export async function createBound(cluster: Cluster, pairs: [PersistentVolume, PersistentVolumeClaim][]): Promise<void> {
  await eachAtOnce(pairs, async ([volume, claim]) => {
    const made = await unlessThere(cluster.create(claim))
    if (!made) return
    const bound = asBound(volume, made)
    await cluster.create(bound.volume)
    for (const { metadata, status, ...object } of [bound.volume, bound.claim]) {
      const { annotations } = metadata
      const patch = { type: 'merge', body: { metadata: { annotations }, status } } as const
      await cluster.patch(refOf({ ...object, metadata }), patch, { subresource: 'status' })
    }
  })
}

/** A volume and its claim as the controller leaves them. */
export function asBound(volume: PersistentVolume, claim: PersistentVolumeClaim) {
  const { namespace, name, uid, ...metadata } = claim.metadata
  const { capacity, accessModes } = volume.spec
  const annotations = { 'pv.kubernetes.io/bind-completed': 'yes' }
  return {
    volume: { ...volume, spec: { ...volume.spec, claimRef: { namespace, name, uid } }, status: { phase: 'Bound' } },
    claim: {
      ...claim,
      metadata: { ...metadata, namespace, name, uid, annotations },
      status: { phase: 'Bound', capacity, accessModes },
    },
  }
}

function unlessThere<T>(creation: Promise<T>): Promise<T | undefined> {
  return unless(creation, (error) => isApiError(error, 409, 'AlreadyExists'))
}

function unlessGone<T>(change: Promise<T>): Promise<T | undefined> {
  return unless(change, (error) => isApiError(error, 404))
}

async function unless<T>(answer: Promise<T>, harmless: (error: unknown) => boolean): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (harmless(error)) return undefined
    throw error
  }
}

async function eachAtOnce<T>(items: T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const limit = pLimit(AT_ONCE)
  await Promise.all(items.map((item) => limit(work, item)))
}

/** More of them would meet the controller at its work, and make it forget others. */
const TOUCHED_AT_ONCE = 50
const LOOK_AGAIN_MS = 2_000

/** Touches what the controller has forgotten until every claim is Bound. */
export async function untilBound(cluster: Cluster): Promise<void> {
  for (let round = 0, quiet = 0; round < 450; round++) {
    const { items } = await cluster.list<PersistentVolumeClaim>(PVC, { labelSelector: SELECTOR })
    const waiting = items.filter(({ status }) => status?.phase !== 'Bound')
    // the controller may come late to a claim that was made before its volume, and take it for unbound for a moment
    quiet = waiting.length === 0 ? quiet + 1 : 0
    if (quiet === 2) return
    const body = { metadata: { annotations: { 'bench/touched': String(round) } } }
    await Promise.all(
      waiting.slice(0, TOUCHED_AT_ONCE).map((each) => cluster.patch(refOf(each), { type: 'merge', body })),
    )
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
  throw new Error('the claims of the benchmark are not bound after fifteen minutes')
}

/** Removes what a measurement has made, whatever state it has left it in; the namespaces stay for the next one. */
export async function clear(cluster: Cluster): Promise<void> {
  for (const kind of [
    { apiVersion: 'apps/v1', kind: 'Deployment' },
    POD,
    PVC,
    PV,
    { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver' },
    { apiVersion: 'v1', kind: 'Secret' },
  ]) {
    await removeAll(cluster, kind)
  }
  await forgetGroups(cluster)
}

export async function clearNamespaces(cluster: Cluster): Promise<void> {
  await removeAll(cluster, { apiVersion: 'v1', kind: 'Namespace' })
}

/** The records of groups whose volumes are gone by now: a run that was killed leaves them. */
async function forgetGroups(cluster: Cluster): Promise<void> {
  const records = await cluster
    .list<KubeObject & { spec: { volumes: string[] } }>(RECORD_KIND)
    .catch((error: unknown) => {
      // nobody has brought the kind yet
      if (isApiError(error, 404)) return { items: [] }
      throw error
    })
  const ours = records.items.filter(({ spec }) => spec.volumes.every((name) => name.startsWith('bench-')))
  await Promise.all(ours.map((record) => cluster.delete(refOf(record))))
}

async function removeAll(cluster: Cluster, kind: { apiVersion: string; kind: string }): Promise<void> {
  for (let round = 0; round < 3_600; round++) {
    const { items } = await cluster.list<KubeObject>(kind, { labelSelector: SELECTOR })
    if (items.length === 0) return
    await eachAtOnce(items, (item) => remove(cluster, item))
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  throw new Error(`${kind.kind} objects of the benchmark are still there after a quarter of an hour`)
}

/** A pod at once, and what has a finalizer without waiting for the controller, which takes off twenty of them a second. */
async function remove(cluster: Cluster, item: KubeObject): Promise<void> {
  const { deletionTimestamp, finalizers } = item.metadata
  if (deletionTimestamp === undefined)
    await cluster.delete(refOf(item), item.kind === 'Pod' ? { gracePeriodSeconds: 0 } : {})
  const body = { metadata: { finalizers: null } }
  if (finalizers) await unlessGone(cluster.patch(refOf(item), { type: 'merge', body }))
}

export function namespace(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: LABEL } }
}

export function volume(name: string, namespace: string, path: string, claimed = name): PersistentVolume {
  return {
    ...PV,
    metadata: { name, labels: LABEL },
    spec: {
      capacity: { storage: '500Gi' },
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      claimRef: { namespace, name: claimed },
      hostPath: { path, type: 'DirectoryOrCreate' },
    },
  }
}

export function claim(name: string, namespace: string, volumeName = name): PersistentVolumeClaim {
  return {
    ...PVC,
    metadata: { name, namespace, labels: LABEL },
    spec: {
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '500Gi' } },
      storageClassName: '',
      volumeName,
    },
  }
}

/** A pod that no scheduler will ever look at: for the planner it uses the claim, for the cluster it costs nothing. */
function unscheduled(name: string, namespace: string, claimName: string): KubeObject {
  return {
    ...POD,
    metadata: { name, namespace, labels: LABEL },
    spec: {
      schedulerName: 'nobody',
      automountServiceAccountToken: false,
      containers: [{ name: 'main', image: 'local/pause:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
    },
  }
}

/** The volumes of the benchmark, and their claims by the volume's name. */
export async function volumesAndClaims(
  cluster: Cluster,
): Promise<{ volumes: PersistentVolume[]; claims: Map<string, PersistentVolumeClaim> }> {
  const { items: volumes } = await cluster.list<PersistentVolume>(PV, { labelSelector: SELECTOR })
  const { items: claims } = await cluster.list<PersistentVolumeClaim>(PVC, { labelSelector: SELECTOR })
  return { volumes, claims: new Map(claims.map((each) => [each.spec.volumeName ?? '', each])) }
}

/** What of the benchmark's directories goes where. */
export const MIGRATION = `apiVersion: juicify.dev/v1alpha1
kind: Migration
metadata: {name: bench}
spec:
  select: {namespaces: ["bench-*"]}
  paths: [{from: /data/bench, to: bench}]
  target:
    secretRef: {name: juicefs-sc-secret, namespace: kube-system}
  source: {nodes: shared}
  copy: {mode: none}
`
