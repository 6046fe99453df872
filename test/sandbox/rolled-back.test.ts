import { afterEach, expect, test } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim } from '../../src/domain/volume.ts'
import { inspect } from '../../src/engine/inspect.ts'
import { apply } from '../../src/engine/run.ts'
import { type Workplace, workplace } from '../laboratory/child.ts'
import { freeLease } from '../laboratory/death.ts'
import { juicefs, NAMESPACES, nodes, smallLaboratory, volume } from '../laboratory/manifests.ts'
import { mortal } from '../laboratory/mortal.ts'
import { applyAll, begin, planOf, rollbackAll, told } from '../laboratory/story.ts'

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

test('a rollback takes back the steps that the plan has, and tells of no other', async () => {
  const story = await begin(smallLaboratory())
  closing.push(story.close)
  const { cluster } = story
  const plan = await planOf(cluster)
  await applyAll(cluster, plan)
  const back = told(cluster)
  await rollbackAll(cluster, back.options)
  for (const { name, steps } of plan.groups) {
    const undone = back.events.flatMap((event) =>
      event.type === 'step-started' && event.undo && event.group === name ? [event.step] : [],
    )
    expect(undone).toEqual(steps.toReversed())
  }
})

async function said(place: Workplace, ...words: string[]): Promise<string> {
  const child = place.run(...words)
  await child.ended
  return child.output
}

test('of a rollback its record tells how long it has taken and what stays, and when it is over that nothing tells any more', async () => {
  const story = await begin(smallLaboratory())
  closing.push(story.close)
  const place = await workplace(story.sandbox.kubeconfig)
  closing.push(place.remove)
  await applyAll(story.cluster, await planOf(story.cluster))
  await rollbackAll(mortal(story.cluster, 'create PersistentVolume jupyter-workspace', 'after')).catch(() => {})
  await freeLease(story.cluster)

  const status = await said(place, 'status')
  expect(status).toMatch(/^workspace-\S+ {2}rolling back .*\n(.*\n)* {2}rollback since \d{4}-/m)
  const stays = 'what was written at kubeflow/pipeline/workspace since the swap, which is not copied back'
  expect(status.replace(/\s+/g, ' ')).toContain(`stays on the file system: ${stays}`)
  expect(await said(place, 'report', '--format', 'markdown')).toMatch(
    new RegExp(`What is being rolled back[^#]*workspace-[^#]*${stays}`),
  )

  expect((await rollbackAll(story.cluster)).map(({ outcome }) => outcome)).toEqual(['rolled-back', 'rolled-back'])
  const kept =
    /groups that were rolled back nothing is kept in the cluster; the logs of runs from here are in .*juicify.log/
  expect((await said(place, 'status')).replace(/\s+/g, ' ')).toMatch(kept)
  expect(await said(place, 'report', '--format', 'markdown')).toMatch(kept)
})
