import type { Colors } from 'picocolors/types.js'
import { plain } from '../domain/text.ts'
import { messages } from '../words/messages.ts'
import { age, span } from './amounts.ts'
import { hanging, type Layout, table, wrapped } from './layout.ts'

/** Where a group is, as `status` shows it. */
export interface GroupStatus {
  group: string
  /** In one or two words; colours follow `tone`. */
  state: string
  tone: 'good' | 'busy' | 'bad'
  volumes: VolumeStatus[]
  /** None where data is copied ahead of time, and nothing else. */
  steps?: { done: number; total: number }
  /** The step that it is at, or stopped at. */
  step?: string
  /** When it was started, RFC 3339. */
  since?: string
  /** Who started it or wrote its record last, as `user@host`. */
  by?: string
  /** What stands still because of it, and since when; a line each. */
  stopped?: string[]
  /** Of a rollback, what it has done so far and what stays on the file system; a line each. */
  back?: string[]
  /** What is being copied or compared, and how far it is; a line each. */
  copying?: string[]
  /** Why it does not go on, or what it waits for. */
  message?: string
  /** The command that goes on or takes back. */
  next?: string
}

interface VolumeStatus {
  name: string
  /** `namespace/claim`. */
  claim?: string
  state: string
  /** For how long it was not to be had, in milliseconds. */
  awayMs?: number
  /** From where it goes to where, and the labels of volume and claim: for the wide table. */
  place?: string
  labels?: string
}

/** `cluster`: which one it is; `wide`: with where each volume goes, and its labels; `logs`: where those of runs are. */
type StatusLayout = Layout & { cluster: string; now: Date; wide?: boolean; logs: string }

/** The groups that have a record: how far each has come, its volumes, and what to do next. */
export function statusTable(groups: GroupStatus[], layout: StatusLayout): string {
  const says = messages().status
  if (groups.length === 0) {
    const lines = [says.none(layout.cluster), says.nothingKept(layout.logs)]
    return `${lines.flatMap((line) => wrapped(line, layout.columns)).join('\n')}\n`
  }
  const head = wrapped(messages().question.onCluster(layout.cluster), layout.columns)
  return [head, ...groups.map((group) => groupLines(group, layout))].map((lines) => `${lines.join('\n')}\n`).join('\n')
}

function groupLines(status: GroupStatus, layout: StatusLayout): string[] {
  const { columns, color } = layout
  return [
    ...headLines(status, layout),
    ...(status.stopped ?? []).flatMap((line) => hanging(`  ${messages().status.stopped}`, plain(line), columns)),
    ...(status.back ?? []).flatMap((line) => hanging('  ', plain(line), columns)),
    ...(status.copying ?? []).flatMap((line) => hanging('  ', plain(line), columns)),
    ...volumeLines(status.volumes, layout),
    ...(status.message === undefined ? [] : hanging('  ', status.message, columns).map(toneOf(status, color))),
    ...(status.next === undefined ? [] : hanging(`  ${messages().status.next}`, status.next, columns).map(color.bold)),
  ]
}

function headLines(status: GroupStatus, { columns, color, now }: StatusLayout): string[] {
  const { group, state, step, steps, since, by } = status
  const says = messages().status
  const details = [
    step === undefined ? '' : says.at(step),
    steps === undefined ? '' : says.steps(steps.done, steps.total),
    since === undefined ? '' : says.started(age(now.getTime() - Date.parse(since))),
    by === undefined ? '' : says.by(by),
  ].filter((detail) => detail !== '')
  const [head = '', ...rest] = wrapped(plain(`${group}  ${state}  ${messages().details(details)}`), columns)
  return [toneOf(status, color)(head), ...rest.map((line) => color.dim(line))]
}

function volumeLines(volumes: VolumeStatus[], layout: StatusLayout): string[] {
  const { titles, rows } = table(
    volumes.map(({ name, claim = '', state, awayMs, place = '', labels = '' }) => [
      claim,
      name,
      messages().state(state),
      awayMs === undefined ? '' : span(awayMs),
      ...(layout.wide ? [place, labels] : []),
    ]),
    {
      ...layout,
      indent: 2,
      titles: ['CLAIM', 'PERSISTENTVOLUME', 'STATE', 'UNBOUND', ...(layout.wide ? ['PLACE', 'LABELS'] : [])],
    },
  )
  return [...titles, ...rows.flat()]
}

function toneOf({ tone }: GroupStatus, color: Colors): (text: string) => string {
  return { good: color.green, busy: color.yellow, bad: color.red }[tone]
}
