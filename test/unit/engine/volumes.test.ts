import { expect, test } from 'vitest'
import type { PlannedVolume } from '../../../src/domain/plan.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../../src/domain/volume.ts'
import type { GroupRecord } from '../../../src/engine/record.ts'
import { isAtHome } from '../../../src/engine/volumes.ts'

const volume = { name: 'data' } as PlannedVolume
const bound = { status: { phase: 'Bound' } }
const record = { kept: { originals: { data: bound }, claims: { data: bound } } } as unknown as GroupRecord
const pv = (uid: string) => ({ spec: { claimRef: { uid } } }) as PersistentVolume
const claim = (volumeName: string, phase = 'Bound') =>
  ({ metadata: { uid: 'claim' }, spec: { volumeName }, status: { phase } }) as PersistentVolumeClaim

test.each([
  ['is bound to its original volume', { pv: pv('claim'), claim: claim('data') }, true],
  ['is Lost', { pv: pv('claim'), claim: claim('data', 'Lost') }, false],
  ['is bound to another volume', { pv: pv('claim'), claim: claim('other') }, false],
  ['says that it is, and the volume is another claim’s', { pv: pv('another claim'), claim: claim('data') }, false],
  ['says that it is, and the volume is gone', { claim: claim('data') }, false],
  ['is gone', { pv: pv('claim') }, false],
])('a claim that %s: at home %j', (_, seen, is) => {
  expect(isAtHome({ record }, volume, seen)).toBe(is)
})

test('a claim that was bound to nothing when it was recorded is at home wherever it is', () => {
  const pending = { kept: { originals: { data: { status: { phase: 'Available' } } }, claims: {} } }
  expect(isAtHome({ record: pending as unknown as GroupRecord }, volume, {})).toBe(true)
})
