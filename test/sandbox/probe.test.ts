import { afterEach, describe, expect, test } from 'vitest'
import { connect } from '../../src/cluster/connect.ts'
import { isApiError } from '../../src/cluster/errors.ts'
import type { KubeObject, ObjectRef } from '../../src/domain/object.ts'
import type { PersistentVolume } from '../../src/domain/volume.ts'
import type { Event } from '../../src/engine/events.ts'
import { fileSystemOf } from '../../src/filesystem/registry.ts'
import { type ProbeOptions, probe, probeImage, probeNodes } from '../../src/probe/probe.ts'
import { eventTexts } from '../../src/report/event-text.ts'
import { LOG_ANNOTATION } from '../../src/sandbox/index.ts'
import { laboratory } from '../laboratory/manifests.ts'
import { migration } from '../laboratory/migration.ts'
import { mortal } from '../laboratory/mortal.ts'
import { begin, type Story } from '../laboratory/story.ts'

const VOLUME: PersistentVolume = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'moved' },
  spec: {
    capacity: { storage: '500Gi' },
    accessModes: ['ReadWriteMany'],
    persistentVolumeReclaimPolicy: 'Retain',
    mountOptions: ['subdir=kubeflow/archives'],
    csi: {
      driver: 'csi.juicefs.com',
      volumeHandle: 'moved',
      fsType: 'juicefs',
      nodePublishSecretRef: { name: 'juicefs-sc-secret', namespace: 'kube-system' },
    },
  },
}
const CLASS = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'juicefs-sc' },
  provisioner: 'csi.juicefs.com',
  reclaimPolicy: 'Retain',
}

let story: Story | undefined
let ending: (() => Promise<void>) | undefined
afterEach(async () => {
  await ending?.()
  await story?.close()
  ending = undefined
})

type Ending = { phase: string; log: string; containerStatuses?: unknown[] }
const ANSWERED = { phase: 'Succeeded', log: 'juicify answered 1 40\n' }

/** A laboratory whose pods of a probe end so, and whose class has a provisioner that makes volumes and disposes of them. */
async function laboratoryWith(endingOf: (index: number) => Ending | undefined): Promise<Story> {
  const started = await begin([...laboratory(), VOLUME, CLASS])
  story = started
  const actor = await connect({ kubeconfigText: started.sandbox.kubeconfig })
  const stop = new AbortController()
  const follow = async (kind: string, act: (object: KubeObject) => Promise<unknown>) => {
    const { resourceVersion } = await actor.list({ apiVersion: 'v1', kind })
    for await (const { type, object } of actor.watch(
      { apiVersion: 'v1', kind },
      { resourceVersion, signal: stop.signal },
    ))
      if (type !== 'DELETED') await act(object).catch(unlessGone)
  }
  const ended = new Set<string | undefined>()
  const actors = Promise.all([
    follow('Pod', async ({ apiVersion, kind, metadata, status: before }) => {
      const index = Number(/^juicify-probe-.*-(\d)$/.exec(metadata.name)?.[1] ?? -1)
      const end = index < 0 || (before as { phase?: string })?.phase !== 'Running' ? undefined : endingOf(index)
      if (!end || ended.has(metadata.uid)) return
      ended.add(metadata.uid)
      const ref = { apiVersion, kind, ...metadata }
      const { log, ...status } = end
      await actor.patch(ref, { type: 'merge', body: { metadata: { annotations: { [LOG_ANNOTATION]: log } } } })
      await actor.patch(ref, { type: 'merge', body: { status } }, { subresource: 'status' })
    }),
    follow('PersistentVolumeClaim', async ({ metadata, spec }) => {
      const { storageClassName, volumeName } = spec as { storageClassName?: string; volumeName?: string }
      if (storageClassName !== 'juicefs-sc' || volumeName || metadata.deletionTimestamp) return
      const { namespace, name, uid } = metadata
      const pv = {
        ...VOLUME,
        metadata: { name: `pvc-${uid}`, annotations: { 'pv.kubernetes.io/provisioned-by': 'x' } },
      }
      const spec_ = { capacity: { storage: '10Pi' }, storageClassName, claimRef: { namespace, name, uid } }
      await actor.create({ ...pv, spec: { ...pv.spec, ...spec_ } })
    }),
    follow('PersistentVolume', async ({ apiVersion, kind, metadata, spec, status }) => {
      const released = (status as { phase?: string })?.phase === 'Released'
      const policy = (spec as { persistentVolumeReclaimPolicy?: string }).persistentVolumeReclaimPolicy
      if (released && policy === 'Delete') await actor.delete({ apiVersion, kind, ...metadata })
    }),
  ])
  ending = async () => {
    stop.abort()
    await actors
    actor.close()
  }
  return started
}

