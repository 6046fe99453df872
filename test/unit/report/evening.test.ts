import { expect, test } from 'vitest'
import type { StepName } from '../../../src/domain/plan.ts'
import type { Event } from '../../../src/engine/events.ts'
import { Evening } from '../../../src/report/evening.ts'

const STEPS: StepName[] = ['record', 'copy', 'stop', 'catch-up', 'verify', 'swap', 'start', 'finish']
const began = (group: string, more = {}): Event => ({
  type: 'group-started',
  group,
  volumes: ['a'],
  steps: STEPS,
  copies: 1,
  ...more,
})
const step = (group: string, name: StepName, end = false, undo = false): Event =>
  end
    ? { type: 'step-ended', group, step: name, undo, outcome: 'done' }
    : { type: 'step-started', group, step: name, undo }
const progress = (group: string, name: StepName, percent: number): Event => ({
  type: 'progress',
  group,
  step: name,
  directory: '/data',
  node: 'node1',
  percent,
})
const web = { group: 'a', workload: 'Deployment team/web' }

/** An evening, second by second. */
function of(...told: [second: number, event: Event][]): Evening {
  const evening = new Evening()
  for (const [second, event] of told) evening.note(event, second * 1000)
  return evening
}

test('the whole evening has a bar, and a time left within a factor of two of what it takes', () => {
  const forecast = { files: 1, bytes: 1, copy: { low: 800, high: 1_200 }, down: { low: 50, high: 150 } }
  const evening = of([0, { type: 'run-started', verb: 'apply', groups: ['a', 'b'] }])
  for (const group of ['a', 'b']) evening.note(began(group, { forecast }), 0)
  for (const group of ['a', 'b']) evening.note(step(group, 'record', true), 1_000)
  for (const group of ['a', 'b']) evening.note(step(group, 'copy'), 1_000)
  // both are copied in 900 s, and compared in as many again
  const heads = [0, 90, 450, 800].map((second) => {
    for (const group of ['a', 'b']) evening.note(progress(group, 'copy', second / 9), second * 1000)
    return evening.head(second * 1000)
  })
  expect(heads[0]).toMatch(/^0 of 2 groups {2}░{16} +0%$/)
  for (const [i, second] of [0, 90, 450, 800].entries()) {
    if (i === 0) continue
    const left = Number(/ (\d+)m left$/.exec(heads[i] ?? '')?.[1]) * 60
    const really = 2 * 900 + 100 - second
    expect.soft(left).toBeGreaterThan(really / 2)
    expect.soft(left).toBeLessThan(really * 2)
  }
  expect(evening.shareOf('a')).toBeGreaterThan(0.35)
  evening.note({ type: 'group-ended', group: 'a', outcome: 'migrated' }, 900_000)
  expect(evening.head(900_000)).toMatch(/^1 of 2 groups {2}█+░+ +\d\d%/)
  expect(evening.shareOf('a')).toBe(1)
})

test('the share of a group never goes back while it goes forward', () => {
  const evening = of([0, { type: 'run-started', verb: 'apply', groups: ['a'] }], [0, began('a')])
  let last = 0
  const about = { group: 'a', directory: '/data' }
  const ahead = { type: 'verified-ahead', step: 'copy', ...about, files: 1, of: 1, bytes: 1 } as const
  const lost = { conflictCount: 0, conflicts: [], attributesLost: 0 }
  const copied = { type: 'copied', step: 'copy', ...about, back: false, files: 1, ...lost } as const
  for (const event of [
    step('a', 'record'),
    step('a', 'record', true),
    step('a', 'copy'),
    progress('a', 'copy', 50),
    progress('a', 'copy', 99),
    copied,
    progress('a', 'copy', 10),
    progress('a', 'copy', 100),
    ahead,
    step('a', 'copy', true),
    step('a', 'stop'),
    step('a', 'stop', true),
    step('a', 'catch-up'),
    progress('a', 'catch-up', 100),
    step('a', 'catch-up', true),
  ] as Event[]) {
    evening.note(event, 0)
    const share = evening.shareOf('a') ?? -1
    expect([event.type, share >= last]).toEqual([event.type, true])
    last = share
  }
  // of the way back nobody knows how long it is
  evening.note(step('a', 'stop', false, true), 0)
  expect(evening.shareOf('a')).toBeUndefined()
  expect(evening.head(0)).toBe('0 of 1 group')
})

test('what stands still is named with since when, until it is back', () => {
  const evening = of(
    [0, { type: 'run-started', verb: 'apply', groups: ['a', 'b'] }],
    [10, { type: 'workload-stopped', ...web }],
    // told again by another group, or a run that goes on
    [70, { type: 'workload-stopped', ...web, group: 'b' }],
  )
  expect(evening.standing(130_000)).toBe('stopped: Deployment team/web for 2m')
  evening.note({ type: 'workload-started', ...web }, 140_000)
  expect(evening.standing(150_000)).toBe('')
})
