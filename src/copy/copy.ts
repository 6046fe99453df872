import type { Cluster } from '../cluster/cluster.ts'
import { Refusal } from '../domain/failure.ts'
import { LABEL, NAMESPACE } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import type { Contents, Place } from '../domain/plan.ts'
import { compareText } from '../domain/text.ts'
import { ensureNamespace } from '../jobs/namespace.ts'
import { imageFor } from './image.ts'
import type { JobKind, Stage } from './job.ts'
import { juicefs } from './juicefs.ts'
import { type JobLog, numberIn } from './log.ts'
import type { Mover } from './mover.ts'
import { copyIdOf } from './names.ts'
import type { CopyOptions, CopyRequest, CopyResult, Estimate, Holdings, Pass, VerifyResult } from './request.ts'
import { rsync } from './rsync.ts'
import { jobsOf, runStage, type StageOutcome } from './run.ts'
import * as storage from './storage.ts'

export interface PassOptions extends CopyOptions {
  pass: Pass
  /** Compare contents where size and time are equal: after a verification that found what a pass had not seen. */
  thorough?: boolean
}

/**
 * Copies a directory to its place on the file system: all of it, or what has changed since. Another call with the same
 * request finds the Jobs of one that was killed. Throws a CopyFailure where the copy fails, where the place held
 * something before and `intoExisting` is not set, or where nothing arrived although there is something.
 */
export async function copy(cluster: Cluster, request: CopyRequest, options: PassOptions): Promise<CopyResult> {
  const mover = moverOf(request)
  const { existing } = await claimPlace(cluster, request, options)
  const thorough = options.thorough ?? false
  const compare = thorough ? 'content' : 'metadata'
  const kind = await prepare(cluster, request, options.pass, { existing, thorough, compare })
  const what = `the ${options.pass} copy of ${request.directory}`
  const outcome = await runStage(cluster, request, kind, what, options)
  return { pass: options.pass, ...copied(outcome, mover), ...conflictsOf(outcome) }
}

/**
 * Compares every entry of the directory with its copy, believing no mover: type, mode, owner, time, size, link target
 * and, unless `compare` or the settings say `metadata`, the content. Differences are a result, not an error. Where there
 * are none, what the place holds is noted: a later copy can tell whether anybody wrote to it since.
 */
export async function verify(
  cluster: Cluster,
  request: CopyRequest,
  options: CopyOptions & { compare?: 'content' | 'metadata' } = {},
): Promise<VerifyResult> {
  const mark = await storage.readMark(cluster, request)
  const compare = options.compare ?? request.settings.verify ?? 'content'
  const kind = await prepare(cluster, request, 'verify', { existing: mark?.existing ?? false, compare })
  const outcome = await runStage(cluster, request, kind, `the verification of ${request.directory}`, options)
  const result = verdict(outcome, kind.existing)
  const holds = holdingsOf(outcome)
  if (mark && result.equal && holds) await storage.writeMark(cluster, request, { ...mark, holds })
  return result
}

/**
 * Tells by size and time how the directory and its place on the file system differ, while people may be writing to
 * either. It gets in no other Job's way. Undefined where nobody can have written to the place through us: no copy of
 * ours is there, or no workload was ever switched to it.
 */
export async function compare(
  cluster: Cluster,
  request: CopyRequest,
  options: CopyOptions = {},
): Promise<VerifyResult | undefined> {
  const mark = await storage.readMark(cluster, request)
  if (!mark?.live) return undefined
  const rest = { existing: mark.existing, compare: 'metadata', inUse: true } as const
  const kind = await prepare(cluster, request, 'compare', rest)
  const outcome = await runStage(cluster, request, kind, `the comparison of ${request.directory}`, options)
  await removeJobs(cluster, selectorOf(request, 'compare'))
  return verdict(outcome, kind.existing)
}

/**
 * Brings back to the node what has changed on the file system since the directory was copied, deletions included. The
 * rest of the directory, and what was left out of the copy, stays as it is. Afterwards `verify` compares both again.
 */
export async function copyBack(
  cluster: Cluster,
  request: CopyRequest,
  options: Omit<PassOptions, 'pass'> = {},
): Promise<CopyResult> {
  mayCopyBack(request)
  const mover = moverOf(request)
  const mark = await storage.readMark(cluster, request)
  const rest = { existing: mark?.existing ?? false, thorough: options.thorough ?? false }
  const kind = await prepare(cluster, request, 'back', rest)
  const outcome = await runStage(cluster, request, kind, `the copy back to ${request.directory}`, options)
  return { pass: 'catch-up', ...copied(outcome, mover), ...conflictsOf(outcome) }
}

/** Throws a Refusal where what is on the file system cannot be brought back to where it came from. */
export function mayCopyBack(request: CopyRequest): void {
  if (request.nodes.length > 1) {
    throw new Refusal(
      `${request.directory} was merged from ${request.nodes.join(', ')}: which of them a new file belongs to is not known`,
      {
        remedy: 'Roll back without --copy-back: the nodes have what they had. Then copy what is new by hand.',
      },
    )
  }
}

