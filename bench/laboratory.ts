import pLimit from 'p-limit'
import type { Cluster } from '../src/cluster/cluster.ts'
import { isApiError } from '../src/cluster/errors.ts'
import { type KubeObject, refOf } from '../src/domain/object.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../src/domain/volume.ts'

/** Everything that the benchmark makes has this label, and is removed by it. */
export const LABEL = { 'app.kubernetes.io/part-of': 'juicify-bench' }
const SELECTOR = 'app.kubernetes.io/part-of=juicify-bench'
/** Requests at once for what is not measured. */
const AT_ONCE = 24

const PV = { apiVersion: 'v1', kind: 'PersistentVolume' }
const PVC = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
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
  await createAll(
    cluster,
    numbers.map((number) => volume(nameOf(number), namespaceOf(number, namespaces), `/data/bench/${nameOf(number)}`)),
  )
  await createAll(
    cluster,
    numbers.map((number) => claim(nameOf(number), namespaceOf(number, namespaces))),
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
  const limit = pLimit(AT_ONCE)
  await Promise.all(
    objects.map((object) =>
      limit(async () => {
        try {
          await cluster.create(object)
        } catch (error) {
          if (!isApiError(error, 409, 'AlreadyExists')) throw error
        }
      }),
    ),
  )
}

/** More of them would meet the controller at its work, and make it forget others. */
const TOUCHED_AT_ONCE = 50
const LOOK_AGAIN_MS = 2_000

/** Touches what the controller has forgotten until every claim is Bound. */
export async function untilBound(cluster: Cluster): Promise<void> {
  for (let round = 0; round < 450; round++) {
    const { items } = await cluster.list<PersistentVolumeClaim>(PVC, { labelSelector: SELECTOR })
    const waiting = items.filter(({ status }) => status?.phase !== 'Bound')
    if (waiting.length === 0) return
    const body = { metadata: { annotations: { 'bench/touched': String(round) } } }
    await Promise.all(
      waiting.slice(0, TOUCHED_AT_ONCE).map((each) => cluster.patch(refOf(each), { type: 'merge', body })),
    )
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
  throw new Error('the claims of the benchmark are not bound after fifteen minutes')
}

/** Removes everything that has the label, whatever state a measurement has left it in. */
export async function clear(cluster: Cluster): Promise<void> {
  const controllers = ['Deployment'].map((kind) => ({ apiVersion: 'apps/v1', kind }))
  for (const kind of [
    ...controllers,
    POD,
    PVC,
    PV,
    { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver' },
    { apiVersion: 'v1', kind: 'Secret' },
  ]) {
    await removeAll(cluster, kind)
  }
  await removeAll(cluster, { apiVersion: 'v1', kind: 'Namespace' })
  await forgetGroups(cluster)
}

/** The records of groups whose volumes are gone by now: a run that was killed leaves them. */
async function forgetGroups(cluster: Cluster): Promise<void> {
  const kind = { apiVersion: 'v1', kind: 'ConfigMap' }
  const { items } = await cluster.list<KubeObject & { data?: Record<string, string> }>(kind, { namespace: 'juicify' })
  const ours = items.filter(({ data }) => data?.volumes?.split('\n').every((name) => name.startsWith('bench-')))
  await Promise.all(ours.map((record) => cluster.delete(refOf(record))))
}

async function removeAll(cluster: Cluster, kind: { apiVersion: string; kind: string }): Promise<void> {
  const limit = pLimit(AT_ONCE)
  for (let round = 0; round < 3_600; round++) {
    const { items } = await cluster.list<KubeObject>(kind, { labelSelector: SELECTOR })
    if (items.length === 0) return
    const standing = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    await Promise.all(
      standing.map((item) =>
        limit(() => cluster.delete(refOf(item), kind.kind === 'Pod' ? { gracePeriodSeconds: 0 } : {})),
      ),
    )
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  throw new Error(`${kind.kind} objects of the benchmark are still there after a quarter of an hour`)
}

export function namespace(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: LABEL } }
}

export function volume(name: string, namespace: string, path: string, claimed = name): KubeObject {
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

export function claim(name: string, namespace: string, volumeName = name): KubeObject {
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
