import { refused } from '../domain/failure.ts'
import { operator } from '../lock/lease.ts'
import {
  formatOfHost,
  NOTIFICATION_FORMATS,
  type Notification,
  type NotificationFormat,
  notificationBody,
  notificationLanguage,
} from '../report/notification.ts'
import { helpWords } from '../words/help.ts'
import { type Language, language } from '../words/language.ts'
import { messages } from '../words/messages.ts'
import { handedOn } from './flag-values.ts'

/** The flags of the commands that tell somebody else what they do. */
export interface NotifyArguments {
  notify?: URL
  notifyFormat?: NotificationFormat
}

export function notifyOptions() {
  const says = helpWords().run
  return {
    notify: { type: 'string', requiresArg: true, describe: says.notify, coerce: handedOn(webhook) },
    'notify-format': { choices: NOTIFICATION_FORMATS, describe: says.notifyFormat },
  } as const
}

/** Milliseconds that a message may take. */
const DEADLINE = 5_000

type Told = Notification extends infer Each ? (Each extends Notification ? Omit<Each, 'cluster' | 'by'> : never) : never

/** Tells somebody else of a run, and never holds it up: no message is sent twice, and each has 5 s. */
export interface Notifier {
  tell(told: Told): void
  /** In which its messages are. */
  language: Language
  /** Resolves when all messages are sent, or given up. */
  settled(): Promise<void>
}

/** @param complain told, once, when a message was not taken; it does not hold the URL, for whoever has that may post there */
export function notifier(
  { notify, notifyFormat }: NotifyArguments,
  cluster: string,
  complain: (text: string) => void,
): Notifier {
  if (!notify) return { language: language(), tell: () => {}, settled: async () => {} }
  const format = notifyFormat ?? formatOfHost(notify.hostname)
  const sending: Promise<void>[] = []
  let complained = false
  const send = async (told: Told) => {
    const why = await post(notify, notificationBody({ ...told, cluster, by: operator() } as Notification, format))
    if (why === undefined || complained) return
    complained = true
    complain(messages().notification.notDelivered(notify.host, why))
  }
  return {
    language: notificationLanguage(format),
    tell: (told) => void sending.push(send(told)),
    settled: async () => {
      await Promise.all(sending)
    },
  }
}

/** Returns why the message was not taken; undefined where it was. */
async function post(url: URL, body: string): Promise<string | undefined> {
  const says = messages().notification
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      // who is sent elsewhere would take the token along
      redirect: 'manual',
      signal: AbortSignal.timeout(DEADLINE),
    })
    const text = answer.ok ? await answer.text() : ''
    await answer.body?.cancel().catch(() => {})
    if (!answer.ok) return says.answered(`${answer.status}`)
    const code = /"errcode"\s*:\s*(-?\d+)/.exec(text)?.[1]
    return code === undefined || code === '0' ? undefined : says.answered(`errcode ${code}`)
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } }
    if (name === 'TimeoutError') return says.noAnswer(DEADLINE / 1000)
    return cause?.code ?? says.unreachable
  }
}

function webhook(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  // what is wrong with it may be near its token
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw refused(messages().refusal.notAWebhook())
  return url
}
