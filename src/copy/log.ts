import type { Contents } from '../domain/plan.ts'
import type { Conflict, Difference, PrintedPath } from './request.ts'

/** What a Job's script has told in its log: see script/scripts.ts for who writes which line. */
export interface JobLog {
  /** The last line's `key=value` pairs; none where the script did not come to its end. */
  result: Map<string, string> | undefined
  /** What the script itself found wrong. */
  failed: string | undefined
  /** The mover's last word on how far it is. */
  progress: string | undefined
  tops: (Contents & { path: PrintedPath })[]
  differences: Difference[]
  left: { count: number; examples: { path: PrintedPath; kind: string }[] }
  /** Some of what is on the target already. */
  place: PrintedPath[]
  conflicts: Conflict[]
  conflictCount: number
  attributesLost: number
  /** juicefs sync's last lines on what it found and copied, one a pass. */
  summaries: string[]
  /** All other lines: what the tools themselves wrote. */
  others: string[]
}

/** Reads a log as the API server gives it. */
export function readLog(text: string): JobLog {
  const told: JobLog = {
    result: undefined,
    failed: undefined,
    progress: undefined,
    tops: [],
    differences: [],
    left: { count: 0, examples: [] },
    place: [],
    conflicts: [],
    conflictCount: 0,
    attributesLost: 0,
    summaries: [],
    others: [],
  }
  for (const line of text.split('\n')) readLine(line, told)
  return told
}

function readLine(line: string, told: JobLog): void {
  if (!line.startsWith('juicify ')) {
    if (line.trim() !== '') told.others.push(line)
    return
  }
  const [, word = '', ...rest] = line.split(' ')
  const text = rest.join(' ')
  const number = () => Number(rest[0]) || 0
  if (word === 'result') told.result = new Map(rest.map((pair) => split(pair, '=')))
  else if (word === 'failed') told.failed = printed(text)
  else if (word === 'progress' && text !== '') told.progress = text
  else if (word === 'top') told.tops.push(topOf(rest))
  else if (word === 'differs') told.differences.push(differenceOf(text))
  else if (word === 'left') told.left.examples.push({ kind: rest[0] ?? '', path: printed(rest[1] ?? '') })
  else if (word === 'lefts') told.left.count = number()
  else if (word === 'place') told.place.push(printed(text))
  else if (word === 'conflict') told.conflicts.push(conflictOf(rest))
  else if (word === 'conflicts') told.conflictCount = number()
  else if (word === 'attributes') told.attributesLost += number()
  else if (word === 'summary') told.summaries.push(text)
}

/** A number of a result; 0 where the script did not tell it. */
export function numberIn(result: Map<string, string>, key: string): number {
  return Number(result.get(key) ?? 0)
}

/** A path in a listing (bytes as `\0ooo`) as people read it. */
export function printed(path: string): PrintedPath {
  const bytes: number[] = []
  for (let i = 0; i < path.length; i++) {
    const octal = /^\\0([0-7]{3})/.exec(path.slice(i, i + 5))?.[1]
    bytes.push(octal === undefined ? path.charCodeAt(i) : Number.parseInt(octal, 8))
    if (octal !== undefined) i += 4
  }
  const text = Buffer.from(bytes).toString('utf8')
  const readable = Buffer.from(text, 'utf8').equals(Buffer.from(bytes))
  return (readable ? text : Buffer.from(bytes).toString('latin1')).replace(
    readable ? /[\\\p{Cc}]/gu : /[^ -[\]-~]/g,
    (char) => (char === '\\' ? '\\\\' : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`),
  )
}

function split(pair: string, by: string): [string, string] {
  const at = pair.indexOf(by)
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
}

function topOf([bytes, files, directories, links, path = '']: string[]): JobLog['tops'][number] {
  return {
    path: printed(path),
    bytes: Number(bytes),
    files: Number(files),
    directories: Number(directories),
    links: Number(links),
  }
}

function conflictOf([path = '', taken = '', left = '', differsIn = '']: string[]): Conflict {
  return { path: printed(path), taken, left, differsIn: differsIn as Conflict['differsIn'] }
}

/** `path SOURCE : TARGET`, each `-` or `type mode uid gid mtime size value`. */
function differenceOf(text: string): Difference {
  const [path, rest] = split(text, ' ')
  const [source = '-', target = '-'] = rest.split(' : ')
  if (target === '-') return { path: printed(path), what: 'missing' }
  if (source === '-') return { path: printed(path), what: 'extra' }
  return { path: printed(path), what: differing(source.split(' '), target.split(' ')) }
}

function differing(a: string[], b: string[]): Exclude<Difference['what'], string> {
  if (a[0] !== b[0]) return ['type']
  const what: Exclude<Difference['what'], string> = []
  if (a[1] !== b[1]) what.push('mode')
  if (a[2] !== b[2] || a[3] !== b[3]) what.push('owner')
  if (a[4] !== b[4]) what.push('time')
  if (a[5] !== b[5]) what.push('size')
  if (a[6] !== b[6]) what.push(a[0] === 'l' ? 'target' : 'content')
  return what
}
