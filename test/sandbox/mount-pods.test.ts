import { afterEach, expect, test } from 'vitest'
import { type Connection, connect } from '../../src/cluster/connect.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import type { PersistentVolume } from '../../src/domain/volume.ts'
import { mountPodsOf, stoppedForRollback } from '../../src/engine/mounts.ts'
import { readRecords } from '../../src/engine/record.ts'
import { apply } from '../../src/engine/run.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { begin, planOf, resumeAll, rollbackAll, type Story, told } from '../laboratory/story.ts'

// The driver of JuiceFS looks a volume up for as long as one of its mount pods is on a node, and crashes for good where the
// volume has become a host path meanwhile.

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const VOLUME = { apiVersion: 'v1', kind: 'PersistentVolume', name: 'jupyter-workspace' }

function mountPod(namespace = 'kube-system', subdir?: string): KubeObject {
  const mount = `exec /bin/mount.juicefs $metaurl /jfs/x -o ${subdir === undefined ? '' : `subdir=${subdir},`}cache-dir=/c`
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'juicefs-node1-jupyter-workspace-abcdef',
      namespace,
      labels: { 'app.kubernetes.io/name': 'juicefs-mount', 'volume-id': VOLUME.name },
    },
    spec: {
      nodeName: 'node1',
      containers: [{ name: 'jfs-mount', image: 'juicedata/mount:ce-v1.3.1', command: ['sh', '-c', mount] }],
    },
  } as KubeObject
}

/** Everything is migrated, and a mount pod of one of the new volumes is there. */
async function migrated(namespace?: string): Promise<Story & { others: Connection }> {
  const story = await begin(smallLaboratory())
  const others = await connect({ kubeconfigText: story.sandbox.kubeconfig })
  closing.push(story.close, () => others.close())
  const results = await apply(await planOf(story.cluster), told(story.cluster).options)
  expect(results.map(({ outcome }) => outcome)).toEqual(results.map(() => 'migrated'))
  await others.create(mountPod(namespace))
  return { ...story, others }
}

const driverOf = async (others: Connection) => (await others.get<PersistentVolume>(VOLUME)).spec.csi?.driver

test('a rollback waits until no mount pod of a volume is left before it takes the volume away', async () => {
  const { cluster, others, sandbox } = await migrated()
  let seen: string | undefined
  const results = await rollbackAll(cluster, {
    emit: (event) => {
      if (event.type !== 'waiting-for-mounts' || !event.pods.join().includes('juicefs-node1-jupyter-workspace-abcdef'))
        return
      void driverOf(others).then((driver) => {
        seen = driver
        return others.delete({ ...mountPod().metadata, apiVersion: 'v1', kind: 'Pod' })
      })
    },
  })
  expect(seen).toBe('csi.juicefs.com')
  expect(results.map(({ outcome }) => outcome)).toEqual(results.map(() => 'rolled-back'))
  await sandbox.settled()
  expect(await driverOf(others)).toBeUndefined()
})

test('a rollback leaves the volumes as they are where a mount pod does not go, and names it', async () => {
  const { cluster, others } = await migrated()
  const { settings } = told(cluster).options
  const results = await rollbackAll(cluster, { settings: { ...settings, stopTimeout: 1500 } })
  const failed = results.filter(({ outcome }) => outcome === 'failed')
  expect(failed.map(({ message }) => message).join()).toMatch(
    /not rolled back: timed out after 2 s waiting for Pod kube-system\/juicefs-node1-jupyter-workspace-abcdef to unmount them/,
  )
  expect(await driverOf(others)).toBe('csi.juicefs.com')
})

test('a pod of a tenant’s with the labels of a mount pod holds no rollback up', async () => {
  const { cluster } = await migrated('jupyter')
  const results = await rollbackAll(cluster)
  expect(results.map(({ outcome }) => outcome)).toEqual(results.map(() => 'rolled-back'))
})

test('what the migration restarts pod by pod is stopped for a rollback where the driver mounts with pods', async () => {
  const { cluster } = await migrated()
  const pods = await Promise.all(
    (await readRecords(cluster)).map(({ kept }) => mountPodsOf({ cluster, group: kept.group }, kept.plan)),
  )
  const found = pods.flat()
  expect(found.map(({ metadata }) => metadata.name)).toEqual(['juicefs-node1-jupyter-workspace-abcdef'])
  expect(stoppedForRollback([{ quiesce: 'rolling' }, { quiesce: 'wait' }], found)).toEqual([
    { quiesce: 'stop' },
    { quiesce: 'wait' },
  ])
  expect(stoppedForRollback([{ quiesce: 'rolling' }], [])).toEqual([{ quiesce: 'rolling' }])
})

/** Applies while a mount pod is there that shows that subdir, and tells what came of it. */
async function appliedWith(subdir: string) {
  const { cluster, sandbox, close } = await begin(smallLaboratory())
  const others = await connect({ kubeconfigText: sandbox.kubeconfig })
  closing.push(close, () => others.close())
  const plan = await planOf(cluster)
  await others.create(mountPod('kube-system', subdir))
  const { events, options } = told(cluster)
  const results = await apply(plan, options)
  return { events, results: results.filter(({ group }) => group.includes('workspace')), others, cluster }
}

test('users whose mount shows another place than their volume says are not told that they have arrived', async () => {
  const { results, others, cluster } = await appliedWith('all')
  expect(results).toMatchObject([{ outcome: 'failed' }])
  expect(results[0]?.message).toContain(
    'PersistentVolume jupyter-workspace should show kubeflow/pipeline/workspace of the file system, and its mount, Pod kube-system/juicefs-node1-jupyter-workspace-abcdef, shows all',
  )
  // mended, and its users restarted: it is looked at once more
  await others.delete({ ...mountPod().metadata, apiVersion: 'v1', kind: 'Pod' })
  expect((await resumeAll(cluster)).map(({ outcome }) => outcome)).not.toContain('failed')
})

test('of the mounts that users got it is said which were seen to show what was planned', async () => {
  const { results, events } = await appliedWith('/kubeflow/pipeline/workspace/')
  expect(results).toMatchObject([{ outcome: 'migrated' }])
  expect(events.filter(({ type }) => type === 'mounts-seen')).toMatchObject([
    { seen: ['jupyter-workspace'], unseen: ['pipeline-workspace'] },
  ])
})
