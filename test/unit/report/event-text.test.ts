import { expect, test } from 'vitest'
import type { EventOf } from '../../../src/engine/events.ts'
import { eventTexts } from '../../../src/report/event-text.ts'
import { verified as verifiedEvent } from '../../laboratory/verified.ts'

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
const verified = verifiedEvent({ ...about, source: contents, target: contents })

test('amounts are told as people read them, one as one', () => {
  expect(eventTexts(copied)).toEqual([{ text: '/data: copied 1 file (6.4 KiB), 1 entry deleted' }])
  expect(eventTexts(verified)).toEqual([
    { text: '/data: verified, 1,204 files, 1 directory, 0 links, 1.0 MiB identical' },
  ])
})

test('what is not as it should be is a warning of its own', () => {
  const conflict = { path: 'a.csv', taken: 'node2', left: 'node1', differsIn: 'size' } as const
  expect(eventTexts({ ...copied, conflictCount: 2, conflicts: [conflict], attributesLost: 1 }).slice(1)).toEqual([
    { text: '/data/a.csv differs in size: copied from node2, not from node1', isWarning: true },
    { text: '/data: 1 more file differs between nodes', isWarning: true },
    { text: '/data: the target does not support extended attributes; 1 attribute not copied', isWarning: true },
  ])
  const notCarried = { count: 1, examples: [{ path: 'run/app.sock', kind: 'socket' }] }
  expect(eventTexts({ ...verified, notCarried }).at(-1)).toEqual({
    text: '/data: 1 entry cannot be copied completely: run/app.sock (socket)',
    isWarning: true,
  })
})

test('where a copy differs it is said whether it is tried once more', () => {
  const unequal = { ...verified, equal: false, changed: 1 }
  expect(eventTexts(unequal)[0]?.text).toMatch(
    /0 missing, 1 changed, 0 unexpected\): copying the differences once more$/,
  )
  expect(eventTexts({ ...unequal, attempt: 2 })[0]?.text).toMatch(/0 unexpected\)$/)
})
