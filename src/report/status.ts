import type { Colors } from 'picocolors/types.js'
import { age, awayTime, count } from './amounts.ts'
import { hanging, type Layout, plain, table, wrapped } from './layout.ts'

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
}

/** The groups that have a record: how far each has come, its volumes, and what to do next. */
export function statusTable(groups: GroupStatus[], layout: Layout & { now: Date }): string {
  if (groups.length === 0) return 'No group is under way, and none was migrated.\n'
  return groups.map((group) => `${groupLines(group, layout).join('\n')}\n`).join('\n')
}

function groupLines(status: GroupStatus, layout: Layout & { now: Date }): string[] {
  const { columns, color } = layout
  return [
    ...headLines(status, layout),
    ...(status.copying ?? []).flatMap((line) => hanging('  ', plain(line), columns)),
    ...volumeLines(status.volumes, layout),
    ...(status.message === undefined ? [] : hanging('  ', status.message, columns).map(toneOf(status, color))),
    ...(status.next === undefined ? [] : hanging('  next: ', status.next, columns).map(color.bold)),
  ]
}

function headLines(status: GroupStatus, { columns, color, now }: Layout & { now: Date }): string[] {
  const { group, state, step, steps, since, by } = status
  const details = [
    step === undefined ? '' : `at ${step}`,
    steps === undefined ? '' : `${steps.done} of ${count(steps.total, 'step')}`,
    since === undefined ? '' : `since ${age(now.getTime() - Date.parse(since))}`,
    by === undefined ? '' : `by ${by}`,
  ].filter((detail) => detail !== '')
  const [head = '', ...rest] = wrapped(plain(`${group}  ${state}  ${details.join(', ')}`), columns)
  return [toneOf(status, color)(head), ...rest.map((line) => color.dim(line))]
}

function volumeLines(volumes: VolumeStatus[], layout: Layout): string[] {
  const { titles, rows } = table(
    volumes.map(({ name, claim = '', state, awayMs }) => [
      claim,
      name,
      state,
      awayMs === undefined ? '' : awayTime(awayMs),
    ]),
    { ...layout, indent: 2, titles: ['CLAIM', 'PERSISTENTVOLUME', 'STATE', 'AWAY'] },
  )
  return [...titles, ...rows.flat()]
}

function toneOf({ tone }: GroupStatus, color: Colors): (text: string) => string {
  return { good: color.green, busy: color.yellow, bad: color.red }[tone]
}
