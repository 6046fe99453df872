import { expect, test } from 'vitest'
import type { StepName } from '../../../src/domain/plan.ts'
import type { Event } from '../../../src/engine/events.ts'
import { historyLine } from '../../../src/engine/history.ts'
import { paceOfRecords, paceOfSample } from '../../../src/engine/pace.ts'
import type { GroupRecord } from '../../../src/engine/record.ts'
import { forecastOf } from '../../../src/planner/forecast.ts'
import { group, plan, plannedVolume, workload } from '../report/plans.ts'

const at = Date.parse('2026-11-26T20:00:00Z')
const STEPS: StepName[] = ['record', 'copy', 'stop', 'catch-up', 'verify', 'swap', 'start', 'finish']

/** A group that was moved: so much data, and so many seconds a step. */
function moved(bytes: number, files: number, seconds: Partial<Record<StepName, number>>, told = 1): GroupRecord {
  const amounts = { files, bytes, directories: 1, links: 0 }
  const planned = group('g', [plannedVolume('a', 'c', '/data/a', 'a')], {
    workloads: [workload('Deployment', 'a', 'web')],
    steps: STEPS,
    copies: [
      {
        directory: '/data/a',
        subdir: 'a',
        nodes: ['node1'],
        measured: {
          at: '',
          nodes: [{ node: 'node1', ...amounts, space: 0, left: { count: 0, examples: [] } }],
          place: { state: 'absent', entries: 0, space: 0, examples: [], freeBytes: 1 },
        },
      },
    ],
  })
  const about = { group: 'g', directory: '/data/a' }
  const lost = { conflictCount: 0, conflicts: [], attributesLost: 0 }
  const copied = { type: 'copied', step: 'copy', ...about, back: false, files, bytes, ...lost } as const
  const found = { attempt: 1, equal: true, missing: 0, changed: 0, extra: 0 } as const
  const verified: Event = {
    type: 'verified',
    step: 'verify',
    ...about,
    ...found,
    differences: [],
    source: amounts,
    target: amounts,
    conflictCount: 0,
    conflicts: [],
    notCarried: { count: 0, examples: [] },
  }
  let now = at
  const history = STEPS.flatMap((step) => {
    const line = (event: Event) => historyLine(event, new Date(now)) ?? []
    const begun = line({ type: 'step-started', group: 'g', step, undo: false })
    now += (seconds[step] ?? 1) * 1000
    return [
      begun,
      ...(step === 'copy' ? Array.from({ length: told }, () => line(copied)) : []),
      ...(step === 'verify' ? [line(verified)] : []),
      line({ type: 'step-ended', group: 'g', step, undo: false, outcome: 'done' }),
    ].flat()
  })
  const { cluster, migration } = plan([])
  return {
    kept: {
      group: planned,
      plan: { name: 'friday', digest: 'sha256:0', cluster, migration },
      originals: {},
      claims: {},
      workloads: [],
      restore: {},
    },
    state: { phase: 'migrated', stopping: false, startedAt: '', updatedAt: '', by: '', away: {}, history },
  }
}

test('what a cluster has done before is forecast to be done again in about that time', () => {
  const cases: [number, number, Partial<Record<StepName, number>>][] = [
    [20e9, 4_000, { copy: 400, stop: 12, 'catch-up': 6, verify: 8, swap: 2, start: 15 }],
    [300e9, 2_000_000, { copy: 9_000, stop: 31, 'catch-up': 140, verify: 160, swap: 2, start: 40 }],
    [5e3, 12, { copy: 9, stop: 2, 'catch-up': 4, verify: 4, swap: 1, start: 3 }],
  ]
  const records = cases.map((each) => moved(...each))
  const pace = paceOfRecords(records)
  if (!pace) throw new Error('the records tell no pace')
  expect(pace).toMatchObject({ basis: 'history', groups: 3 })
  for (const [index, { kept }] of records.entries()) {
    const [, , seconds = {}] = cases[index] ?? []
    const forecast = forecastOf(kept.group, pace, kept.plan.migration)
    const down = (['stop', 'catch-up', 'verify', 'swap', 'start'] as const).reduce(
      (sum, name) => sum + (seconds[name] ?? 0),
      0,
    )
    expect.soft([index, forecast?.copy]).toEqual([index, within(seconds.copy ?? 0)])
    expect.soft([index, forecast?.down]).toEqual([index, within(down)])
  }
})

test('records in which nothing was copied, or a copy was told twice, tell no pace', () => {
  expect(paceOfRecords([])).toBeUndefined()
  const bare = moved(1e9, 10, { copy: 30 })
  expect(paceOfRecords([{ ...bare, state: { ...bare.state, history: ['{"type":"nonsense"}', '{'] } }])).toBeUndefined()
  // begun by one run and ended by another: which of them took how long is not known
  expect(paceOfRecords([moved(1e9, 10, { copy: 30 }, 2)])).toBeUndefined()
})

test('a sample tells less than what was done, and its range is wider', () => {
  const sampled = paceOfSample({ files: 200, bytes: 50_000_000, seconds: 2, listed: 4_000 })
  const known = paceOfRecords([moved(20e9, 4_000, { copy: 400 })])
  const width = ({ low, high }: { low: number; high: number }) => high / low
  expect(sampled.basis).toBe('sample')
  expect(width(sampled.copy)).toBeGreaterThan(width(known?.copy ?? { low: 1, high: 1 }))
  // a clock that did not move makes nothing infinitely fast
  expect(Number.isFinite(paceOfSample({ files: 1, bytes: 1, seconds: 0, listed: 0 }).copy.high)).toBe(true)
})

/** A range in which a number lies. */
function within(seconds: number): unknown {
  return {
    asymmetricMatch: (range?: { low: number; high: number }) =>
      range !== undefined && range.low <= seconds && seconds <= range.high,
    toString: () => `a range around ${seconds}`,
  }
}
