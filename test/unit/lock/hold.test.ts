import { afterEach, expect, test, vi } from 'vitest'
import type { Cluster } from '../../../src/cluster/cluster.ts'
import { ApiError } from '../../../src/cluster/errors.ts'
import type { KubeObject } from '../../../src/domain/object.ts'
import { LeaseHold, LeaseLost, runAtWork } from '../../../src/lock/lease.ts'

afterEach(() => vi.useRealTimers())

const conflict = () => new ApiError('the object has been modified', { status: 409, reason: 'Conflict' })

/** A server that holds one Lease, of which another run can become the holder while an answer is on its way. */
function serverWithLease() {
  let lease: (KubeObject & { spec: { holderIdentity?: string } }) | undefined
  let version = 0
  const stored = (object: KubeObject) => {
    lease = { ...object, metadata: { ...object.metadata, resourceVersion: String(++version) } } as typeof lease
    return structuredClone(lease)
  }
  const onAnswer = { happens: () => {} }
  const cluster = {
    server: 'https://server',
    find: async ({ kind }: { kind: string }) => (kind === 'Lease' ? structuredClone(lease) : { metadata: {} }),
    create: async (object: KubeObject) => stored(object),
    replace: async (object: KubeObject) => {
      if (object.metadata.resourceVersion !== lease?.metadata.resourceVersion) throw conflict()
      const answer = stored(object)
      onAnswer.happens()
      return answer
    },
    isReady: async () => true,
  } as unknown as Cluster
  const takeOver = () => stored({ ...(lease as KubeObject), spec: { holderIdentity: 'bob@elsewhere:1' } } as KubeObject)
  const plant = (spec: object) =>
    stored({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: {}, spec } as unknown as KubeObject)
  return { cluster, onAnswer, takeOver, plant }
}

test('a run that sleeps while its renewal is answered finds out that another holds the lease before it changes anything', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] })
  const { cluster, onAnswer, takeOver } = serverWithLease()
  const quiet = { onWaiting() {}, onAway() {}, onBack() {}, signal: new AbortController().signal }
  const hold = await LeaseHold.acquire(cluster, { ...quiet, wait: 0, duration: 15, holder: 'alice@laptop:2' })
  vi.setSystemTime(Date.now() + 8_000)
  onAnswer.happens = () => {
    onAnswer.happens = () => {}
    vi.setSystemTime(Date.now() + 20_000)
    takeOver()
  }
  await expect(hold.hold()).rejects.toThrow(LeaseLost)
})

test('a lease that somebody has planted, for ever and from the future, holds nobody up for more than a minute', async () => {
  vi.useFakeTimers()
  const { cluster, plant } = serverWithLease()
  const find = vi.spyOn(cluster, 'find')
  const renewTime = new Date(Date.now() + 1e12).toISOString()
  plant({ holderIdentity: 'mallory@nowhere:1', leaseDurationSeconds: 2 ** 31 - 1, renewTime })
  expect(await runAtWork(cluster)).toBeUndefined()
  const quiet = { onWaiting() {}, onAway() {}, onBack() {}, signal: new AbortController().signal }
  const acquired = LeaseHold.acquire(cluster, { ...quiet, wait: 0, holder: 'alice@laptop:2' }).then(() => 'acquired')
  const late = vi.advanceTimersByTimeAsync(70_000).then(() => 'waits')
  expect(await Promise.race([acquired, late])).toBe('acquired')
  // nor is the server asked without a pause meanwhile
  expect(find.mock.calls.length).toBeLessThan(30)
})
