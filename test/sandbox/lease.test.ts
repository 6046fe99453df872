import { once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { Refusal } from '../../src/domain/failure.ts'
import { apply } from '../../src/engine/run.ts'
import { fenced } from '../../src/lock/fence.ts'
import { type Child, workplace } from '../laboratory/child.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { MIGRATION_FILE } from '../laboratory/migration.ts'
import { stateOf } from '../laboratory/state.ts'
import { begin, planOf, rollbackAll, type Story, told } from '../laboratory/story.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A laboratory in which a run is held up at its first deletion of a volume, until `goOn`. */
async function heldUp(): Promise<Story & { reached: Promise<unknown>; goOn(): void }> {
  const gate = new EventTarget()
  let open = false
  const story = await begin(smallLaboratory(), {
    async onRequest({ method, path }) {
      if (open || method !== 'DELETE' || !path.includes('persistentvolumes')) return undefined
      gate.dispatchEvent(new Event('reached'))
      await once(gate, 'open')
      return undefined
    },
  })
  closing.push(story.close)
  return {
    ...story,
    reached: once(gate, 'reached'),
    goOn() {
      open = true
      gate.dispatchEvent(new Event('open'))
    },
  }
}

const outcomes = (results: { outcome: string; message?: string }[]) =>
  results.map(({ outcome, message }) => message ?? outcome)

test('a second run refuses while the first one is at work, and names it', async () => {
  const { cluster, reached, goOn } = await heldUp()
  const plan = await planOf(cluster)
  const first = told(cluster, { lease: { wait: 0, duration: 1, holder: 'alice@laptop:17' } })
  const running = apply(plan, first.options)
  await reached
  const second = apply(plan, told(cluster).options)
  await expect(second).rejects.toThrow(Refusal)
  await expect(second).rejects.toThrow('alice@laptop:17')
  goOn()
  expect(outcomes(await running)).toEqual(['migrated', 'migrated'])
})

test('a second run that waits begins when the first one is done, and leaves alone what that one has migrated', async () => {
  const { sandbox, cluster, reached, goOn } = await heldUp()
  const before = stateOf(sandbox.objects())
  const plan = await planOf(cluster)
  const running = apply(plan, told(cluster).options)
  await reached
  const waiting = told(cluster, { lease: { wait: 20_000, duration: 1, holder: 'bob@laptop:18' } })
  const second = apply(plan, waiting.options)
  await vi.waitFor(() => expect(waiting.events).toContainEqual(expect.objectContaining({ type: 'lease-held' })))
  goOn()
  expect(outcomes(await running)).toEqual(['migrated', 'migrated'])
  await sandbox.settled()
  const after = stateOf(sandbox.objects())
  for (const { outcome, message } of await second) expect(`${outcome}: ${message}`).toMatch(/^failed: .*plan/)
  await sandbox.settled()
  expect(stateOf(sandbox.objects())).toEqual(after)
  expect(outcomes(await rollbackAll(cluster))).toEqual(['rolled-back', 'rolled-back'])
  await sandbox.settled()
  expect(stateOf(sandbox.objects())).toEqual(before)
})

test('the lease of a run that has died on another machine is taken over when it has run out', async () => {
  const { cluster, reached, goOn } = await heldUp()
  const plan = await planOf(cluster)
  let dead = false
  // its renewals no longer arrive
  const hold = () => (dead ? new Promise<never>(() => {}) : Promise.resolve())
  const held = { hold, renew: hold, outages: 0, awayMs: 0, givenUp: new AbortController().signal }
  const doomed = fenced(cluster, held)
  void apply(plan, told(doomed, { lease: { wait: 0, duration: 1, holder: 'carol@elsewhere:19' } }).options)
  await reached
  dead = true
  const { events, options } = told(cluster)
  const second = apply(plan, options)
  await vi.waitFor(() => expect(JSON.stringify(events)).toContain('run-started'), 10_000)
  expect(JSON.stringify(events)).toContain('carol@elsewhere:19')
  goOn()
  await second
})

test('a run whose lease somebody has deleted says so, and does not take it for a server that is away', async () => {
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'juicify', name: 'juicify' }
  let deleted = false
  let looked = false
  const { cluster, close } = await begin(smallLaboratory(), {
    async onRequest({ method, path }) {
      if (deleted) looked ||= method === 'GET' && path.endsWith('/leases/juicify')
      if (deleted || method !== 'DELETE' || !path.includes('persistentvolumes')) return undefined
      deleted = true
      await cluster.delete(lease)
      // it goes on when it has seen that
      await vi.waitFor(() => expect(looked).toBe(true), 3000).catch(() => undefined)
      return undefined
    },
  })
  closing.push(close)
  const options = told(cluster, { lease: { wait: 0, duration: 1, patience: 1000 } }).options
  for (const { message } of await apply(await planOf(cluster), options))
    expect(message).toMatch(/no longer holds the lease juicify\/juicify: nobody holds it now/)
})

test('a run whose lease was taken over while it slept changes nothing any more when it wakes', {
  timeout: 90_000,
}, async () => {
  await Promise.all([3, 6, 9, 12, 15, 25].map(asleepAfter))
})

/** A process that is stopped right after its k-th change, as a closed laptop is; another run takes its work back. */
async function asleepAfter(k: number): Promise<void> {
  let child: Child | undefined
  let changes = 0
  const asleep = new EventTarget()
  const changed: string[] = []
  let listening = false
  const story = await begin(smallLaboratory(), {
    onAnswer({ changing, method, path }, status) {
      if (listening && changing && status < 300) changed.push(`${method} ${path}`)
      if (!child || !changing || ++changes !== k) return
      child.process.kill('SIGSTOP')
      asleep.dispatchEvent(new Event('asleep'))
    },
  })
  const { sandbox, cluster } = story
  const before = stateOf(sandbox.objects())
  const { start, remove } = await workplace(sandbox.kubeconfig, { 'laboratory.yaml': MIGRATION_FILE })
  const sleeping = once(asleep, 'asleep')
  child = start('apply', '--yes', '-f', 'laboratory.yaml')
  await sleeping
  const back = await rollbackAll(cluster)
  for (const { outcome, message } of back) expect(message ?? outcome).toBe('rolled-back')
  await sandbox.settled()
  expect(stateOf(sandbox.objects())).toEqual(before)
  listening = true
  child.process.kill('SIGCONT')
  expect(await child.ended, child.output).toBe(1)
  expect(child.output).toMatch(/no longer holds the lease|changed meanwhile|Another run/)
  expect(changed).toEqual([])
  await sandbox.settled()
  expect(stateOf(sandbox.objects())).toEqual(before)
  await remove()
  await story.close()
}
