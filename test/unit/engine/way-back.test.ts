import { expect, test } from 'vitest'
import type { GroupRecord } from '../../../src/engine/record.ts'
import { wayBackOf } from '../../../src/engine/way-back.ts'

const at = (second: number) => `2026-11-20T12:00:${String(second).padStart(2, '0')}.000Z`
const line = (second: number, type: string, more: object) =>
  JSON.stringify({ version: 2, time: at(second), type, ...more })
const step = (second: number, name: string, undo: boolean) => line(second, 'step-started', { step: name, undo })
const copiedBack = (second: number, files: number, bytes?: number) =>
  line(second, 'copied', {
    step: 'swap',
    directory: '/data',
    back: true,
    files,
    ...(bytes === undefined ? {} : { bytes }),
    conflictCount: 0,
    conflicts: [],
    attributesLost: 0,
  })
const workload = (second: number, what: 'stopped' | 'started', name: string) =>
  line(second, `workload-${what}`, { workload: name })

function recordOf(history: string[], state: object = {}): GroupRecord {
  const place = { directory: '/data', subdir: 'data' }
  return {
    kept: {
      group: {
        name: 'g',
        directories: ['/data'],
        volumes: [place, { directory: '/data/a', subdir: 'data/a' }],
        copies: [place],
      },
    },
    state: { phase: 'rolling-back', updatedAt: at(50), history, ...state },
  } as unknown as GroupRecord
}

test('a rollback tells since when it is, who was stopped for it, what was copied back, and what stays', () => {
  const history = [
    workload(1, 'stopped', 'Deployment a'),
    step(2, 'swap', false),
    workload(3, 'started', 'Deployment a'),
    step(10, 'finish', true),
    workload(11, 'stopped', 'Deployment a'),
    workload(11, 'stopped', 'Deployment b'),
    copiedBack(12, 5, 100),
    copiedBack(14, 1, 20),
    workload(20, 'started', 'Deployment a'),
  ]
  expect(wayBackOf(recordOf(history, { copyBack: true }))).toEqual({
    from: Date.parse(at(10)),
    downtimes: [
      { workload: 'Deployment a', from: Date.parse(at(11)), until: Date.parse(at(20)) },
      { workload: 'Deployment b', from: Date.parse(at(11)) },
    ],
    copiedBack: [{ directory: '/data', files: 1, bytes: 20 }],
    staying: [{ subdir: 'data', what: 'to-copy-back' }],
  })
})

test.each([
  ['what was written since the swap, where it is not copied back', [step(2, 'swap', false)], 'written'],
  ['the copy, where nobody has used it', [step(2, 'copy', false)], 'copy'],
])('what stays on the file system is %s', (_, history, what) => {
  const back = wayBackOf(recordOf([...history, step(9, 'finish', true)]))
  expect(back?.staying).toEqual([{ subdir: 'data', what }])
})

test('a group that is not rolled back has no such thing to tell, and a record without a history says when it was written', () => {
  expect(wayBackOf(recordOf([step(2, 'swap', false)], { phase: 'migrated' }))).toBeUndefined()
  expect(wayBackOf(recordOf([]))?.from).toBe(Date.parse(at(50)))
})
