import type { OpenFile } from '../domain/old-directory.ts'
import type { Contents } from '../domain/plan.ts'
import { type JobLog, type PrintedPath, printed, spelled, splitAt } from '../jobs/log.ts'
import type { Conflict, Difference, NotCarried, SourceMount } from './result.ts'

/** What a copy's program has told besides its result: see programs/*.sh for which of them writes which line. */
export interface CopyLog extends Pick<JobLog, 'result'> {
  tops: (Contents & { path: PrintedPath })[]
  differences: Difference[]
  left: NotCarried
  /** Some of what is at the place already. */
  place: PrintedPath[]
  /** Some of what was changed, of a look at what is unused. */
  changed: PrintedPath[]
  /** Who has something open. */
  open: OpenFile[]
  conflicts: Conflict[]
  conflictCount: number
  attributesLost: number
  /** Of the volumes that were looked at, by their number: which directory each one is, or the link that leads to it. */
  ats: { number: number; id?: string; link?: PrintedPath }[]
  /** What is mounted at the source, and below it. */
  mounts: SourceMount[]
  /** What a tool has said that it found and copied, one a run, where its mover reads that. */
  summaries: string[]
}

/** Reads what a copy's program has told. */
export function readCopyLog({ result, records }: Pick<JobLog, 'result' | 'records'>): CopyLog {
  const log: CopyLog = {
    result,
    tops: [],
    differences: [],
    left: { count: 0, examples: [] },
    place: [],
    changed: [],
    open: [],
    conflicts: [],
    conflictCount: 0,
    attributesLost: 0,
    ats: [],
    mounts: [],
    summaries: [],
  }
  for (const { word, text } of records) readRecord(word, text, log)
  return log
}

function readRecord(word: string, text: string, log: CopyLog): void {
  const words = text.split(' ')
  const number = () => Number(words[0]) || 0
  if (word === 'top') log.tops.push(topOf(words))
  else if (word === 'differs') log.differences.push(differenceOf(text))
  else if (word === 'left') log.left.examples.push({ kind: words[0] ?? '', path: printed(words[1] ?? '') })
  else if (word === 'lefts') log.left.count = number()
  else if (word === 'place') log.place.push(printed(text))
  else if (word === 'changed') log.changed.push(printed(text))
  else if (word === 'open') log.open.push(openFileOf(words))
  else if (word === 'conflict') log.conflicts.push(conflictOf(words))
  else if (word === 'conflicts') log.conflictCount = number()
  else if (word === 'attributes') log.attributesLost += number()
  else if (word === 'at') log.ats.push({ number: number(), id: words[1] ?? '' })
  else if (word === 'link') log.ats.push({ number: number(), link: printed(splitAt(text, ' ')[1]) })
  else if (word === 'mount') log.mounts.push(mountOf(words))
  else if (word === 'summary') log.summaries.push(text)
}

function mountOf([device = '', type = '', root = '', from = '', where = '']: string[]): SourceMount {
  return { device, type, root: spelled(root), from: spelled(from), where: spelled(where) }
}

function topOf([bytes, files, directories, links, path = '']: string[]): CopyLog['tops'][number] {
  return {
    path: printed(path),
    bytes: Number(bytes),
    files: Number(files),
    directories: Number(directories),
    links: Number(links),
  }
}

function openFileOf([pid = '', pod = '-', command = '', how = '', path = '']: string[]): OpenFile {
  return {
    pid: Number(pid),
    ...(pod === '-' ? {} : { podUid: pod }),
    command: printed(command),
    how: how as OpenFile['how'],
    path: printed(path),
  }
}

function conflictOf([path = '', taken = '', left = '', differsIn = '']: string[]): Conflict {
  return { path: printed(path), taken, left, differsIn: differsIn as Conflict['differsIn'] }
}

/** `path SOURCE : TARGET`, each `-` or `type mode uid gid mtime size value`. */
function differenceOf(text: string): Difference {
  const [path, rest] = splitAt(text, ' ')
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
