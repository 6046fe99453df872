import { expect, test } from 'vitest'
import type { Cluster } from '../../../src/cluster/cluster.ts'
import type { PlannedGroup } from '../../../src/domain/plan.ts'
import { ObjectEvents } from '../../../src/engine/object-events.ts'

test('what goes wrong in the telling does not end the process while a run is under way, and is thrown at its end', async () => {
  const unheard: unknown[] = []
  const onUnheard = (reason: unknown) => unheard.push(reason)
  process.on('unhandledRejection', onUnheard)
  try {
    const cluster = { find: () => Promise.reject(new Error('broken')) } as unknown as Cluster
    const events = new ObjectEvents(cluster, () => {})
    const group = { name: 'team', volumes: [{ name: 'one', directory: '/data/one', subdir: 'one' }] }
    const moved = { type: 'volume-moved', group: 'team', volume: 'one' } as const
    events.note(moved as never, group as unknown as PlannedGroup, undefined)
    // rejections that nobody has heard of are told after the microtasks
    for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve))
    expect(unheard).toEqual([])
    await expect(events.settled(1_000)).rejects.toThrow('broken')
  } finally {
    process.off('unhandledRejection', onUnheard)
  }
})

/** What is told on the claims of a group that failed; each volume's claim is in a namespace of its own name. */
async function toldOfFailure(message: string, namespaces: string[]): Promise<(string | undefined)[]> {
  const told: { message?: string }[] = []
  const cluster = {
    find: async () => undefined,
    create: async (object: object) => void told.push(object),
  } as unknown as Cluster
  const volumes = namespaces.map((namespace) => ({
    name: namespace,
    directory: '/data',
    subdir: '',
    claim: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { namespace, name: 'home' } },
  }))
  const events = new ObjectEvents(cluster, () => {})
  const ended = { type: 'group-ended', group: 'team', outcome: 'failed', message } as const
  events.note(ended as never, { name: 'team', volumes } as unknown as PlannedGroup, undefined)
  await events.settled(1_000)
  return told.map((each) => each.message)
}

test('what is told of an object obeys no terminal of whoever describes it', async () => {
  expect(await toldOfFailure('cannot read a\u001b[2Jb:\n  permission denied', ['lab'])).toEqual([
    'juicify stopped at group team: cannot read a\\u001b[2Jb: permission denied',
  ])
})

test('why a group failed is told on no claim where a neighbour in the group would read of files that are not his', async () => {
  const message = 'juicify stopped at group team: juicify status tells why to whoever runs the migration.'
  expect(await toldOfFailure('alice/salary.csv differs', ['alice', 'bob'])).toEqual([message, message])
})
