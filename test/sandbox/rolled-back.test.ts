import { afterEach, expect, test } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim } from '../../src/domain/volume.ts'
import { inspect } from '../../src/engine/inspect.ts'
import { apply } from '../../src/engine/run.ts'
import { freeLease } from '../laboratory/death.ts'
import { juicefs, NAMESPACES, nodes, volume } from '../laboratory/manifests.ts'
import { mortal } from '../laboratory/mortal.ts'
import { begin, planOf, rollbackAll, told } from '../laboratory/story.ts'

// Whether a group is rolled back is seen at its claims: stopping a StatefulSet may have deleted one.

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const VOLUME = { apiVersion: 'v1', kind: 'PersistentVolume', name: 'jupyter-workspace' }
const CLAIM = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'jupyter', name: 'workspace' }

test.each(['gone', 'Pending'])(
  'a group whose claim is %s is not called rolled back: its record stays, and its policy Retain',
  async (phase) => {
    const story = await begin([
      ...nodes(),
      ...juicefs(),
      ...NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
      ...volume('jupyter', 'workspace', '/data/k8s/kubeflow/pipeline/workspace', 'Delete'),
    ])
    closing.push(story.close)
    const { cluster, sandbox } = story
    const plan = await planOf(cluster)
    await apply(plan, told(mortal(cluster, 'delete PersistentVolume jupyter-workspace', 'before')).options).catch(
      () => {},
    )
    await freeLease(cluster)
    const claim = await cluster.get<PersistentVolumeClaim>(CLAIM)
    await cluster.delete(CLAIM)
    await sandbox.settled()
    if (phase === 'Pending') {
      const { volumeName: _, ...spec } = claim.spec
      await cluster.create({ ...CLAIM, metadata: { namespace: 'jupyter', name: 'workspace' }, spec })
      await sandbox.settled()
    }
    const [result] = await rollbackAll(cluster)
    expect(result).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining(`PersistentVolumeClaim jupyter/workspace is ${phase}`),
      remedy: expect.stringContaining('persistentVolumeClaimRetentionPolicy'),
    })
    expect((await inspect(cluster)).map(({ volumes }) => volumes.map(({ state }) => state))).toEqual([['unbound']])
    expect((await cluster.get<PersistentVolume>(VOLUME)).spec.persistentVolumeReclaimPolicy).toBe('Retain')

    // bound again by hand, as it was said, it is
    if (phase === 'Pending') await cluster.delete(CLAIM)
    await sandbox.settled()
    await cluster.patch(VOLUME, { type: 'merge', body: { spec: { claimRef: { uid: null, resourceVersion: null } } } })
    await cluster.create({ ...CLAIM, metadata: { namespace: 'jupyter', name: 'workspace' }, spec: claim.spec })
    await sandbox.settled()
    expect((await rollbackAll(cluster)).map(({ outcome, message }) => message ?? outcome)).toEqual(['rolled-back'])
    expect(await inspect(cluster)).toEqual([])
  },
)
