import type { Range } from '../../domain/forecast.ts'
import { size } from '../../domain/quantity.ts'
import { dateAndTime, day, timeOfDay } from '../../domain/time.ts'
import { type Downtime, type History, historyOf, type StepSpan } from '../../engine/read-history.ts'
import type { GroupRecord } from '../../engine/record.ts'
import { wayBackOf } from '../../engine/way-back.ts'
import { messages } from '../../words/messages.ts'
import { span } from '../amounts.ts'
import { rangeText } from '../forecast.ts'
import { claimOf } from '../plan-words.ts'
import { wayBackCells } from '../way-back.ts'
import { type Block, folded, heading, paragraph, table } from './block.ts'
import { type Lane, timelinePicture } from './timeline-picture.ts'

/** A group, and what its runs have done. */
interface Done {
  record: GroupRecord
  history: History
  name: string
}

/** What was done to groups, as their records tell it. */
export function whatWasDone(records: GroupRecord[]): Block[] {
  const says = messages().report
  const groups = records.map((record) => ({ record, history: historyOf(record), name: record.kept.group.name }))
  return [
    heading(says.became),
    table(
      says.becameColumns,
      groups.map(({ name, record: { state }, history }) => [
        name,
        messages().state(state.phase),
        dateAndTime(state.startedAt),
        dateAndTime(state.updatedAt),
        state.by,
        longest(history.downtimes),
        state.failure ? messages().status.recorded(state.failure) : '',
      ]),
    ),
    ...takenBack(groups),
    ...forecasts(groups),
    ...timeline(groups),
    ...copies(groups),
    ...conflicts(groups),
    ...notCarried(groups),
    ...away(groups),
    ...unread(groups),
  ]
}

/** What is on its way back, and how far that is. */
function takenBack(groups: Done[]): Block[] {
  const says = messages().report
  const rows = groups.flatMap(({ name, record }) => {
    const back = wayBackOf(record)
    return back ? [[name, ...wayBackCells(back)]] : []
  })
  return rows.length > 0
    ? [heading(says.takenBack), paragraph(says.takenBackWords), table(says.takenBackColumns, rows)]
    : []
}

function longest(downtimes: Downtime[]): string {
  const most = longestOf(downtimes)
  return most === undefined ? '' : span(most)
}

/** In milliseconds, of those that are over. */
function longestOf(downtimes: Downtime[]): number | undefined {
  const over = downtimes.flatMap(({ from, until }) => (until === undefined ? [] : [until - from]))
  return over.length > 0 ? Math.max(...over) : undefined
}

/** What was expected, beside what was. */
function forecasts(groups: Done[]): Block[] {
  const says = messages().report
  const rows = groups.flatMap(({ name, record, history }) => {
    const { forecast } = record.kept.group
    if (!forecast) return []
    const copied = history.steps.findLast(({ step, undo, outcome }) => step === 'copy' && !undo && outcome === 'done')
    const copyMs = copied?.until === undefined ? undefined : copied.until - copied.from
    return [
      ...comparison(says.forecastCopy(name), forecast.copy, copyMs),
      ...comparison(says.forecastDown(name), forecast.down, longestOf(history.downtimes)),
    ]
  })
  return rows.length > 0 ? [heading(says.forecasts), table(says.forecastColumns, rows)] : []
}

function comparison(what: string, expected: Range | undefined, ms: number | undefined): string[][] {
  if (!expected) return []
  const says = messages().report
  const verdict =
    ms === undefined
      ? ''
      : ms < expected.low * 1000
        ? says.shorter
        : ms > expected.high * 1000
          ? says.longer
          : says.asForecast
  return [[what, rangeText(expected), ms === undefined ? says.notYet : span(ms), verdict]]
}

const CLASS: Partial<Record<StepSpan['step'], string>> = {
  copy: 'copy',
  'catch-up': 'copy',
  stop: 'stop',
  verify: 'verify',
  join: 'verify',
  swap: 'swap',
  start: 'start',
}

