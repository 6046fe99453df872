import picocolors from 'picocolors'
import type { Layout } from '../report/layout.ts'

/** How to write to a stream: as wide as its terminal, in colour only where somebody sees it. NO_COLOR counts. */
export function layoutOf(stream: NodeJS.WriteStream, color?: boolean): Layout {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  const wanted = color ?? (FORCE_COLOR ? FORCE_COLOR !== '0' : stream.isTTY === true && TERM !== 'dumb' && !NO_COLOR)
  // a pseudo-terminal may say that it has 0 columns
  return { columns: stream.columns || Number(process.env.COLUMNS) || 100, color: picocolors.createColors(wanted) }
}

/**
 * Data, for standard output, in one or in pieces; the promise is kept when it is written, so that a pipe gets all of it,
 * and what is large is there only as fast as it is read.
 */
export async function print(text: string | Iterable<string>): Promise<void> {
  if (typeof text === 'string') return write(process.stdout, text.endsWith('\n') ? text : `${text}\n`)
  for (const piece of text) await write(process.stdout, piece)
}

/** What is for people, and is no data: standard error. */
export function say(text: string): void {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`)
}

/** Somebody is there to see and to answer. */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true && process.env.CI === undefined
}

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      // the reader of a pipe may have had enough (`juicify plan | head`)
      if (error && (error as NodeJS.ErrnoException).code !== 'EPIPE') reject(error)
      else resolve()
    })
  })
}
