import { expect, test } from 'vitest'
import { seldom } from '../../../src/cli/progress.ts'
import type { TimedEvent } from '../../../src/engine/events.ts'

const at = (seconds: number, node = 'node1'): TimedEvent => ({
  time: new Date(seconds * 1000).toISOString(),
  type: 'progress',
  group: 'kubeflow-77aa',
  step: 'copy',
  directory: '/data/k8s',
  node,
})

test('line by line, how far a Job is is said every half minute, and of a short copy not at all', () => {
  const isDue = seldom()
  const said = [0, 1, 29, 30, 31, 59, 60].filter((second) => isDue(at(second)))
  expect(said).toEqual([30, 60])
  expect(isDue(at(61, 'node2'))).toBe(false)
})

test('everything else is said at once', () => {
  const isDue = seldom()
  const message = { time: at(0).time, type: 'message', level: 'info', text: 'x' } as const
  expect([isDue(message), isDue(message)]).toEqual([true, true])
})
