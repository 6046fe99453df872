import { below, isBelow } from '../domain/directory.ts'
import { Failure } from '../domain/failure.ts'
import type { FileSystemMounts } from '../domain/filesystem.ts'
import type { Mover } from '../domain/mover.ts'
import type { Contents, Place } from '../domain/plan.ts'
import { compareText } from '../domain/text.ts'
import { numberIn } from '../jobs/log.ts'
import { worded } from '../words/trouble.ts'
import type { CopyLog } from './log.ts'
import type { CopyNote } from './note.ts'
import type {
  CopyResult,
  Estimate,
  Fingerprint,
  Look,
  SampleResult,
  Sight,
  SourceMount,
  VerifiedAhead,
  VerifyResult,
} from './result.ts'
import type { StageLog } from './run-stage.ts'
import { volumesOf } from './stage.ts'
import type { CopyTask } from './task.ts'

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

/** Whether both sides were compared in whole. */
export function hasCompared(logs: StageLog[]): boolean {
  return logs.some(({ result }) => result?.has('missing'))
}

/** What the Job of a verification ahead of time has found equal. */
export function verifiedAheadOf(logs: StageLog[]): VerifiedAhead | undefined {
  const result = logs.find((log) => log.result?.has('digest'))?.result
  if (!result) return undefined
  const [files, of, bytes] = [numberIn(result, 'files'), numberIn(result, 'of'), numberIn(result, 'bytes')]
  return { files, of, bytes, digest: result.get('digest') ?? '' }
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

/** What the Job on one node has seen; throws Failure where not all that it said has come. */
export function lookOf(log: StageLog, task: Pick<CopyTask, 'directory' | 'volumes'>): Look {
  const { result, ats, mounts, node } = log
  if (ats.length !== numberIn(result, 'ats') || mounts.length !== numberIn(result, 'mounts')) {
    throw new Failure(...worded((say) => say.copy.partOfLog(node, task.directory)))
  }
  const volumes = volumesOf(task)
  const directoryAt = (path: string) => (path === '.' ? task.directory : `${task.directory}/${path}`.replace('//', '/'))
  const seen = ats.map(({ number, ...rest }) => ({ ...rest, relative: volumes[number] ?? '.' }))
  return {
    node,
    sights: [
      ...seen.flatMap(({ id, relative }): Sight[] =>
        id === undefined ? [] : [{ directory: directoryAt(relative), id, ...placeIn(mounts, relative) }],
      ),
      ...mounts
        .filter(({ where }) => where !== '.')
        .map(({ where }) => ({ directory: directoryAt(where), ...placeIn(mounts, where) })),
    ],
    links: seen.flatMap(({ link, relative }) =>
      link === undefined ? [] : [{ directory: directoryAt(relative), link }],
    ),
  }
}

/** A path below the source by the nearest mount above it; of two on the same place the later one hides the other. */
function placeIn(mounts: SourceMount[], path: string): Pick<Sight, 'device' | 'path'> {
  const above = mounts.filter(({ where }) => where === '.' || where === path || isBelow(path, where))
  const nearest = above.reduce<SourceMount | undefined>(
    (best, mount) => (best && depth(best) > depth(mount) ? best : mount),
    undefined,
  )
  if (!nearest) return {}
  const rest = nearest.where === '.' ? (path === '.' ? '' : path) : (below(path, nearest.where) ?? '')
  const { device, root } = rootOf(nearest)
  return { device, path: rest === '' ? root : `${root === '/' ? '' : root}/${rest}` }
}

function depth({ where }: SourceMount): number {
  return where === '.' ? 0 : where.split('/').length
}

/** NFS tells no path in it; but what it says was mounted is the whole path on the server. */
function rootOf({ device, type, root, from }: SourceMount): { device: string; root: string } {
  const at = from.indexOf(':/')
  if (!type.startsWith('nfs') || at < 0) return { device, root }
  return { device: `nfs ${from.slice(0, at)}`, root: from.slice(at + 1) }
}

/** Fewer entries are listed before a clock has moved. */
const LEAST_LISTED = 50

/** What the Job of a sample has found. */
export function sampleOf(result: CopyLog['result']): SampleResult {
  const [ms, listed, listMs] = [numberIn(result, 'ms'), numberIn(result, 'listed'), numberIn(result, 'list-ms')]
  return {
    files: numberIn(result, 'files'),
    bytes: numberIn(result, 'bytes'),
    seconds: ms / 1000,
    listed: listed >= LEAST_LISTED && listMs > 0 ? (listed * 1000) / listMs : 0,
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
