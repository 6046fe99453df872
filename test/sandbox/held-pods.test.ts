import { afterEach, describe, expect, test } from 'vitest'
import type { KubeObject } from '../../src/domain/object.ts'
import { apply, resume } from '../../src/engine/run.ts'
import { controller, juicefs, NAMESPACES, nodes, notebook, volume } from '../laboratory/manifests.ts'
import { begin, planOf, type Story, told } from '../laboratory/story.ts'

// From 1.27 on a pod that has ended is in a final phase while a finalizer holds it. It writes nothing any more, and its name
// is taken all the same.

const DIRECTORY = '/data/k8s/kubeflow/pipeline/workspace'
const HOLD = 'example.dev/hold'

let story: Story | undefined
afterEach(() => story?.close())

async function laboratory(kubernetesVersion: string, ...workloads: KubeObject[]): Promise<Story> {
  const objects = [
    ...nodes(),
    ...juicefs(),
    ...NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...NAMESPACES.flatMap((namespace) => volume(namespace, 'workspace', DIRECTORY)),
    ...workloads,
  ]
  story = await begin(objects, { kubernetesVersion })
  await story.sandbox.settled()
  return story
}

/** Puts a finalizer on the pods of a namespace, or takes it off. */
async function hold({ cluster }: Story, namespace: string, finalizers: string[] | null): Promise<void> {
  const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace })
  for (const { metadata } of items) {
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace, name: metadata.name }
    await cluster.patch(ref, { type: 'merge', body: { metadata: { finalizers } } })
  }
}

const impatient = (scene: Story) => {
  const { options } = told(scene.cluster)
  return { ...options, settings: { ...options.settings, stopTimeout: 500 } }
}

const onDisk = ({ sandbox }: Story) =>
  (sandbox.objects() as unknown as KubeObject[]).filter(
    ({ kind, spec }) => kind === 'PersistentVolume' && 'hostPath' in (spec as object),
  ).length

const STORE = controller('apps/v1', 'StatefulSet', 'store', ['workspace'], { replicas: 1, serviceName: 'store' })
const WEB = controller('apps/v1', 'Deployment', 'web', ['workspace'], { replicas: 1 })

describe.each(['1.20', '1.37'])('A pod that a finalizer holds, on %s', (version) => {
  test.each([
    ['a notebook', 'jupyter', notebook('alice', ['workspace']), 'Pod jupyter/notebook-alice'],
    ['a pod of a StatefulSet', 'pipeline', STORE, 'Pod pipeline/store-0'],
  ])('%s is noticed before a volume goes, for its name is needed again', async (_, namespace, workload, name) => {
    const scene = await laboratory(version, workload)
    await hold(scene, namespace, [HOLD])
    const plan = await planOf(scene.cluster)
    const [failed] = await apply(plan, impatient(scene))
    expect(failed).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining(name),
      remedy: expect.stringContaining('remove it'),
    })
    expect(failed?.message).toContain(`held by the finalizer ${HOLD}`)
    expect(onDisk(scene)).toBe(2)

    await hold(scene, namespace, null)
    const [resumed] = await resume(told(scene.cluster).options)
    expect(resumed).toMatchObject({ outcome: 'migrated' })
    expect(onDisk(scene)).toBe(0)
    expect(
      await scene.cluster.find({ apiVersion: 'v1', kind: 'Pod', namespace, name: name.split('/')[1] ?? '' }),
    ).toBeDefined()
  })
})

test('A pod of a Deployment that has ended is not waited for on 1.37: the next one has another name', async () => {
  const scene = await laboratory('1.37', WEB)
  await hold(scene, 'pipeline', [HOLD])
  const [result] = await apply(await planOf(scene.cluster), impatient(scene))
  expect(result).toMatchObject({ outcome: 'migrated' })
  expect(onDisk(scene)).toBe(0)
})

describe('A pod on a node that is not ready', () => {
  const away = async () => {
    const scene = await laboratory('1.37', WEB, notebook('alice', ['workspace']))
    const { items } = await scene.cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: 'jupyter' })
    const name = String((items[0]?.spec as { nodeName?: string } | undefined)?.nodeName)
    const unheard = { type: 'Ready', status: 'Unknown' }
    await scene.cluster.patch(
      { apiVersion: 'v1', kind: 'Node', name },
      { type: 'merge', body: { status: { conditions: [unheard] } } },
      { subresource: 'status' },
    )
    return { scene, name }
  }

  test('has nothing stopped for it, for it may never be seen to end', async () => {
    const { scene, name } = await away()
    const { events, options } = told(scene.cluster)
    const [failed] = await apply(await planOf(scene.cluster), options)
    expect(failed).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('Pod jupyter/notebook-alice'),
      remedy: expect.stringContaining(`Bring ${name} back`),
    })
    expect(events.filter(({ type }) => type === 'workload-stopped')).toEqual([])
  })

  test('is given up where that is said, and the others with it', async () => {
    const { scene } = await away()
    const { options } = told(scene.cluster)
    const settings = { ...options.settings, stopTimeout: 500, startTimeout: 500, forceDeletePods: true }
    await apply(await planOf(scene.cluster), { ...options, settings })
    expect(onDisk(scene)).toBe(0)
  })
})
