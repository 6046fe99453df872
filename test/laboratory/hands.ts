import type { Cluster } from '../../src/cluster/cluster.ts'
import { isTransient } from '../../src/cluster/errors.ts'
import { pause } from '../../src/cluster/signal.ts'
import { isReady } from '../../src/domain/node.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { createUnlessThere } from '../../src/jobs/objects.ts'
import { missing, openCluster } from './real.ts'

/**
 * Where the hands are: a pod on every node, by which tests do and see what a person on that node would. Several runs of tests
 * may be at one cluster, so each has hands of its own; its workers are told the name.
 */
export const HANDS = process.env.JUICIFY_TEST_HANDS ?? `juicify-test-${process.pid}`
process.env.JUICIFY_TEST_HANDS = HANDS

/** On the namespace of a run's hands: its process on this machine. */
const PROCESS = 'juicify.test/process'

/** The pod that is the hand on a node. */
export function handOn(node: string): string {
  return `hand-${node}`
}

/** The annotation by which the stand-in for JuiceFS' driver tells where on every node its files are. */
const STORE = 'juicify.test/store'
/** The file system's Secret, as the hands have it. */
const SECRET = 'juicefs'
const IMAGE = 'local/tools:1'
const PATIENCE = 120_000

/** Puts a hand on every node, and takes them off when all tests are over. */
export default async function setup(): Promise<() => Promise<void>> {
  if (missing) return async () => {}
  const cluster = await openCluster()
  await removeLeft(cluster)
  await cluster.create({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: HANDS,
      labels: { 'pod-security.kubernetes.io/enforce': 'privileged', [PROCESS]: String(process.pid) },
    },
  })
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', namespace: HANDS, name: 'default' }
  await cluster.waitFor(account, (now) => now !== undefined, { timeout: PATIENCE, what: 'the service account' })
  const files = await fileSystem(cluster)
  const { items } = await cluster.list<KubeObject>({ apiVersion: 'v1', kind: 'Node' })
  const pods = items.map(({ metadata }) => pod(metadata.name, files))
  for (const each of pods) await createWhenAccepted(cluster, each)
  for (const { metadata } of pods) {
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace: HANDS, name: metadata.name }
    await cluster.waitFor<KubeObject>(ref, (now) => now !== undefined && isReady(now), {
      timeout: PATIENCE,
      what: `${metadata.name} to be ready`,
    })
  }
  return async () => {
    await remove(cluster, HANDS).finally(() => cluster.close())
  }
}

/** A server of 1.20 refuses (500) the pods of a namespace until it has made the token of its service account. */
async function createWhenAccepted(cluster: Cluster, object: KubeObject): Promise<void> {
  const deadline = cluster.deadline(PATIENCE)
  try {
    for (;;) {
      try {
        return await createUnlessThere(cluster, object)
      } catch (error) {
        if (!isTransient(error) || deadline.signal.aborted) throw error
        await pause(200)
      }
    }
  } finally {
    deadline.clear()
  }
}

/** How a hand sees the root of the file system, at /jfs. */
interface Files {
  volumes: object[]
  mounts: object[]
  /** What mounts it, where it has to be mounted. */
  command: string
}

/**
 * The stand-in's folder, or the real file system, which each hand mounts for itself: a claim on its root would be a volume
 * of the cluster, of which juicify has a right to ask who uses it.
 */
async function fileSystem(cluster: Cluster): Promise<Files> {
  const store = await boundFolder(cluster)
  if (store) {
    const hostPath = { path: store, type: 'DirectoryOrCreate' }
    return { volumes: [{ name: 'jfs', hostPath }], mounts: [mount('jfs')], command: '' }
  }
  const ref = { apiVersion: 'v1', kind: 'Secret', name: 'juicefs-sc-secret', namespace: 'kube-system' }
  const { data = {} } = await cluster.get<KubeObject & { data?: Record<string, string> }>(ref)
  await cluster.create<KubeObject>({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: SECRET, namespace: HANDS },
    data,
  })
  const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString()
  // what another client has done is seen at once
  const fresh = '--attr-cache=0 --entry-cache=0 --dir-entry-cache=0'
  const command = `mkdir -p /jfs && juicefs mount -d --no-usage-report --metrics=127.0.0.1:0 ${fresh} "$metaurl" /jfs || exit`
  if (text('storage') !== 'file') return { volumes: [], mounts: [], command }
  const blocks = text('bucket')
  return {
    volumes: [{ name: 'blocks', hostPath: { path: blocks } }],
    mounts: [{ name: 'blocks', mountPath: blocks }],
    command,
  }
}

/** The folder of every node that stands for the file system; undefined where that is a real one. */
export async function boundFolder(cluster: Cluster): Promise<string | undefined> {
  const driver = await cluster.get({ apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', name: 'csi.juicefs.com' })
  return driver.metadata.annotations?.[STORE]
}

function mount(name: string): object {
  return { name, mountPath: `/${name}`, mountPropagation: 'Bidirectional' }
}

function pod(node: string, { volumes, mounts, command }: Files): KubeObject {
  const metaurl = { secretKeyRef: { name: SECRET, key: 'metaurl' } }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: handOn(node), namespace: HANDS },
    spec: {
      nodeName: node,
      // what is mounted on the node is seen at /proc/1/mountinfo
      hostPID: true,
      // where the metadata engine may listen on loopback alone
      hostNetwork: true,
      terminationGracePeriodSeconds: 0,
      tolerations: [{ operator: 'Exists' }],
      containers: [
        {
          name: 'hand',
          image: IMAGE,
          command: ['sh', '-c', `${command || ':'}; touch /ready; exec sleep 2147483647`],
          readinessProbe: { exec: { command: ['test', '-e', '/ready'] }, periodSeconds: 1 },
          ...(command ? { env: [{ name: 'metaurl', valueFrom: metaurl }] } : {}),
          securityContext: { privileged: true, runAsUser: 0 },
          volumeMounts: [mount('data'), ...mounts],
        },
      ],
      volumes: [{ name: 'data', hostPath: { path: '/data', type: 'DirectoryOrCreate' } }, ...volumes],
    },
  }
}

/** The hands of runs that were killed. */
async function removeLeft(cluster: Cluster): Promise<void> {
  const { items } = await cluster.list<KubeObject>({ apiVersion: 'v1', kind: 'Namespace' }, { labelSelector: PROCESS })
  const left = items.filter(({ metadata }) => !isAlive(Number(metadata.labels?.[PROCESS])))
  for (const { metadata } of left) await remove(cluster, metadata.name)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function remove(cluster: Cluster, name: string): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', name }
  await cluster.delete(namespace)
  await cluster.waitFor(namespace, (now) => now === undefined, { timeout: PATIENCE, what: `${name} to be gone` })
  await cluster.delete({ apiVersion: 'v1', kind: 'PersistentVolume', name })
}
