import type { Progress } from '../domain/progress.ts'
import { moverProgress } from './movers.ts'

/** What a `juicify progress` line says, whichever mover or script has written it. */
export function progressIn(line: string): Progress | undefined {
  return moverProgress(line) ?? readingProgress(line)
}

/** `listed=300 read=120 bytes=4096 of=8192 seconds=5`: a verification or an estimate; both sides together. */
export function readingProgress(line: string): Progress | undefined {
  const number = (name: string) => Number(new RegExp(`\\b${name}=(\\d+)`).exec(line)?.[1])
  const [listed, read, bytes, of, seconds] = ['listed', 'read', 'bytes', 'of', 'seconds'].map(number)
  if (listed === undefined || Number.isNaN(listed)) return undefined
  // where no content is read, or not yet, there is only the listing to be told of
  if (!read || !bytes || !of || !seconds) return { files: listed }
  const rate = bytes / seconds
  return {
    files: read,
    bytes,
    of,
    percent: Math.floor((100 * bytes) / of),
    rate: Math.round(rate),
    // while hardly anything is read the time has gone into listing
    ...(bytes * 50 < of ? {} : { left: Math.round((of - bytes) / rate) }),
  }
}
