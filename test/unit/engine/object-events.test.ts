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
