import type { Colors } from 'picocolors/types.js'
import { type Summary, VOLUME_OUTCOMES } from '../engine/events.ts'
import { awayTime, count } from './amounts.ts'
import { restartedText } from './event-text.ts'
import { hanging, type Layout, table } from './layout.ts'

/** How a run ended, volume by volume. */
export type RunSummary = Omit<Summary, 'version' | 'time' | 'type'>

type VolumeOutcome = RunSummary['volumes'][number]

/** What a run did to each volume and how long each was away; its last lines say what is left stopped, and how to go on. */
export function summaryText(summary: RunSummary, layout: Layout): string {
  const { columns, color } = layout
  const stopped = summary.stillStopped.map(({ workload, group }) => `${workload} (group ${group})`)
  const lines = [
    ...volumeLines(summary.volumes, layout),
    ...restartedLines(summary, layout),
    ...(summary.volumes.length > 0 ? [''] : []),
    ...hanging('', totals(summary.volumes), columns).map(color.bold),
    ...(stopped.length === 0 ? [] : hanging('still stopped: ', stopped.join(', '), columns).map(color.red)),
    ...(summary.next === undefined ? [] : hanging('next: ', summary.next, columns).map(color.bold)),
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
      awayMs === undefined ? '' : `away ${awayTime(awayMs)}`,
    ]),
    { ...layout, indent: 2 },
  )
  return ordered.flatMap(({ outcome, reason }, i) => {
    const next = ordered[i + 1]
    const last = next?.outcome !== outcome || next.reason !== reason
    return [
      ...(outcome === ordered[i - 1]?.outcome ? [] : [outcomeColor(outcome, color)(outcome.replace('-', ' '))]),
      ...(rows[i] ?? []),
      ...(reason === undefined || !last ? [] : hanging('    ', reason, columns).map((line) => color.dim(line))),
    ]
  })
}

function restartedLines({ restarted }: RunSummary, layout: Layout): string[] {
  if (restarted.length === 0) return []
  const cells = restarted.map(({ workload, downMs }) => [workload, restartedText(downMs)])
  return [layout.color.green('restarted'), ...table(cells, { ...layout, indent: 2 }).rows.flat()]
}

function outcomeColor(outcome: string, color: Colors): (text: string) => string {
  if (outcome === 'failed' || outcome === 'blocked' || outcome === 'away') return color.red
  return outcome === 'migrated' || outcome === 'rolled-back' ? color.green : color.dim
}

function totals(volumes: VolumeOutcome[]): string {
  const parts = VOLUME_OUTCOMES.map((outcome) => ({
    outcome,
    amount: volumes.filter((v) => v.outcome === outcome).length,
  }))
    .filter(({ amount }) => amount > 0)
    .map(({ outcome, amount }) => `${amount} ${outcome.replace('-', ' ')}`)
  return parts.length === 0 ? 'nothing to do' : `${count(volumes.length, 'volume')}: ${parts.join(', ')}`
}
