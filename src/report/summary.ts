import type { Colors } from 'picocolors/types.js'
import { type Summary, VOLUME_OUTCOMES } from '../engine/events.ts'
import type { Messages } from '../words/messages.en.ts'
import { messages } from '../words/messages.ts'
import { span } from './amounts.ts'
import { restartedText } from './event-text.ts'
import { hanging, type Layout, table } from './layout.ts'

/** How a run ended, volume by volume. */
export type RunSummary = Omit<Summary, 'version' | 'time' | 'type'>

type VolumeOutcome = RunSummary['volumes'][number]

/** What a run did to each volume and how long each was away; its last lines say what is left stopped, and how to go on. */
export function summaryText(summary: RunSummary, layout: Layout): string {
  const { columns, color } = layout
  const says = messages().summary
  const groups = new Set(summary.stillStopped.map(({ group }) => group))
  const stopped = [...groups].map((group) => ({
    group,
    workloads: summary.stillStopped.flatMap((each) => (each.group === group ? [each.workload] : [])),
  }))
  const lines = [
    ...volumeLines(summary.volumes, layout),
    ...restartedLines(summary, layout),
    ...(summary.volumes.length > 0 ? [''] : []),
    ...hanging('', totals(summary.volumes), columns).map(color.bold),
    ...(stopped.length === 0 ? [] : hanging(says.stillStopped, says.stopped(stopped), columns).map(color.red)),
    ...(summary.next === undefined ? [] : hanging(says.next, summary.next, columns).map(color.bold)),
  ]
  return `${lines.join('\n')}\n`
}

/** The volumes under what became of them, and the reason once for neighbours that share it. */
function volumeLines(volumes: VolumeOutcome[], layout: Layout): string[] {
  const { color, columns } = layout
  const ordered = VOLUME_OUTCOMES.flatMap((outcome) => volumes.filter((volume) => volume.outcome === outcome))
  const { rows } = table(
    ordered.map(({ claim = '', name, awayMs }) => [
      name,
      claim,
      awayMs === undefined ? '' : messages().summary.unboundFor(span(awayMs)),
    ]),
    { ...layout, indent: 2 },
  )
  return ordered.flatMap(({ outcome, reason }, i) => {
    const next = ordered[i + 1]
    const last = next?.outcome !== outcome || next.reason !== reason
    return [
      ...(outcome === ordered[i - 1]?.outcome ? [] : [outcomeColor(outcome, color)(messages().state(outcome))]),
      ...(rows[i] ?? []),
      ...(reason === undefined || !last ? [] : hanging('    ', reason, columns).map((line) => color.dim(line))),
    ]
  })
}

function restartedLines({ restarted }: RunSummary, layout: Layout): string[] {
  if (restarted.length === 0) return []
  const cells = restarted.map(({ workload, downMs }) => [workload, restartedText(downMs)])
  return [layout.color.green(messages().summary.restarted), ...table(cells, { ...layout, indent: 2 }).rows.flat()]
}

function outcomeColor(outcome: string, color: Colors): (text: string) => string {
  if (outcome === 'failed' || outcome === 'blocked' || outcome === 'away') return color.red
  return outcome === 'migrated' || outcome === 'rolled-back' ? color.green : color.dim
}

/** `12 volumes: 11 migrated, 1 failed`. */
export function totals(volumes: VolumeOutcome[], says: Messages['summary'] = messages().summary): string {
  const parts = VOLUME_OUTCOMES.map((outcome) => ({
    outcome,
    amount: volumes.filter((v) => v.outcome === outcome).length,
  }))
    .filter(({ amount }) => amount > 0)
    .map(({ outcome, amount }) => says.part(amount, outcome))
  return parts.length === 0 ? says.nothingToDo : says.totals(volumes.length, parts)
}
