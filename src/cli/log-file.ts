import { closeSync, constants, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs'
import path from 'node:path'
import { Refusal, refused } from '../domain/failure.ts'
import { withoutPasswords } from '../domain/redacted.ts'
import { plain } from '../domain/text.ts'
import type { Event } from '../engine/events.ts'
import { eventTexts, remedyText } from '../report/event-text.ts'
import { fileTrouble } from '../words/file-trouble.ts'
import { messages } from '../words/messages.ts'
import { isOursAlone, linkFlag } from './ours-alone.ts'
import { seldom } from './progress.ts'
import { logFolder, ofMoment } from './state-folder.ts'

/** Logs of earlier runs that stay, where nobody has said where to write them. */
const MOST_LOGS = 100

/** What a run tells, in a file: on a terminal most of it is soon gone. */
export interface LogFile {
  /** Undefined where there is nowhere to write it. */
  path?: string
  note(event: Event): void
  /** Words of our own, some lines of them. */
  say(text: string): void
  close(): void
}

/**
 * Opens the log of a run. It is written line by line, so that a run that is killed has left it too.
 * @param file where somebody wants it; without it, a new one below the state folder, or none where that cannot be written
 * @param keep false where nothing real is done: only a file that somebody has named is written then
 * @throws Refusal where the named file cannot be written
 */
export function openLog(verb: string, file: string | undefined, { keep }: { keep: boolean }): LogFile {
  const opened = keep || file !== undefined ? opening(verb, file) : undefined
  const isDue = seldom()
  const line = (at: Date, text: string) => {
    if (opened) writeSync(opened.descriptor, `${at.toISOString()}  ${withoutPasswords(plain(text))}\n`)
  }
  return {
    ...(opened ? { path: opened.path } : {}),
    note(event) {
      const at = new Date()
      if (!isDue(event, at)) return
      const group = 'group' in event && event.group ? `${event.group}  ` : ''
      for (const { text, isWarning } of eventTexts(event)) line(at, `${group}${isWarning ? '! ' : ''}${text}`)
      const remedy = remedyText(event)
      if (remedy !== undefined) line(at, `${group}${messages().plan.try}${remedy}`)
    },
    say(text) {
      for (const each of text.trimEnd().split('\n')) line(new Date(), each)
    },
    close() {
      if (opened) closeSync(opened.descriptor)
    },
  }
}

function opening(verb: string, file: string | undefined): { descriptor: number; path: string } | undefined {
  const log = file ?? path.join(logFolder(), `${ofMoment(new Date())}-${verb}-${process.pid}.log`)
  try {
    if (file === undefined) {
      const folder = path.dirname(log)
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      // another one's folder may hold links to what is not to be written to
      if (!isOursAlone(statSync(folder))) return undefined
      removeOldest(folder)
    }
    const { O_APPEND, O_CREAT, O_WRONLY } = constants
    return { descriptor: openSync(log, O_APPEND | O_CREAT | O_WRONLY | linkFlag(log), 0o600), path: log }
  } catch (cause) {
    if (file === undefined) return undefined
    if (cause instanceof Refusal) throw cause
    throw refused(messages().refusal.cannotWriteLog(log, fileTrouble(cause)), { cause })
  }
}

function removeOldest(folder: string): void {
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'))
  // they are called by when they were begun
  for (const name of logs.sort().slice(0, -MOST_LOGS + 1)) rmSync(path.join(folder, name), { force: true })
}