/**
 * Reads what is in the directory, on each of its nodes: all, and by its directories on top; and what is at its place on
 * the file system, and free there. Writes nothing on either side.
 */
export async function estimate(cluster: Cluster, request: CopyRequest, options: CopyOptions = {}): Promise<Estimate[]> {
  const mover = moverOf(request)
  await ensureNamespace(cluster)
  const mark = await storage.readMark(cluster, request)
  const ours = mark?.directory === request.directory ? mark : undefined
  const kind: JobKind = {
    ...plain(mover, 'estimate'),
    image: await imageFor(cluster, request),
    claim: await storage.rootClaim(cluster, request, options.signal),
    ...(ours?.live && ours.holds ? { holds: ours.holds } : {}),
  }
  try {
    const outcome = await runStage(cluster, request, kind, `the estimate of ${request.directory}`, options)
    return outcome.map(({ node, told }) => ({
      node,
      ...contents(told, ''),
      space: spaceOf(told, ''),
      place: placeOf(told, ours),
      tops: told.tops,
      left: told.left,
    }))
  } finally {
    await removeJobs(cluster, selectorOf(request, 'estimate'))
    if (kind.claim) await storage.removeClaim(cluster, kind.claim)
  }
}

/**
 * To be called before the first volume is swapped: from now on what is on the file system is the users', and no later
 * copy may overwrite it unasked.
 */
export async function handOver(cluster: Cluster, request: CopyRequest): Promise<void> {
  const mark = await storage.readMark(cluster, request)
  if (mark && !mark.live) await storage.writeMark(cluster, request, { ...mark, live: true })
}

/**
 * Removes the Jobs, claims, volumes and Secrets that the copies of a group needed. The data stays on both sides, and
 * the note that the copy on the file system is ours does too.
 */
export async function removeCopy(cluster: Cluster, group: string): Promise<void> {
  const labelSelector = `${LABEL.group}=${group},${LABEL.copy}`
  await removeJobs(cluster, labelSelector)
  for (const kind of ['PersistentVolumeClaim', 'PersistentVolume', 'Secret']) {
    const namespace = kind === 'PersistentVolume' ? {} : { namespace: NAMESPACE }
    const { items } = await cluster.list<KubeObject>({ apiVersion: 'v1', kind }, { ...namespace, labelSelector })
    await Promise.all(items.map((object) => storage.remove(cluster, object)))
  }
}

/** Those of this directory, and not of the group's others, which may be at work. */
function selectorOf(request: CopyRequest, stage: Stage): string {
  return `${LABEL.group}=${request.group},${LABEL.copy}=${copyIdOf(request)},${LABEL.stage}=${stage}`
}

async function removeJobs(cluster: Cluster, labelSelector: string): Promise<void> {
  const jobs = await jobsOf(cluster, labelSelector)
  await Promise.all(jobs.map((job) => storage.remove(cluster, job)))
}

function moverOf({ settings, nodes, directory }: CopyRequest): Mover {
  const mover = settings.mover === 'rsync' ? rsync : juicefs
  if (nodes.length === 0) throw new Refusal(`no node is named that holds ${directory}`)
  if (nodes.length > 1 && !mover.merges) {
    throw new Refusal(`juicefs sync cannot merge ${directory} from ${nodes.join(', ')}`, {
      remedy: 'Set spec.copy.mover: rsync and an image that has it, or name one node in spec.source.nodes.',
    })
  }
  return mover
}

function plain(mover: Mover, stage: Stage): Omit<JobKind, 'image'> {
  return { stage, mover, existing: false, thorough: false, compare: 'metadata', inUse: stage === 'warm' }
}

// Everything that a stage's Jobs mount and refer to, made where it is not there.
async function prepare(
  cluster: Cluster,
  request: CopyRequest,
  stage: Stage,
  rest: Partial<Pick<JobKind, 'existing' | 'thorough' | 'compare' | 'inUse' | 'holds'>>,
): Promise<JobKind> {
  const mover = moverOf(request)
  await ensureNamespace(cluster)
  const moves = stage === 'warm' || stage === 'catch-up' || stage === 'back'
  return {
    ...plain(mover, stage),
    ...rest,
    image: await imageFor(cluster, request),
    claim: await storage.targetClaim(cluster, request),
    ...(request.nodes.length > 1 || request.parts ? { sharedClaim: await storage.sharedClaim(cluster, request) } : {}),
    ...(moves && mover === juicefs ? { secret: await storage.metadataSecret(cluster, request) } : {}),
  }
}

/** Makes sure that the place is empty or ours, and notes that it is ours from now on. */
async function claimPlace(cluster: Cluster, request: CopyRequest, options: CopyOptions): Promise<storage.Mark> {
  await ensureNamespace(cluster)
  const mark = await storage.readMark(cluster, request)
  const ours = mark?.directory === request.directory ? mark : undefined
  if (ours && !ours.live && !ours.holds) return ours
  const claimed = await claimedAnew(cluster, request, ours, options)
  await storage.writeMark(cluster, request, claimed)
  return claimed
}

