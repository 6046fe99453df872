import { expect, test } from 'vitest'
import { seldom } from '../../../src/cli/progress.ts'
import type { Event } from '../../../src/engine/events.ts'

const on = (node: string): Event => ({
  type: 'progress',
  group: 'kubeflow-77aa',
  step: 'copy',
  directory: '/data/k8s',
  node,
})
const at = (seconds: number) => new Date(seconds * 1000)

test('line by line, how far a Job is is said every half minute, and of a short copy not at all', () => {
  const isDue = seldom()
  const said = [0, 1, 29, 30, 31, 59, 60].filter((second) => isDue(on('node1'), at(second)))
  expect(said).toEqual([30, 60])
  expect(isDue(on('node2'), at(61))).toBe(false)
})

test('everything else is said at once', () => {
  const isDue = seldom()
  const held = { type: 'lease-held', holder: 'alice@laptop:4711' } as const
  expect([isDue(held, at(0)), isDue(held, at(0))]).toEqual([true, true])
})
