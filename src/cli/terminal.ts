import picocolors from 'picocolors'
import type { Layout } from '../report/layout.ts'
import { printable } from './printable.ts'

/** The byte that a terminal gives for Ctrl-C. */
const CTRL_C = 3

/** How to write to a stream: as wide as its terminal, in colour only where somebody sees it. NO_COLOR counts. */
export function layoutOf(stream: NodeJS.WriteStream, color?: boolean): Layout {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  const wanted = color ?? (FORCE_COLOR ? FORCE_COLOR !== '0' : stream.isTTY === true && TERM !== 'dumb' && !NO_COLOR)
  // a pseudo-terminal may say that it has 0 columns
  return { columns: stream.columns || Number(process.env.COLUMNS) || 100, color: picocolors.createColors(wanted) }
}

// The reader of a pipe may have had enough (`juicify plan | head`), or be gone: what is under way goes on without him.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (!isUnread(error, stream)) throw error
  })
}

/**
 * Data, for standard output, in one or in pieces; the promise is kept when it is written, so that a pipe gets all of it,
 * and what is large is there only as fast as it is read. It is false where nobody reads any more.
 */
export async function print(text: string | Iterable<string>): Promise<boolean> {
  if (typeof text === 'string') return write(process.stdout, text.endsWith('\n') ? text : `${text}\n`)
  for (const piece of text) if (!(await write(process.stdout, piece))) return false
  return true
}

/** What is for people, and is no data: standard error. */
export function say(text: string): void {
  process.stderr.write(printable(text.endsWith('\n') ? text : `${text}\n`))
}

/** Somebody is there to see and to answer. */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true && process.env.CI === undefined
}

/** What is shown can be changed in place too, as lists and menus want it. */
export function canRedraw(): boolean {
  return isInteractive() && process.env.TERM !== 'dumb'
}

/**
 * Runs a prompt that nothing answers that was typed before it, with a signal that Ctrl-D and the signal given abort: at
 * Ctrl-D readline closes, and the prompt would wait for ever.
 */
export async function untilEndOfInput<T>(ask: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
  await dropTypedAhead()
  const ended = new AbortController()
  const onKey = (_: unknown, key?: { ctrl?: boolean; name?: string }) => {
    if (key?.ctrl && key.name === 'd') ended.abort()
  }
  process.stdin.on('keypress', onKey)
  try {
    return await ask(signal ? AbortSignal.any([signal, ended.signal]) : ended.signal)
  } finally {
    process.stdin.off('keypress', onKey)
  }
}

/** What was typed while nothing was asked. Ctrl-C is obeyed still: a terminal that gives keys makes no signal of it. */
async function dropTypedAhead(): Promise<void> {
  const { stdin } = process
  if (!stdin.isTTY) return
  const drop = (keys: Buffer) => {
    if (keys.includes(CTRL_C)) process.kill(process.pid, 'SIGINT')
  }
  // a terminal that waits for whole lines would keep the rest of one
  stdin.setRawMode(true)
  stdin.on('data', drop)
  stdin.resume()
  // what is there is read in the first turn; the second is for what that has set free
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
  stdin.pause()
  stdin.off('data', drop)
  stdin.setRawMode(false)
}

/** True of the error of a prompt that was left without an answer: Ctrl-C, Ctrl-D, or a signal. */
export function isUnanswered(error: unknown): boolean {
  return ['ExitPromptError', 'AbortPromptError'].includes((error as Error).name)
}

function write(stream: NodeJS.WriteStream, text: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    // a file or a program gets the data as they are
    stream.write(stream.isTTY ? printable(text) : text, (error) => {
      if (error && !isUnread(error, stream)) reject(error)
      else resolve(!error)
    })
  })
}

/** A pipe whose reader is gone, or a terminal that was closed. */
function isUnread(error: Error, { isTTY }: NodeJS.WriteStream): boolean {
  const { code = '' } = error as NodeJS.ErrnoException
  return ['EPIPE', 'ERR_STREAM_DESTROYED'].includes(code) || (code === 'EIO' && isTTY === true)
}