function timeline(groups: Done[]): Block[] {
  const says = messages().report
  const steps = groups.flatMap(({ name, history }) => history.steps.map((step) => ({ name, step })))
  if (steps.length === 0) return []
  const downtimes = groups.flatMap(({ name, history }) => history.downtimes.map((downtime) => ({ name, downtime })))
  const stepRows = steps.map(({ name, step }) => [
    name,
    step.undo ? messages().undo(step.step) : step.step,
    day(new Date(step.from)),
    timeOfDay(new Date(step.from)),
    step.until === undefined ? '' : span(step.until - step.from),
    messages().state(step.outcome),
  ])
  const downRows = downtimes.map(({ name, downtime: { workload, from, until } }) => [
    workload,
    name,
    day(new Date(from)),
    timeOfDay(new Date(from)),
    until === undefined ? says.notYet : timeOfDay(new Date(until)),
    until === undefined ? '' : span(until - from),
  ])
  const times = steps.flatMap(({ step }) => [step.from, step.until ?? step.from])
  const last = Math.max(...times, ...downtimes.flatMap(({ downtime }) => downtime.until ?? downtime.from))
  const stepLanes = groups.flatMap(({ name, history }) => stepLane(name, history.steps, last))
  const still = downtimes.map(({ downtime }) => downtime)
  return [
    heading(says.when),
    {
      is: 'picture',
      title: says.stepsTitle,
      picture: timelinePicture(stepLanes, {
        id: 'steps',
        title: says.stepsTitle,
        words: says.stepsWords(steps.length, groups.length),
      }),
      table: table(says.stepColumns, stepRows),
    },
    ...(still.length === 0
      ? []
      : ([
          heading(says.downtime),
          {
            is: 'picture',
            title: says.downtime,
            picture: timelinePicture(
              [...stepsMeanwhile(groups, still, last), ...still.map((each) => downLane(each, last))],
              {
                id: 'downtime',
                title: says.downtime,
                words: says.downtimeWords(still.length),
              },
            ),
            table: table(says.downtimeColumns, downRows),
          },
        ] satisfies Block[])),
    ...restarted(groups),
  ]
}

function stepLane(name: string, steps: StepSpan[], last: number): Lane[] {
  const pieces = steps.map(({ step, undo, from, until = last }) => ({
    class: CLASS[step] ?? 'other',
    from,
    until,
    words: undo ? messages().undo(step) : step,
  }))
  return pieces.length > 0 ? [{ name, pieces }] : []
}

/** The steps while something stood still: beside hours of copying they would not be seen. */
function stepsMeanwhile(groups: Done[], downtimes: Downtime[], last: number): Lane[] {
  const from = Math.min(...downtimes.map((each) => each.from))
  const until = Math.max(...downtimes.map((each) => each.until ?? last))
  return groups.flatMap(({ name, history }) =>
    stepLane(
      `${name}: ${[...new Set(history.steps.filter((step) => isWithin(step, from, until)).map(({ step }) => step))].join(', ')}`,
      history.steps.filter((step) => isWithin(step, from, until)),
      last,
    ),
  )
}

function isWithin(step: StepSpan, from: number, until: number): boolean {
  // the first workload is stopped in the midst of its step
  return step.step !== 'copy' && (step.until ?? until) >= from && step.from <= until
}

function downLane({ workload, from, until = Number.NaN }: Downtime, last: number): Lane {
  const says = messages().report
  const over = !Number.isNaN(until)
  const words = over ? says.stoodStill : says.standsStill
  return {
    name: `${workload}  ${over ? span(until - from) : says.notReady}`,
    pieces: [{ class: 'down', from, until: over ? until : last, words }],
  }
}

function restarted(groups: Done[]): Block[] {
  const says = messages().report
  const rows = groups.flatMap(({ history }) =>
    history.restarted.map(({ workload, downMs }) => [workload, downMs === 0 ? says.never : span(downMs)]),
  )
  return rows.length > 0 ? [paragraph(says.restarted), table(says.restartedColumns, rows)] : []
}

