import type { FileSystemMounts } from '../domain/filesystem.ts'
import type { Mover } from '../domain/mover.ts'
import type { Contents, Place } from '../domain/plan.ts'
import { compareText } from '../domain/text.ts'
import { numberIn } from '../jobs/log.ts'
import type { CopyLog } from './log.ts'
import type { CopyNote } from './note.ts'
import type { CopyResult, Estimate, Fingerprint, VerifyResult } from './result.ts'
import type { StageLog } from './run-stage.ts'

/** What the Jobs of a copy did together. */
export function copyResult(logs: StageLog[], mover: Mover): CopyResult {
  const amounts = logs.map((log) => mover.amounts(log))
  const total = (key: 'copied' | 'bytes' | 'deleted') => sum(amounts.map((each) => each[key] ?? 0))
  const tells = (key: 'bytes' | 'deleted') => amounts.some((each) => each[key] !== undefined)
  return {
    copied: total('copied'),
    ...(tells('bytes') ? { bytes: total('bytes') } : {}),
    ...(tells('deleted') ? { deleted: total('deleted') } : {}),
    ...conflictsIn(logs),
    attributesLost: sum(logs.map(({ attributesLost }) => attributesLost)),
  }
}

/**
 * What the Jobs of a verification found together.
 * @param existing the place held something before: what only it has is no difference
 */
export function verifyResult(logs: StageLog[], existing: boolean): VerifyResult {
  // of several that merge, one; of several that each take a part, all
  const compared = logs.filter(({ result }) => result?.has('missing'))
  if (compared.length === 0) throw new Error('no Job of the verification has compared anything')
  const total = (key: string) => sum(compared.map(({ result }) => numberIn(result, key)))
  const [missing, changed, extra] = [total('missing'), total('changed'), total('extra')]
  return {
    equal: missing === 0 && changed === 0 && (existing || extra === 0),
    missing,
    changed,
    extra,
    differences: compared
      .flatMap(({ differences }) => differences)
      .sort((a, b) => compareText(a.path, b.path))
      .slice(0, 20),
    source: contentsFrom(total, ''),
    target: contentsFrom(total, 'target-'),
    left: { count: total('left'), examples: compared.flatMap(({ left }) => left.examples).slice(0, 20) },
    ...conflictsIn(logs),
  }
}

/** What the place held, as the Jobs of a verification found it. */
export function fingerprintOf(logs: StageLog[]): Fingerprint | undefined {
  // of several Jobs, one tells it for all
  const result = logs.map((log) => log.result).find((each) => each?.get('holds'))
  return result && { digest: result.get('holds') ?? '', newest: numberIn(result, 'newest') }
}

/**
 * What the Job on one node found.
 * @param note what is noted of the place, where the copy there is of the same directory
 * @param mounts how the file system says that there is no limit
 */
export function estimateOf(
  log: StageLog,
  note: CopyNote | undefined,
  mounts: Pick<FileSystemMounts, 'freeInodes'>,
): Estimate {
  return {
    node: log.node,
    ...contentsOf(log, ''),
    space: numberIn(log.result, 'space'),
    place: placeOf(log, note, mounts),
    tops: log.tops,
    left: log.left,
  }
}

function placeOf(log: CopyLog, note: CopyNote | undefined, mounts: Pick<FileSystemMounts, 'freeInodes'>): Place {
  const { result } = log
  const freeInodes = result?.has('free-inodes') ? mounts.freeInodes(numberIn(result, 'free-inodes')) : undefined
  const there = contentsOf(log, 'there-')
  return {
    state: stateOf(result?.get('place') ?? '', note),
    entries: there.files + there.directories + there.links,
    space: numberIn(result, 'there-space'),
    examples: log.place,
    freeBytes: numberIn(result, 'free-bytes'),
    ...(freeInodes === undefined ? {} : { freeInodes }),
  }
}

function stateOf(found: string, note: CopyNote | undefined): Place['state'] {
  if (found === 'absent' || found === 'empty') return found
  if (found === 'same' || (note && !note.released)) return 'copied'
  return note?.fingerprint ? 'written' : 'taken'
}

function conflictsIn(logs: StageLog[]): Pick<CopyResult, 'conflicts' | 'conflictCount'> {
  return {
    conflicts: logs.flatMap(({ conflicts }) => conflicts),
    conflictCount: sum(logs.map(({ conflictCount }) => conflictCount)),
  }
}

function contentsOf({ result }: CopyLog, prefix: string): Contents {
  return contentsFrom((key) => numberIn(result, key), prefix)
}

function contentsFrom(number: (key: string) => number, prefix: string): Contents {
  return {
    files: number(`${prefix}files`),
    directories: number(`${prefix}directories`),
    links: number(`${prefix}links`),
    bytes: number(`${prefix}bytes`),
  }
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
