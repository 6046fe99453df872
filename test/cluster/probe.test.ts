import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Connection, connect } from '../../src/cluster/connect.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import type { PersistentVolume } from '../../src/domain/volume.ts'
import { type Setup, secretManifest, secretNameFor, storageClassManifest } from '../../src/filesystem/juicefs/setup.ts'
import { fileSystemOf } from '../../src/filesystem/registry.ts'
import { type ProbeOptions, probe, probeNodes } from '../../src/probe/probe.ts'
import { migration } from '../laboratory/migration.ts'
import { onJuiceFS, readdir } from '../laboratory/node-files.ts'

const here = process.env.JUICIFY_TEST_CLUSTER === '1'
const className = `probe-${process.pid}`

/** What juicify setup writes, for the stand-in's file system. */
const setup: Setup = {
  name: 'zj-juicefs',
  storage: 'minio',
  bucket: 'http://127.0.0.1:9000/data',
  className,
  secretRef: { namespace: 'kube-system', name: secretNameFor(className) },
  driver: 'csi.juicefs.com',
  resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1', memory: '1Gi' } },
  envs: {},
}

describe.skipIf(!here)('juicify probe on two real nodes (JUICIFY_TEST_CLUSTER=1)', () => {
  let cluster: Connection
  const made: KubeObject[] = [
    secretManifest(setup, { metaurl: 'redis://:not-a-real-password@127.0.0.1:6379/1' }),
    storageClassManifest(setup),
  ]

  beforeAll(async () => {
    cluster = await connect()
    for (const object of made) await cluster.create(object)
  })
  afterAll(async () => {
    for (const { apiVersion, kind, metadata } of made) await cluster.delete({ apiVersion, kind, ...metadata })
    cluster.close()
  })

  async function options(more: Partial<ProbeOptions> = {}): Promise<ProbeOptions> {
    const target = { ...migration().target, driver: setup.driver, secretRef: setup.secretRef }
    const fileSystem = fileSystemOf(target)
    const nodes = await probeNodes(cluster, fileSystem.driver)
    const signal = new AbortController().signal
    // the stand-in's provisioner disposes of nothing
    const times = { timeout: 60_000, disposal: 1_000 }
    return { cluster, fileSystem, image: 'local/tools:1', nodes, ...times, emit: () => {}, signal, ...more }
  }

  async function left(): Promise<string[]> {
    const kinds = ['Pod', 'PersistentVolumeClaim', 'PersistentVolume']
    const lists = await Promise.all(kinds.map((kind) => cluster.list({ apiVersion: 'v1', kind })))
    const ofProbes = ({ metadata, spec }: KubeObject) =>
      metadata.labels?.['juicify.dev/probe'] !== undefined ||
      (spec as { storageClassName?: string }).storageClassName === className
    return lists.flatMap(({ items }) => items.filter(ofProbes).map(({ kind, metadata }) => `${kind} ${metadata.name}`))
  }

  test('what setup writes works: both nodes see what the other wrote, and nothing is left in the cluster', async () => {
    const result = await probe({ className }, await options())
    expect(result).toMatchObject({ what: `class ${className}`, writer: 'node1', readers: [{ node: 'node2' }] })
    expect(result.readers[0]?.roundTripMs).toBeLessThan(10_000)
    expect(await left()).toEqual([])
  })

  test('a migrated volume is seen from both nodes, and nothing of the probe is left in it', async () => {
    const volume: PersistentVolume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `probed-${process.pid}` },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteMany'],
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: '',
        mountOptions: [`subdir=probed-${process.pid}`],
        csi: {
          driver: setup.driver,
          volumeHandle: `probed-${process.pid}`,
          fsType: 'juicefs',
          nodePublishSecretRef: { name: setup.secretRef.name, namespace: setup.secretRef.namespace },
        },
      },
    }
    const before = await cluster.create(volume)
    await probe({ volume: before }, await options())
    expect(await readdir(onJuiceFS(`probed-${process.pid}`))).toEqual([])
    expect(await left()).toEqual([])
    const after = await cluster.get<PersistentVolume>({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      ...volume.metadata,
    })
    expect(after.metadata.uid).toBe(before.metadata.uid)
    await cluster.delete({ apiVersion: 'v1', kind: 'PersistentVolume', ...volume.metadata })
  })

  test('interrupted while its pods run, it leaves nothing', async () => {
    const controller = new AbortController()
    const emit: ProbeOptions['emit'] = () => controller.abort(new Error('interrupted'))
    await expect(probe({ className }, await options({ signal: controller.signal, emit }))).rejects.toThrow(
      'interrupted',
    )
    expect(await left()).toEqual([])
  })
})
