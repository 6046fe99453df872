import { expect, test } from 'vitest'
import { tellingTroubles } from '../../../src/engine/start-troubles.ts'
import type { GroupRun } from '../../../src/engine/step.ts'
import type { Remembered } from '../../../src/workloads/workload-kind.ts'

/** Does that work while somebody looks at a cluster that answers so; resolves to the rejections that nobody handled. */
async function unheardDuring(answer: Promise<never>, work: (run: GroupRun, started: Remembered[]) => Promise<void>) {
  const unheard: unknown[] = []
  const onUnheard = (reason: unknown) => unheard.push(reason)
  process.on('unhandledRejection', onUnheard)
  try {
    const run = { cluster: { list: () => answer }, group: { name: 'team' } } as unknown as GroupRun
    await work(run, [{ ref: { kind: 'Deployment', namespace: 'team', name: 'web' } }] as unknown as Remembered[])
    await afterMicrotasks()
    return unheard
  } finally {
    process.off('unhandledRejection', onUnheard)
  }
}

/** Rejections that nobody has heard of are told after the microtasks. */
const afterMicrotasks = () => new Promise((resolve) => setImmediate(resolve))

test('a run that has done its work ends well, though the connection is closed while somebody looks', async () => {
  let close = () => {}
  const closed = new Promise<never>((_, reject) => {
    close = () => reject(new Error('the connection is closed'))
  })
  const unheard = await unheardDuring(closed, async (run, started) => {
    const telling = tellingTroubles(run, started, async () => {})
    await afterMicrotasks()
    close()
    await telling
  })
  expect(unheard).toEqual([])
})

test('what goes wrong in the looking does not end the process while things are started, and is thrown after that', async () => {
  let done = false
  const broken = Promise.reject(new Error('broken'))
  const unheard = await unheardDuring(broken, async (run, started) => {
    const telling = tellingTroubles(run, started, async () => {
      await afterMicrotasks()
      await afterMicrotasks()
      done = true
    })
    await expect(telling).rejects.toThrow('broken')
  })
  expect(done).toBe(true)
  expect(unheard).toEqual([])
})

test('what ends the work is thrown, and not what went wrong in the looking', async () => {
  const unheard = await unheardDuring(Promise.reject(new Error('broken')), async (run, started) => {
    const telling = tellingTroubles(run, started, async () => {
      await afterMicrotasks()
      throw new Error('the work')
    })
    await expect(telling).rejects.toThrow('the work')
  })
  expect(unheard).toEqual([])
})
