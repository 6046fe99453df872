import { type Language, language } from '../words/language.ts'
import { messages } from '../words/messages.ts'
import type { RunSummary } from './summary.ts'
import { totals } from './summary.ts'

/** The forms in which chat systems take a message; `json` is for programs. */
export const NOTIFICATION_FORMATS = ['dingtalk', 'wecom', 'slack', 'json'] as const
export type NotificationFormat = (typeof NOTIFICATION_FORMATS)[number]

/** What is told of a run, outside of it. */
export type Notification =
  | { type: 'begun'; verb: string; groups: string[]; cluster: string; by: string }
  | { type: 'failed'; group?: string; message: string; remedy?: string; cluster: string; by: string }
  | { type: 'ended'; summary: RunSummary; cluster: string; by: string }

const FORMAT_OF_HOST: Readonly<Record<string, NotificationFormat>> = {
  'oapi.dingtalk.com': 'dingtalk',
  'qyapi.weixin.qq.com': 'wecom',
  'hooks.slack.com': 'slack',
}

/** The form that the host of an address takes. */
export function formatOfHost(host: string): NotificationFormat {
  return FORMAT_OF_HOST[host] ?? 'json'
}

/** People read it in their own language; a program gets English, as it does everywhere. */
export function notificationLanguage(format: NotificationFormat): Language {
  return format === 'json' ? 'en' : language()
}

/** The most characters of a message: WeCom takes 2,048 bytes. */
const MOST = 600

/** The body of the request, as JSON. */
export function notificationBody(notification: Notification, format: NotificationFormat): string {
  const whole = notificationText(notification, notificationLanguage(format))
  const text = whole.length > MOST ? `${whole.slice(0, MOST - 1)}…` : whole
  switch (format) {
    case 'dingtalk':
    case 'wecom':
      return JSON.stringify({ msgtype: 'text', text: { content: text } })
    case 'slack':
      // its mark-up begins with these
      return JSON.stringify({ text: text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') })
    case 'json':
      return JSON.stringify({ text, ...notification })
  }
}

function notificationText(notification: Notification, spoken: Language): string {
  const words = messages(spoken)
  const says = words.notification
  const from = says.from(notification.cluster, notification.by)
  switch (notification.type) {
    case 'begun':
      return says.begun(from, notification.verb, notification.groups)
    case 'failed': {
      const { group, message, remedy } = notification
      return `${says.failed(from, message, group)}${remedy ? `\n${words.plan.try}${remedy}` : ''}`
    }
    case 'ended': {
      const { volumes, stillStopped, next } = notification.summary
      const lines = [
        says.ended(from, totals(volumes, words.summary)),
        ...(stillStopped.length > 0
          ? [`${words.summary.stillStopped}${stillStopped.map(({ workload }) => workload).join(', ')}`]
          : []),
        ...(next === undefined ? [] : [`${words.summary.next}${next}`]),
      ]
      return lines.join('\n')
    }
  }
}
