import { plain } from '../domain/text.ts'
import { timeOfDay } from '../domain/time.ts'
import type { Event } from '../engine/events.ts'
import { eventTexts, remedyText } from '../report/event-text.ts'
import type { Layout } from '../report/layout.ts'
import { messages } from '../words/messages.ts'

/** An event as lines for people and for logs: `17:04:05  kubeflow-1f3a  swap`. Some say nothing to people. */
export function eventLine(event: Event, at: Date, { color }: Layout): string[] {
  const time = color.dim(timeOfDay(at))
  const group = 'group' in event && event.group ? `${color.cyan(event.group)}  ` : ''
  const told = remedyText(event)
  const remedy = told === undefined ? [] : [{ text: `${messages().plan.try}${told}`, isWarning: false }]
  return [...eventTexts(event), ...remedy].map(
    ({ text, isWarning }) => `${time}  ${group}${isWarning ? color.yellow('! ') : ''}${plain(text)}`,
  )
}