/** What somebody was faster with is no failure of an actor. */
function unlessGone(error: unknown): void {
  if (!isApiError(error, 404) && !isApiError(error, 409)) throw error
}

function optionsOf({ cluster }: Story, more: Partial<ProbeOptions> = {}): ProbeOptions & { events: Event[] } {
  const events: Event[] = []
  return {
    cluster,
    fileSystem: fileSystemOf(migration().target),
    image: 'local/tools:1',
    nodes: ['node1', 'node2'],
    timeout: 5_000,
    disposal: 5_000,
    emit: (event) => events.push(event),
    signal: new AbortController().signal,
    events,
    ...more,
  }
}

/** What probes have left in the cluster. */
function left({ sandbox }: Story): string[] {
  const objects = sandbox.objects() as KubeObject[]
  return objects
    .filter(({ kind, metadata }) => kind !== 'Event' && /^(juicify-probe-|pvc-)/.test(metadata.name))
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
}

describe('juicify probe', () => {
  test('tells how long an answer took, of a new claim of a class, and leaves nothing', async () => {
    const started = await laboratoryWith(() => ANSWERED)
    const options = optionsOf(started)
    const result = await probe({ className: 'juicefs-sc' }, options)
    expect(result).toEqual({
      what: 'class juicefs-sc',
      writer: 'node1',
      readers: [{ node: 'node2', roundTripMs: 40 }],
      empty: false,
      full: false,
    })
    expect(left(started)).toEqual([])
    expect(options.events.filter((event) => eventTexts(event).some(({ isWarning }) => isWarning))).toEqual([])
  })

  test('has its answer although the node has lost the log of the pod that is done', async () => {
    const state = { terminated: { exitCode: 0, message: 'juicify answered 1 40\n' } }
    const started = await laboratoryWith(() => ({ phase: 'Succeeded', log: '', containerStatuses: [{ state }] }))
    const { readers } = await probe({ volume: VOLUME }, optionsOf(started))
    expect(readers).toEqual([{ node: 'node2', roundTripMs: 40 }])
  })

  test('has its answer although a webhook has put a container into the pods that never ends', async () => {
    const status = [
      { name: 'agent', state: { running: {} } },
      { name: 'probe', state: { terminated: { exitCode: 0, message: 'juicify answered 1 40\n' } } },
    ]
    const started = await laboratoryWith((index) =>
      index < 0 ? undefined : { phase: 'Running', log: '', containerStatuses: status },
    )
    const { readers } = await probe({ volume: VOLUME }, optionsOf(started))
    expect(readers).toEqual([{ node: 'node2', roundTripMs: 40 }])
  })

  test('mounts what a migrated volume mounts, and leaves that one alone', async () => {
    const started = await laboratoryWith(() => ANSWERED)
    const before = started.sandbox.objects().find((object) => (object as KubeObject).metadata.name === 'moved')
    const seen: unknown[] = []
    const cluster = mortal(started.cluster, 0, 'before')
    const create = cluster.create.bind(cluster)
    cluster.create = (object) => {
      seen.push(object)
      return create(object)
    }
    await probe({ volume: VOLUME }, optionsOf(started, { cluster }))
    expect(seen).toContainEqual(
      expect.objectContaining({
        kind: 'PersistentVolume',
        spec: expect.objectContaining({
          mountOptions: ['subdir=kubeflow/archives'],
          csi: { ...VOLUME.spec.csi, volumeHandle: expect.stringMatching(/^juicify-probe-/) },
        }),
      }),
    )
    expect(left(started)).toEqual([])
    expect(started.sandbox.objects().find((object) => (object as KubeObject).metadata.name === 'moved')).toEqual(before)
  })

  test('names the node where it was not seen, and what was not', async () => {
    const started = await laboratoryWith((index) =>
      index === 1
        ? { phase: 'Failed', log: 'juicify failed it did not see within 5 s what the first node wrote\n' }
        : undefined,
    )
    await expect(probe({ volume: VOLUME }, optionsOf(started))).rejects.toThrow(
      'The probe failed on node2: it did not see within 5 s what the first node wrote',
    )
    expect(left(started)).toEqual([])
  })

  test('says why a pod did not start', async () => {
    const started = await laboratoryWith(() => ANSWERED)
    const nodes = ['node1', 'node9']
    await expect(probe({ volume: VOLUME }, optionsOf(started, { nodes, timeout: 500 }))).rejects.toThrow(
      /timed out after 0\.5 s waiting for .* to start: 0\/2 nodes are available/,
    )
    expect(left(started)).toEqual([])
  })

  test('refuses a volume that is on a node’s disk', async () => {
    const started = await laboratoryWith(() => ANSWERED)
    const ref: ObjectRef = { apiVersion: 'v1', kind: 'PersistentVolume', name: 'jupyter-workspace' }
    const volume = await started.cluster.get<PersistentVolume>(ref)
    await expect(probe({ volume }, optionsOf(started))).rejects.toThrow('is on a node’s disk')
  })

  test('refuses a volume of another driver than the file system’s, and makes nothing for it', async () => {
    const started = await laboratoryWith(() => ANSWERED)
    const csi = { driver: 'nfs.csi.k8s.io', volumeHandle: 'theirs' }
    const volume = { ...VOLUME, spec: { ...VOLUME.spec, csi } }
    await expect(probe({ volume }, optionsOf(started))).rejects.toThrow(
      'is not on JuiceFS with the driver csi.juicefs.com',
    )
    expect(left(started)).toEqual([])
  })

  test('tells where to look by what the file system says of its driver', async () => {
    const started = await laboratoryWith(() => ({ phase: 'Failed', log: 'juicify failed it cannot write\n' }))
    const { driver, ...rest } = fileSystemOf(migration().target)
    const fileSystem = { ...rest, driver: { ...driver, see: 'the nodes' } }
    await expect(probe({ volume: VOLUME }, optionsOf(started, { fileSystem }))).rejects.toMatchObject({
      remedy: 'See the nodes.',
    })
  })

  test('cleans up when it is interrupted', async () => {
    const controller = new AbortController()
    const started = await laboratoryWith((index) => {
      if (index === 1) controller.abort(new Error('interrupted'))
      return undefined
    })
    const options = optionsOf(started, { signal: controller.signal })
    await expect(probe({ className: 'juicefs-sc' }, options)).rejects.toThrow('interrupted')
    expect(left(started)).toEqual([])
  })

  test('finds and removes what one left that was killed, wherever it was', async () => {
    const started = await laboratoryWith(() => ANSWERED)
    // namespace, claim, two pods: the last of them may be made by a process that dies right after
    for (let k = 2; k <= 4; k++) {
      await probe(
        { className: 'juicefs-sc' },
        optionsOf(started, { cluster: mortal(started.cluster, k, 'after') }),
      ).catch(() => {})
      expect(left(started)).not.toEqual([])
      await buryHolder(started)
      const options = optionsOf(started)
      await probe({ className: 'juicefs-sc' }, options)
      expect(left(started)).toEqual([])
      expect(options.events).toContainEqual(expect.objectContaining({ type: 'probe-leftover-removed' }))
    }
  })

  test('leaves alone what a probe has made that is still under way', async () => {
    const started = await laboratoryWith(() => ANSWERED)
    const dying = optionsOf(started, { cluster: mortal(started.cluster, 3, 'after') })
    await probe({ className: 'juicefs-sc' }, dying).catch(() => {})
    const others = left(started)
    expect(others).not.toEqual([])
    await probe({ volume: VOLUME }, optionsOf(started))
    expect(left(started)).toEqual(others)
  })

  test('takes the nodes that are ready and have the driver, and the image of the mount pods', async () => {
    const mountPod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'juicefs-node1-x',
        namespace: 'kube-system',
        labels: { 'app.kubernetes.io/name': 'juicefs-mount' },
      },
      spec: { containers: [{ name: 'jfs-mount', image: 'juicedata/mount:ce-v1.3.0' }] },
    }
    const bare = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node0' } }
    story = await begin([...laboratory(), mountPod, bare])
    const fileSystem = fileSystemOf(migration().target)
    expect(await probeNodes(story.cluster, fileSystem.driver)).toEqual(['node1', 'node2'])
    expect(await probeImage(story.cluster, fileSystem)).toBe('juicedata/mount:ce-v1.3.0')
  })
})

/** The process that made what is there is no more: no process has the number 2^22 + 1. */
async function buryHolder({ cluster, sandbox }: Story): Promise<void> {
  for (const object of sandbox.objects() as KubeObject[]) {
    const holder = object.metadata.annotations?.['juicify.dev/holder']
    if (!holder) continue
    const annotations = { 'juicify.dev/holder': holder.replace(/:\d+$/, `:${2 ** 22 + 1}`) }
    const { apiVersion, kind, metadata } = object
    await cluster.patch({ apiVersion, kind, ...metadata }, { type: 'merge', body: { metadata: { annotations } } })
  }
}