function copies(groups: Done[]): Block[] {
  const says = messages().report
  const copied = groups.flatMap(({ history }) =>
    history.copied.map(({ time, step, directory, back, files, bytes, deleted }) => [
      dateAndTime(time),
      back ? says.backToNode(step) : step,
      directory,
      files.toLocaleString('en'),
      bytes === undefined ? '' : size(bytes),
      deleted === undefined ? '' : deleted.toLocaleString('en'),
    ]),
  )
  const verified = groups.flatMap(({ history }) =>
    history.verified.map(({ time, directory, equal, source, missing, changed, extra }) => [
      dateAndTime(time),
      directory,
      equal ? says.equal : says.unequal(missing, changed, extra),
      source.files.toLocaleString('en'),
      size(source.bytes),
    ]),
  )
  const joined = groups.flatMap(({ history }) =>
    history.joined.map(({ directory, node, missing, older }) => [directory, node, String(missing), String(older)]),
  )
  return [
    ...(copied.length > 0 ? [heading(says.copied), table(says.copiedColumns, copied)] : []),
    ...(verified.length > 0 ? [heading(says.compared), table(says.comparedColumns, verified)] : []),
    ...(joined.length > 0 ? [heading(says.besides), table(says.besidesColumns, joined)] : []),
  ]
}

/** The last word on each directory: what is looked at again is told again. */
function lastOf<T extends { directory: string }>(lines: T[]): T[] {
  return [...new Map(lines.map((line) => [line.directory, line])).values()]
}

function conflicts(groups: Done[]): Block[] {
  const says = messages().report
  const found = groups
    .flatMap(({ history }) => lastOf([...history.copied, ...history.verified]))
    .filter((each) => each.conflictCount > 0)
  if (found.length === 0) return []
  const rows = found.flatMap(({ directory, conflicts }) =>
    conflicts.map(({ path, taken, left, differsIn }) => [directory, path, taken, left, says.differsIn(differsIn)]),
  )
  return [
    heading(says.differed),
    {
      is: 'list',
      items: found.map(({ directory, conflictCount }) => says.of(directory, messages().files(conflictCount))),
    },
    folded(says.first, table(says.differedColumns, rows)),
  ]
}

function notCarried(groups: Done[]): Block[] {
  const says = messages().report
  const found = groups
    .flatMap(({ history }) => lastOf(history.verified))
    .filter(({ notCarried }) => notCarried.count > 0)
  const lost = groups
    .flatMap(({ history }) => lastOf(history.copied))
    .filter(({ attributesLost }) => attributesLost > 0)
  if (found.length + lost.length === 0) return []
  const rows = found.flatMap(({ directory, notCarried }) =>
    notCarried.examples.map(({ path, kind }) => [directory, path, kind]),
  )
  return [
    heading(says.notCarried),
    {
      is: 'list',
      items: [
        ...found.map(({ directory, notCarried }) => says.of(directory, messages().entries(notCarried.count))),
        ...lost.map(({ directory, attributesLost }) => says.of(directory, says.attributes(attributesLost))),
      ],
    },
    ...(rows.length > 0 ? [folded(says.first, table(says.notCarriedColumns, rows))] : []),
  ]
}

function away(groups: Done[]): Block[] {
  const says = messages().report
  const rows = groups.flatMap(({ record: { kept, state } }) =>
    kept.group.volumes.flatMap((volume) => {
      const ms = state.away[volume.name]
      return ms === undefined ? [] : [[claimOf(volume), volume.name, span(ms)]]
    }),
  )
  if (rows.length === 0) return []
  const most = Math.max(...groups.flatMap(({ record }) => Object.values(record.state.away)))
  return [
    heading(says.unbound),
    paragraph(says.atMost(span(most))),
    folded(messages().volumes(rows.length), table(says.unboundColumns, rows)),
  ]
}

function unread(groups: Done[]): Block[] {
  const says = messages().report
  const lines = groups.reduce((sum, { history }) => sum + history.unread, 0)
  return lines > 0 ? [paragraph(says.unread(lines))] : []
}