// What the place holds changes from now on; whether it is what we have put there is to be seen before.
async function claimedAnew(
  cluster: Cluster,
  request: CopyRequest,
  ours: storage.Mark | undefined,
  options: CopyOptions,
): Promise<storage.Mark> {
  const { directory, settings, subdir } = request
  if (ours && !ours.live) return { directory, existing: ours.existing, live: false }
  if (settings.intoExisting) return { directory, existing: true, live: false }
  const kind = await prepare(cluster, request, 'check', ours?.holds ? { holds: ours.holds } : {})
  const what = `the look at ${subdir || 'the root of the file system'}`
  const outcome = await runStage(cluster, request, kind, what, options)
  const same = outcome.some(({ told: { result } }) => result?.get('empty') === 'no')
  return { directory, existing: same && ours?.existing === true, live: false }
}

function copied(
  outcome: StageOutcome,
  mover: Mover,
): Pick<CopyResult, 'copied' | 'bytes' | 'deleted' | 'attributesLost'> {
  const all = outcome.map(({ told }) => told)
  const sum = (of: (told: JobLog) => number) => all.reduce((total, told) => total + of(told), 0)
  const attributesLost = sum((told) => told.attributesLost)
  if (mover === juicefs) {
    const count = (line: string) => Number(/copied: *(\d+)/.exec(line)?.[1] ?? 0)
    return { copied: sum((told) => told.summaries.map(count).reduce((a, b) => a + b, 0)), attributesLost }
  }
  const total = (key: string) => sum((told) => (told.result ? numberIn(told.result, key) : 0))
  return { copied: total('copied'), bytes: total('bytes'), deleted: total('deleted'), attributesLost }
}

function conflictsOf(outcome: StageOutcome): Pick<CopyResult, 'conflicts' | 'conflictCount'> {
  const told = outcome.map(({ told }) => told)
  return {
    conflicts: told.flatMap(({ conflicts }) => conflicts),
    conflictCount: told.reduce((total, { conflictCount }) => total + conflictCount, 0),
  }
}

function verdict(outcome: StageOutcome, existing: boolean): VerifyResult {
  // of several that merge, one; of several that each take a part, all
  const compared = outcome.flatMap(({ told }) => (told.result?.has('missing') ? [told] : []))
  if (compared.length === 0) throw new Error('no Job of the verification has compared anything')
  const sum = (key: string) => compared.reduce((total, { result }) => total + (result ? numberIn(result, key) : 0), 0)
  const [missing, changed, extra] = [sum('missing'), sum('changed'), sum('extra')]
  const inAll = (prefix: string): Contents => ({
    files: sum(`${prefix}files`),
    directories: sum(`${prefix}directories`),
    links: sum(`${prefix}links`),
    bytes: sum(`${prefix}bytes`),
  })
  return {
    equal: missing === 0 && changed === 0 && (existing || extra === 0),
    missing,
    changed,
    extra,
    differences: compared
      .flatMap(({ differences }) => differences)
      .sort((a, b) => compareText(a.path, b.path))
      .slice(0, 20),
    source: inAll(''),
    target: inAll('target-'),
    left: {
      count: sum('left'),
      examples: compared.flatMap(({ left }) => left.examples).slice(0, 20),
    },
    ...conflictsOf(outcome),
  }
}

/** What the target held. */
function holdingsOf(outcome: StageOutcome): Holdings | undefined {
  // of several Jobs, one tells it for all
  const result = outcome.map(({ told }) => told.result).find((each) => each?.get('holds'))
  return result && { digest: result.get('holds') ?? '', newest: numberIn(result, 'newest') }
}

function placeOf(told: JobLog, mark: storage.Mark | undefined): Place {
  const { result = new Map<string, string>() } = told
  const there = contents(told, 'there-')
  return {
    state: stateOf(result.get('place') ?? '', mark),
    entries: there.files + there.directories + there.links,
    space: spaceOf(told, 'there-'),
    examples: told.place,
    freeBytes: numberIn(result, 'free-bytes'),
    ...(result.has('free-inodes') ? { freeInodes: numberIn(result, 'free-inodes') } : {}),
  }
}

function stateOf(found: string, mark: storage.Mark | undefined): Place['state'] {
  if (found === 'absent' || found === 'empty') return found
  if (found === 'same' || (mark && !mark.live)) return 'copied'
  return mark?.holds ? 'written' : 'taken'
}

function spaceOf({ result }: JobLog, prefix: string): number {
  return result ? numberIn(result, `${prefix}space`) : 0
}

function contents({ result }: JobLog, prefix: string): Contents {
  const number = (key: string) => (result ? numberIn(result, `${prefix}${key}`) : 0)
  return { files: number('files'), directories: number('directories'), links: number('links'), bytes: number('bytes') }
}
