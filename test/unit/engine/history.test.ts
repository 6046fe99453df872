import { expect, test } from 'vitest'
import type { Event } from '../../../src/engine/events.ts'
import { historyLine, withHistory } from '../../../src/engine/history.ts'
import type { GroupRecord } from '../../../src/engine/record.ts'
import { verified } from '../../laboratory/verified.ts'

const at = new Date('2026-11-26T20:00:00Z')
const record = { state: { phase: 'migrating' } } as unknown as GroupRecord

const many = (path: string): Event => {
  const contents = { files: 1, directories: 1, links: 0, bytes: 3 }
  const conflict = { path, taken: 'node1', left: 'node2', differsIn: 'size' } as const
  return verified({
    group: 'archives',
    differences: Array.from({ length: 20 }, () => ({ path, what: 'missing' as const })),
    source: contents,
    target: contents,
    conflictCount: 20,
    conflicts: Array.from({ length: 20 }, () => conflict),
    notCarried: { count: 20, examples: Array.from({ length: 20 }, () => ({ path, kind: 'socket' })) },
  })
}

test('a line says what was told and when, with a few of its examples', () => {
  const line = JSON.parse(historyLine(many('a/b'), at) ?? '')
  expect(line).toMatchObject({ type: 'verified', time: '2026-11-26T20:00:00.000Z', conflictCount: 20, equal: true })
  expect([line.differences, line.conflicts, line.notCarried.examples].map((each) => each.length)).toEqual([5, 5, 5])
  expect(line).not.toHaveProperty('group')
})

test('what is of the moment is not kept', () => {
  expect(historyLine({ type: 'progress', group: 'a', step: 'copy', directory: '/d', node: 'n' }, at)).toBeUndefined()
})

test('a history stays within what a record has room for, and the newest of it is there, whatever the paths are', () => {
  let long = record
  for (let pass = 0; pass < 200; pass++) {
    const line = historyLine(many(`${pass}/${'\\x00'.repeat(4_000)}`), at) ?? ''
    expect(line.length).toBeLessThan(10_000)
    long = withHistory(long, [line])
  }
  const { history = [] } = long.state
  expect(history.join('').length).toBeLessThan(150_000)
  expect(history.at(-1)).toContain('"199/')
})
