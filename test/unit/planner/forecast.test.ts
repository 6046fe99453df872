import { expect, test } from 'vitest'
import type { Pace } from '../../../src/domain/forecast.ts'
import type { PlannedCopy, PlannedGroup } from '../../../src/domain/plan.ts'
import { forecastOf, forecastOfAll } from '../../../src/planner/forecast.ts'
import { migration } from '../../laboratory/migration.ts'
import { group, plannedVolume, workload } from '../report/plans.ts'

const PACE: Pace = {
  basis: 'history',
  groups: 3,
  copy: { low: 10_000_000, high: 40_000_000 },
  list: { low: 1_000, high: 10_000 },
  job: { low: 5, high: 20 },
  stop: { low: 2, high: 30 },
  swap: { low: 1, high: 3 },
  probe: { low: 8, high: 20 },
  start: { low: 4, high: 60 },
}
const COPYING = { copy: {}, target: migration().target } as Parameters<typeof forecastOf>[2]

function copied(bytes: number, files: number, more: Partial<PlannedCopy> = {}): PlannedCopy {
  return {
    directory: '/data/a',
    subdir: 'a',
    nodes: ['node1'],
    measured: {
      at: '2026-11-26T20:00:00Z',
      nodes: [
        { node: 'node1', bytes, files, directories: 10, links: 0, space: bytes, left: { count: 0, examples: [] } },
      ],
      place: { state: 'absent', entries: 0, space: 0, examples: [], freeBytes: 1e12 },
    },
    ...more,
  }
}

function copying(copies: PlannedCopy[], more: Partial<PlannedGroup> = {}): PlannedGroup {
  return group('g', [plannedVolume('a', 'c', '/data/a', 'a')], {
    workloads: [workload('Deployment', 'a', 'web')],
    steps: ['record', 'retain', 'copy', 'stop', 'catch-up', 'verify', 'swap', 'start', 'finish'],
    copies,
    ...more,
  })
}

test('a forecast is a range: what is copied while it is in use, and what workloads wait for', () => {
  const forecast = forecastOf(copying([copied(10_000_000_000, 1_000)]), PACE, COPYING)
  expect(forecast).toMatchObject({ basis: 'history', files: 1_000, bytes: 10_000_000_000 })
  const { copy = { low: 0, high: 0 }, down = { low: 0, high: 0 } } = forecast ?? {}
  // 10.26 GB at 10 to 40 MB/s
  expect(copy.low).toBeGreaterThan(250)
  expect(copy.high).toBeLessThan(1_100)
  // nobody waits for what was copied before
  expect(down.low).toBeLessThan(30)
  expect(down.high).toBeGreaterThan(100)
  expect(down.high).toBeLessThan(copy.high)
})

test('what takes longer is forecast to take longer: more data, more entries, content that is compared at a standstill', () => {
  const of = (copies: PlannedCopy[], migration = COPYING) => forecastOf(copying(copies), PACE, migration)
  const small = of([copied(1_000_000, 100)])
  for (const more of [
    of([copied(100_000_000_000, 100)]),
    of([copied(1_000_000, 5_000_000)]),
    of([copied(1_000_000, 100), copied(1_000_000, 100)]),
  ]) {
    expect(more?.copy?.high).toBeGreaterThan(small?.copy?.high ?? 0)
    expect(more?.down?.high).toBeGreaterThan(small?.down?.high ?? 0)
  }
  const large = copied(100_000_000_000, 100)
  // at the root of the file system nothing can be compared ahead of time
  const atRoot = { ...large, subdir: '' }
  expect(of([atRoot])?.down?.low).toBeGreaterThan(of([large])?.down?.high ?? 0)
  const bySize = { ...COPYING, copy: { verify: 'metadata' } } as typeof COPYING
  expect(of([atRoot], bySize)?.down).toEqual(of([large], bySize)?.down)
})

test('where the last copy may go by the listing, a single Job is what is waited for at best', () => {
  const down = (mover: 'juicefs' | 'rsync') =>
    forecastOf(copying([copied(1_000, 1)]), PACE, { ...COPYING, copy: { ...COPYING.copy, mover } })?.down
  const [one, two] = [down('juicefs'), down('rsync')]
  expect((two?.low ?? 0) - (one?.low ?? 0)).toBe(PACE.job.low)
  expect(one?.high).toBeLessThanOrEqual(two?.high ?? 0)
})

test('what was copied ahead of time is not forecast to be copied again', () => {
  const of = (place: object) => {
    const fresh = copied(10_000_000_000, 1_000)
    const { measured } = fresh
    if (!measured || 'failure' in measured) throw new Error('it is measured')
    const copy = { ...fresh, measured: { ...measured, place: { ...measured.place, ...place } } }
    return forecastOf(copying([copy]), PACE, COPYING)?.copy ?? { low: 0, high: 0 }
  }
  const [fresh, ahead, half] = [
    of({}),
    of({ state: 'copied', space: 10_000_000_000 }),
    of({ state: 'copied', space: 5_000_000_000 }),
  ]
  expect(ahead.high).toBeLessThan(fresh.low)
  expect(half.low).toBeGreaterThan(ahead.high)
  expect(half.high).toBeLessThan(fresh.high)
  // what is somebody else's is in the way, and no copy of it
  expect(of({ state: 'taken', space: 10_000_000_000 })).toEqual(fresh)
})

test('not everything is at its slowest at once', () => {
  const steps = ['stop', 'swap', 'probe', 'start'] as const
  const down = forecastOf(copying([], { steps: [...steps] }), PACE, COPYING)?.down ?? { low: 0, high: 0 }
  const slowest = steps.map((step) => PACE[step].high)
  expect(down.high).toBeLessThan(slowest.reduce((sum, each) => sum + each, 0))
  expect(down.high).toBeGreaterThan(Math.max(...slowest))
  expect(down.low).toBe(steps.reduce((sum, step) => sum + PACE[step].low, 0))
})

test('who is not stopped has no downtime, and what nobody could read no forecast', () => {
  const unused = forecastOf(copying([copied(1_000, 1)], { workloads: [] }), PACE, COPYING)
  expect(unused?.down).toBeUndefined()
  const nothing = forecastOf(copying([], { steps: ['record', 'stop', 'swap', 'start', 'finish'] }), PACE, COPYING)
  expect(nothing).toMatchObject({ files: 0, bytes: 0, down: { low: 7, high: 75 } })
  expect(nothing?.copy).toBeUndefined()
  const failed = { ...copied(1, 1), measured: { at: '', failure: 'no such directory', remedy: 'Look.' } }
  expect(forecastOf(copying([copied(1, 1), failed]), PACE, COPYING)).toBeUndefined()
})

test('of many groups the copies add up, and the downtimes do not', () => {
  const one = { basis: 'history', files: 5, bytes: 7, copy: { low: 10, high: 20 }, down: { low: 3, high: 9 } } as const
  const two = { ...one, down: { low: 1, high: 4 } }
  expect(forecastOfAll([one, two, { basis: 'history', files: 0, bytes: 0 }], 4)).toEqual({
    files: 10,
    bytes: 14,
    copy: { low: 10, high: 40 },
    down: { low: 1, high: 9 },
  })
})
