import type { TimedEvent } from '../engine/events.ts'
import { awayTime } from '../report/duration.ts'
import { count, type Layout, plain } from '../report/layout.ts'
import { progressText } from '../report/progress.ts'
import { restartedText } from '../report/summary.ts'

/** An event as a line for people and for logs: `17:04:05 kubeflow-1f3a swap done`. Some say nothing to people. */
export function eventLine(event: TimedEvent, { color }: Layout): string[] {
  const text = wording(event)
  if (text === undefined) return []
  // by the clock of whoever reads it
  const time = color.dim(new Date(event.time).toTimeString().slice(0, 8))
  const mark = event.type === 'message' && event.level === 'warn' ? color.yellow('! ') : ''
  const group = 'group' in event && event.group ? `${color.cyan(event.group)}  ` : ''
  const remedy = event.type === 'group-ended' && event.remedy ? [`try: ${event.remedy}`] : []
  return [text, ...remedy].map((line) => `${time}  ${group}${mark}${plain(line)}`)
}

function wording(event: TimedEvent): string | undefined {
  switch (event.type) {
    case 'run-started':
      return `${event.verb}: ${count(event.groups.length, 'group')}`
    case 'group-started':
      return `${count(event.volumes.length, 'volume')}: ${event.steps.join(' → ')}`
    case 'group-ended':
      return `${event.outcome.replace('-', ' ')}${event.message ? `: ${event.message}` : ''}`
    case 'step-started':
      return `${event.undo ? 'undo ' : ''}${event.step}`
    case 'step-ended':
      return event.outcome === 'done-already' ? `${event.step}: done already` : undefined
    case 'volume-moved':
      return `${event.volume}: in place${event.awayMs === undefined ? '' : `, away for ${awayTime(event.awayMs)}`}`
    case 'workload-restarted':
      return `${event.workload}: ${restartedText(event.downMs)}`
    case 'progress':
      return `${event.directory} on ${event.node}${event.part ? `, part ${event.part}` : ''}: ${progressText([event])}`
    case 'message':
      return event.text
  }
}
