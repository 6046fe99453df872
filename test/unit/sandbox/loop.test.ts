import { setTimeout as timer } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Loop } from '../../../src/sandbox/loop.ts'

test('a sandbox with a time of reaction that is closed with work left leaves what else goes on in the process alone', async () => {
  const closed = new Loop()
  closed.delay = 1000
  closed.enqueue('work', () => undefined)
  closed.stop()
  await closed.idle()

  let done = false
  setImmediate(() => {
    done = true
  })
  // every turn of the event loop runs the immediates, and a timer takes one at least
  await timer(1)
  await timer(1)
  expect(done).toBe(true)
})
