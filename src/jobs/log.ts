/** A path as people read it: bytes that are no printable text are written `\xNN`, a backslash `\\`. */
export type PrintedPath = string

/** What the program of a Job or a pod of ours has written, by the lines that begin with `juicify`. */
export interface JobLog {
  /** The last line's `key=value` pairs; none where the program did not come to its end. */
  result: Map<string, string> | undefined
  /** What the program itself found wrong. */
  failed: string | undefined
  /** The last word on how far it is. */
  progress: string | undefined
  /** All other lines for juicify, which its own room reads: a word, and what follows. */
  records: { word: string; text: string }[]
  /** All other lines: what the tools themselves wrote. */
  others: string[]
}

/** Reads a log as the API server gives it, or a pod's termination message. */
export function readLog(text: string): JobLog {
  const log: JobLog = { result: undefined, failed: undefined, progress: undefined, records: [], others: [] }
  for (const line of text.split('\n')) readLine(line, log)
  return log
}

function readLine(line: string, log: JobLog): void {
  if (!line.startsWith('juicify ')) {
    if (line.trim() !== '') log.others.push(line)
    return
  }
  const [word, text] = splitAt(line.slice('juicify '.length), ' ')
  if (word === 'result') log.result = new Map(text.split(' ').map((pair) => splitAt(pair, '=')))
  else if (word === 'failed') log.failed = printed(text)
  else if (word !== 'progress') log.records.push({ word, text })
  else if (text !== '') log.progress = text
}

/** A text in two at the first `by`; the second part is empty where there is none. */
export function splitAt(text: string, by: string): [string, string] {
  const at = text.indexOf(by)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + by.length)]
}

/** A number of a result; 0 where the program did not tell it. */
export function numberIn(result: ReadonlyMap<string, string> | undefined, key: string): number {
  return Number(result?.get(key) ?? 0)
}

/** A path in a listing (bytes as `\0ooo`) as it is, where it is UTF-8; other bytes as Latin-1 has them. */
export function spelled(path: string): string {
  return decoded(path).text
}

/** A path in a listing as people read it. */
export function printed(path: string): PrintedPath {
  const { text, readable } = decoded(path)
  return text.replace(readable ? /[\\\p{Cc}]/gu : /[^ -[\]-~]/g, (char) =>
    char === '\\' ? '\\\\' : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

function decoded(path: string): { text: string; readable: boolean } {
  const bytes: number[] = []
  for (let i = 0; i < path.length; i++) {
    const octal = /^\\0([0-7]{3})/.exec(path.slice(i, i + 5))?.[1]
    bytes.push(octal === undefined ? path.charCodeAt(i) : Number.parseInt(octal, 8))
    if (octal !== undefined) i += 4
  }
  const text = Buffer.from(bytes).toString('utf8')
  const readable = Buffer.from(text, 'utf8').equals(Buffer.from(bytes))
  return { text: readable ? text : Buffer.from(bytes).toString('latin1'), readable }
}
