import { afterEach, expect, test } from 'vitest'
import { type Connection, connect } from '../../src/cluster/connect.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import type { Event } from '../../src/engine/events.ts'
import { apply } from '../../src/engine/run.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { begin, planOf, type Story, told } from '../laboratory/story.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function laboratory(): Promise<Story & { others: Connection }> {
  const story = await begin(smallLaboratory())
  const others = await connect({ kubeconfigText: story.sandbox.kubeconfig })
  closing.push(story.close, () => others.close())
  return { ...story, others }
}

async function cordon(others: Connection, unschedulable: boolean): Promise<void> {
  for (const name of ['node1', 'node2'])
    await others.patch({ apiVersion: 'v1', kind: 'Node', name }, { type: 'merge', body: { spec: { unschedulable } } })
}

test('why a pod does not come back is told while it is waited for, and the run goes on once it may', async () => {
  const { cluster, others } = await laboratory()
  const plan = await planOf(cluster)
  await cordon(others, true)
  const troubles: Event[] = []
  const { options } = told(cluster)
  const results = await apply(plan, {
    ...options,
    emit: (event) => {
      if (event.type !== 'start-trouble') return
      troubles.push(event)
      void cordon(others, false)
    },
  })
  expect(results.map(({ outcome }) => outcome)).toEqual(results.map(() => 'migrated'))
  expect(troubles[0]).toMatchObject({
    object: expect.stringMatching(/^Pod (pipeline|jupyter)\//),
    why: expect.stringContaining('nodes are available'),
    remedy: expect.stringContaining('once a node takes it'),
  })
})

test('what no pod may be made for is told, by what the server says to that', async () => {
  const { cluster, others } = await laboratory()
  const plan = await planOf(cluster)
  const quota: KubeObject = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'web.1', namespace: 'pipeline' },
    involvedObject: { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace: 'pipeline', name: 'web-5d9c' },
    reason: 'FailedCreate',
    type: 'Warning',
    message: 'Error creating: pods "web-5d9c-x" is forbidden: exceeded quota: team, requested: pods=1',
  } as KubeObject
  await cordon(others, true)
  const troubles: Event[] = []
  const { options } = told(cluster)
  let made = false
  await apply(plan, {
    ...options,
    emit: (event) => {
      if (event.type !== 'start-trouble') return
      troubles.push(event)
      if (!made) void others.create(quota)
      made = true
      if ('object' in event && event.object === 'Deployment pipeline/web') void cordon(others, false)
    },
  })
  expect(troubles).toContainEqual(
    expect.objectContaining({
      object: 'Deployment pipeline/web',
      why: expect.stringContaining('exceeded quota: team'),
    }),
  )
})
