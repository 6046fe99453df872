import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Cluster } from '../../../src/cluster/cluster.ts'
import { fenced } from '../../../src/lock/fence.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

// only what a deadline needs of them
const nothing = async () => {
  throw new Error('nobody asks')
}
const names = [
  'get',
  'find',
  'list',
  'watch',
  'waitFor',
  'subresource',
  'isReady',
  'raw',
  'create',
  'wouldCreate',
  'replace',
  'patch',
]
const cluster = Object.fromEntries([...names, 'delete', 'close', 'deadline'].map((name) => [name, nothing]))

function lease() {
  const end = new AbortController()
  const away = { ms: 0 }
  const held = {
    hold: async () => {},
    renew: async () => {},
    outages: 0,
    get awayMs() {
      return away.ms
    },
    givenUp: end.signal,
  }
  return { away, end, run: fenced({ server: '', ...cluster } as unknown as Cluster, held) }
}

test('a wait is over after its time', async () => {
  const deadline = lease().run.deadline(60_000)
  await vi.advanceTimersByTimeAsync(59_999)
  expect(deadline.signal.aborted).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(deadline.signal.aborted).toBe(true)
})

test('the time that the server was away does not count, and as much again is for others to come back', async () => {
  const { away, run } = lease()
  away.ms = 1000
  const deadline = run.deadline(60_000)
  away.ms += 300_000
  await vi.advanceTimersByTimeAsync(60_000 + 2 * 300_000 - 1)
  expect(deadline.signal.aborted).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(deadline.signal.aborted).toBe(true)
})

test('a wait ends at once when the server is given up', async () => {
  const { end, run } = lease()
  const deadline = run.deadline(60_000)
  end.abort()
  expect(deadline.signal.aborted).toBe(true)
})

test('a wait that is over in time ends nothing any more', async () => {
  const deadline = lease().run.deadline(60_000)
  deadline.clear()
  await vi.advanceTimersByTimeAsync(120_000)
  expect(deadline.signal.aborted).toBe(false)
})
