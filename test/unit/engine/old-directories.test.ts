import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/domain/object.ts'
import type { StepName } from '../../../src/domain/plan.ts'
import { clocksApart, oldPlacesOf, swappedAt } from '../../../src/engine/old-directories.ts'
import type { GroupRecord } from '../../../src/engine/record.ts'
import { verified } from '../../laboratory/verified.ts'

const at = (minute: number) => `2026-11-20T12:${String(minute).padStart(2, '0')}:00.000Z`
const line = (type: string, minute: number, more: object) =>
  JSON.stringify({ version: 2, time: at(minute), type, ...more })

function recordOf(name: string, history: string[], group: object = {}): GroupRecord {
  return {
    kept: { group: { name, directories: ['/data'], volumes: [], copies: [], ...group } },
    state: { phase: 'migrated', updatedAt: at(50), history },
  } as unknown as GroupRecord
}
const swap = (minute: number, undo = false) => line('step-started', minute, { step: 'swap', undo })
const verifiedIn = (minute: number, step: StepName) => {
  const { type, ...more } = verified({ step })
  return line(type, minute, more)
}
const node = (name: string, ready = 'True'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status: ready }] },
})

test.each([
  ['when the swap began', [verifiedIn(1, 'verify'), swap(2)], at(2)],
  ['when the last swap began, of several', [swap(2), swap(3, true), swap(9)], at(9)],
  ['when it was compared once more in the midst of it', [swap(2), verifiedIn(4, 'swap')], at(4)],
  ['as well as a record tells it that has no history', [], at(50)],
])('a directory is old %s', (_, history, expected) => {
  expect(swappedAt(recordOf('g', history)).toISOString()).toBe(expected)
})

test('a directory is looked at on every node that holds it, or on one where all see the same', () => {
  const places = (group: object) =>
    oldPlacesOf([recordOf('g', [swap(1)], group)], [node('c', 'False'), node('b'), node('a')]).map(({ node }) => node)
  expect(places({ copies: [{ directory: '/data', nodes: ['node1', 'node2'] }] })).toEqual(['node1', 'node2'])
  expect(places({ volumes: [{ directory: '/data', nodes: ['gone'] }] })).toEqual(['gone'])
  expect(places({ joins: [{ directory: '/data', nodes: ['node3'] }] })).toEqual(['node3'])
  expect(places({})).toEqual(['a'])
})

test('a directory that a later group has left, too, is old since then', () => {
  const found = oldPlacesOf([recordOf('first', [swap(1)]), recordOf('joined', [swap(30)])], [node('a')])
  expect(found.map(({ since }) => since.toISOString())).toEqual([at(30)])
})

test('a clock that is more than a minute apart is no proof, and a Job that takes its time is no such clock', () => {
  expect(clocksApart(1000, 1000, 1001)).toBeUndefined()
  expect(clocksApart(4000, 1000, 5000)).toBeUndefined()
  expect(clocksApart(1100, 1000, 1001)).toMatch(/its clock is 99 s ahead of/)
  expect(clocksApart(900, 1000, 1001)).toMatch(/its clock is 100 s behind/)
})
