import { expect, test } from 'vitest'
import type { EventOf } from '../../../src/engine/events.ts'
import { eventTexts } from '../../../src/report/event-text.ts'

const about = { group: 'data-77aa', step: 'catch-up', directory: '/data' } as const
const copied: EventOf<'copied'> = {
  ...about,
  type: 'copied',
  back: false,
  files: 1,
  bytes: 6553,
  deleted: 1,
  conflictCount: 0,
  conflicts: [],
  attributesLost: 0,
}
const contents = { files: 1204, directories: 1, links: 0, bytes: 1 << 20 }
const verified: EventOf<'verified'> = {
  ...about,
  type: 'verified',
  attempt: 1,
  equal: true,
  missing: 0,
  changed: 0,
  extra: 0,
  differences: [],
  source: contents,
  target: contents,
  conflictCount: 0,
  conflicts: [],
  notCarried: { count: 0, examples: [] },
}

test('amounts are told as people read them, one as one', () => {
  expect(eventTexts(copied)).toEqual([{ text: '/data: 1 file copied, 6.4 KiB, 1 entry deleted' }])
  expect(eventTexts(verified)).toEqual([{ text: '/data: equal in 1,204 files, 1 directory, 0 links, 1.0 MiB' }])
})

test('what is not as it should be is a warning of its own', () => {
  const conflict = { path: 'a.csv', taken: 'node2', left: 'node1', differsIn: 'size' } as const
  expect(eventTexts({ ...copied, conflictCount: 2, conflicts: [conflict], attributesLost: 1 }).slice(1)).toEqual([
    { text: '/data/a.csv differs in size: taken from node2, not from node1', isWarning: true },
    { text: '/data: 1 more file differs between nodes', isWarning: true },
    { text: '/data: the target has no room for 1 extended attribute', isWarning: true },
  ])
  const notCarried = { count: 1, examples: [{ path: 'run/app.sock', kind: 'socket' }] }
  expect(eventTexts({ ...verified, notCarried }).at(-1)).toEqual({
    text: '/data: 1 entry does not come along, or not in whole: run/app.sock (socket)',
    isWarning: true,
  })
})

test('where a copy differs it is said whether it is tried once more', () => {
  const unequal = { ...verified, equal: false, changed: 1 }
  expect(eventTexts(unequal)[0]?.text).toMatch(/0 missing, 1 different, 0 too many\): copying what differs once more$/)
  expect(eventTexts({ ...unequal, attempt: 2 })[0]?.text).toMatch(/0 too many\)$/)
})
