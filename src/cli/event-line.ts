import type { Event } from '../engine/events.ts'
import { timeOfDay } from '../report/amounts.ts'
import { eventTexts } from '../report/event-text.ts'
import { type Layout, plain } from '../report/layout.ts'

/** An event as lines for people and for logs: `17:04:05  kubeflow-1f3a  swap`. Some say nothing to people. */
export function eventLine(event: Event, at: Date, { color }: Layout): string[] {
  const time = color.dim(timeOfDay(at))
  const group = 'group' in event && event.group ? `${color.cyan(event.group)}  ` : ''
  const remedy =
    event.type === 'group-ended' && event.remedy ? [{ text: `try: ${event.remedy}`, isWarning: false }] : []
  return [...eventTexts(event), ...remedy].map(
    ({ text, isWarning }) => `${time}  ${group}${isWarning ? color.yellow('! ') : ''}${plain(text)}`,
  )
}
