import type { Cluster } from '../cluster/cluster.ts'
import { Refusal } from '../domain/failure.ts'
import type { Mover } from '../domain/mover.ts'
import { LABEL, NAMESPACE } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import type { OpenFile } from '../domain/old-directory.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { removeOwnClaim, removeOwnClaims } from '../jobs/claims.ts'
import type { JobOptions } from '../jobs/job.ts'
import { numberIn } from '../jobs/log.ts'
import { ensureNamespace } from '../jobs/namespace.ts'
import { removeObject } from '../jobs/objects.ts'
import { removeJobs } from '../jobs/run.ts'
import { type Wording, worded } from '../words/trouble.ts'
import { imageFor } from './image.ts'
import { moverOf } from './movers.ts'
import { copyIdOf } from './names.ts'
import { type CopyNote, readCopyNote, writeCopyNote } from './note.ts'
import {
  copyResult,
  estimateOf,
  fingerprintOf,
  hasCompared,
  lookOf,
  sampleOf,
  verifiedAheadOf,
  verifyResult,
} from './read-result.ts'
import type {
  Brought,
  ChangedSince,
  CopyResult,
  Estimate,
  Lacking,
  Look,
  SampleResult,
  VerifiedAhead,
  VerifyResult,
} from './result.ts'
import { runStage, type StageLog } from './run-stage.ts'
import { type CopyStage, isKnown, isVerifiedAhead, layoutOf, type Stage, type StageSpec } from './stage.ts'
import { rootClaim, sharedClaim, targetClaim } from './storage.ts'
import type { CopyTask } from './task.ts'

/** How a directory is to be copied. */
export interface CopyOptions extends JobOptions {
  stage: CopyStage
  /** Compare contents where size and time are equal: after a verification that found what a copy had not seen. */
  thorough?: boolean
  /** Of a catch-up that is not thorough: what need not be looked into, where the mover can go by that. */
  ahead?: VerifiedAhead | undefined
  /** What an earlier copy of this run has found at the place, which is ours since. */
  claimed?: ClaimedPlace | undefined
  /** When the group's record was first written, RFC 3339: an earlier juicify may have copied since then. */
  recordedAt?: string | undefined
}

/** A place that a run has found empty, or proved to be a copy of ours, or was told to copy over. */
export interface ClaimedPlace {
  /** There was something before: what the directory does not have stays. */
  existing: boolean
}

/**
 * Copies a directory to its place on the file system: all of it, or what has changed since. Another call with the same
 * task finds the Jobs of one that was killed. Throws a JobFailure where the copy fails, where the place held something
 * before and `intoExisting` is not set, or where nothing arrived although there is something.
 */
export async function copy(cluster: Cluster, task: CopyTask, options: CopyOptions): Promise<Copied> {
  const mover = moverFor(task)
  const note = await claimPlace(cluster, task, options)
  const { existing } = note
  const claimed = { existing }
  const thorough = options.thorough ?? false
  const compare = thorough ? 'content' : 'metadata'
  const verified = isKnown({ stage: options.stage, thorough, mover }) ? options.ahead?.digest : undefined
  const rest = { existing, thorough, compare, ...(verified ? { verified } : {}) } as const
  const spec = await prepare(cluster, task, options.stage, rest)
  const logs = await runStage(cluster, task, spec, (say) => say.work[options.stage](task.directory), options)
  const result = { ...copyResult(logs, mover), claimed }
  if (!verified || !hasCompared(logs)) return result
  return { ...result, verified: await resultOf(cluster, task, logs, note) }
}

/** What a catch-up has done; where it went by the listing, and no mover was at work, also how both sides compare after it. */
export interface Copied extends CopyResult {
  verified?: VerifyResult
  claimed: ClaimedPlace
}

/** How both sides compare; where they are equal, what the place holds is noted. */
async function resultOf(cluster: Cluster, task: CopyTask, logs: StageLog[], note: CopyNote): Promise<VerifyResult> {
  const result = verifyResult(logs, note.existing)
  const fingerprint = fingerprintOf(logs)
  if (result.equal && fingerprint) await writeCopyNote(cluster, task, { ...note, fingerprint })
  return result
}

/**
 * Compares every entry of the directory with its copy, believing no mover: type, mode, owner, time, size, link target
 * and, unless `compare` or the settings say `metadata`, the content. Differences are a result, not an error. Where there
 * are none, what the place holds is noted: a later copy can tell whether anybody wrote to it since.
 * @param options.ahead files that were found equal while the directory was in use are not read again, unless either side was touched since
 * @param options.claimed what this run knows of the place, which no note can change
 */
export async function verify(
  cluster: Cluster,
  task: CopyTask,
  options: JobOptions & {
    compare?: 'content' | 'metadata'
    ahead?: VerifiedAhead | undefined
    claimed?: ClaimedPlace | undefined
  } = {},
): Promise<VerifyResult> {
  const read = await readCopyNote(cluster, task)
  const note = read && { ...read, ...options.claimed }
  const compare = options.compare ?? task.settings.verify ?? 'content'
  const verified = compare === 'content' ? options.ahead?.digest : undefined
  const existing = options.claimed?.existing ?? note?.existing ?? false
  const spec = await prepare(cluster, task, 'verify', { existing, compare, ...(verified ? { verified } : {}) })
  const logs = await runStage(cluster, task, spec, (say) => say.work.verify(task.directory), options)
  return note ? resultOf(cluster, task, logs, note) : verifyResult(logs, spec.existing)
}

/**
 * Compares the content of files while the directory is in use, and remembers those that are equal on both sides, so that the
 * verification that workloads wait for need not read them. Undefined where that cannot be: contents are not to be compared,
 * several Jobs share the directory, or it goes to the root of the file system.
 */
export async function verifyAhead(
  cluster: Cluster,
  task: CopyTask,
  options: JobOptions = {},
): Promise<VerifiedAhead | undefined> {
  if (!isVerifiedAhead(task)) return undefined
  const spec = await prepare(cluster, task, 'verify-ahead', { compare: 'content', inUse: true })
  const logs = await runStage(cluster, task, spec, (say) => say.work.verifyAhead(task.directory), options)
  return verifiedAheadOf(logs)
}

/**
 * Tells by size and time how the directory and its place on the file system differ, while people may be writing to
 * either. It gets in no other Job's way. What is only there counts, unless the copy was to go over what was there before.
 */
export async function compare(cluster: Cluster, task: CopyTask, options: JobOptions = {}): Promise<VerifyResult> {
  const rest = { existing: task.settings.intoExisting === true, compare: 'metadata', inUse: true } as const
  const spec = await prepare(cluster, task, 'compare', rest)
  const logs = await runStage(cluster, task, spec, (say) => say.work.compare(task.directory), options)
  await removeJobs(cluster, selectorOf(task, 'compare'))
  return verifyResult(logs, spec.existing)
}

/**
 * Counts what the directory has on its node that the place to which it has moved lacks, or has older. Reads both sides,
 * while people use the place.
 */
export async function lacking(cluster: Cluster, task: CopyTask, options: JobOptions = {}): Promise<Lacking> {
  const spec = await prepare(cluster, task, 'join', { existing: true, inUse: true })
  const logs = await runStage(cluster, task, spec, (say) => say.work.compare(task.directory), options)
  const { missing, changed, differences } = verifyResult(logs, true)
  return { missing, older: changed, examples: differences }
}

/** Brings what that place lacks. What is there stays as it is, whoever makes it meanwhile. */
export async function bringMissing(cluster: Cluster, task: CopyTask, options: JobOptions = {}): Promise<Brought> {
  const spec = await prepare(cluster, task, 'bring', { existing: true, inUse: true })
  const logs = await runStage(cluster, task, spec, (say) => say.work.missing(task.directory, task.subdir), options)
  const total = (key: string) => logs.reduce((sum, { result }) => sum + numberIn(result, key), 0)
  return { brought: total('brought'), left: total('left') }
}

/**
 * Brings back to the node what has changed on the file system since the directory was copied, deletions included. The
 * rest of the directory, and what was left out of the copy, stays as it is. Afterwards `verify` compares both again.
 */
export async function copyBack(
  cluster: Cluster,
  task: CopyTask,
  options: Omit<CopyOptions, 'stage'> = {},
): Promise<CopyResult> {
  assertCanCopyBack(task)
  const mover = moverFor(task)
  const note = await readCopyNote(cluster, task)
  const rest = { existing: note?.existing ?? false, thorough: options.thorough ?? false }
  const spec = await prepare(cluster, task, 'back', rest)
  const logs = await runStage(cluster, task, spec, (say) => say.work.back(task.directory), options)
  return copyResult(logs, mover)
}

/**
 * Takes back on the file system what kubelets have made of owners and modes for pods' fsGroup, where nobody has changed
 * anything besides: it would be brought back to the node else. Writes nothing there. Returns of how many entries.
 */
export async function undoFsGroup(cluster: Cluster, task: CopyTask, options: JobOptions = {}): Promise<number> {
  const spec = await prepare(cluster, task, 'undo-fs-group', { existing: true })
  const logs = await runStage(cluster, task, spec, (say) => say.work.owners(task.subdir), options)
  return logs.reduce((sum, { result }) => sum + numberIn(result, 'restored'), 0)
}

/** Throws a Refusal where what is on the file system cannot be brought back to where it came from. */
export function assertCanCopyBack(task: CopyTask): void {
  if (task.nodes.length > 1) {
    throw new Refusal(...worded((say) => say.copy.merged(task.directory, task.nodes)))
  }
}

/**
 * Reads what is in the directory, on each of its nodes: all, and by its directories on top; and what is at its place on
 * the file system, and free there. Writes nothing on either side.
 */
export async function estimate(cluster: Cluster, task: CopyTask, options: JobOptions = {}): Promise<Estimate[]> {
  const mover = moverFor(task)
  await ensureNamespace(cluster)
  const note = await noteOnOwnCopy(cluster, task)
  const claim = await rootClaim(cluster, task, options.signal)
  const spec: StageSpec = {
    ...plainSpec(mover, 'estimate'),
    image: await imageFor(cluster, task, mover),
    claim,
    ...(note?.released && note.fingerprint ? { fingerprint: note.fingerprint } : {}),
  }
  try {
    const logs = await runStage(cluster, task, spec, (say) => say.work.estimate(task.directory), options)
    return logs.map((log) => estimateOf(log, note, fileSystemOf(task.target).mounts))
  } finally {
    await removeJobs(cluster, selectorOf(task, 'estimate'))
    await removeOwnClaim(cluster, claim)
  }
}

/**
 * Looks which directories the source and those of the volumes in it really are, on each node: a path may lead there by links
 * and mounts. Reads nothing of them, and needs nothing of the file system.
 */
export async function look(cluster: Cluster, task: CopyTask, options: JobOptions = {}): Promise<Look[]> {
  try {
    const logs = await lookAtNode(cluster, task, { stage: 'look' }, (say) => say.work.inspect(task.directory), options)
    return logs.map((log) => lookOf(log, task))
  } finally {
    await removeJobs(cluster, selectorOf(task, 'look'))
  }
}

/** Files of a directory that a sample is taken of, at most. */
const SAMPLED_FILES = 200

/**
 * Copies some files of a directory to a place of its own on the file system, which is taken away again, and tells how long
 * that took.
 * @param files how many the directory has
 */
export async function sample(
  cluster: Cluster,
  task: CopyTask,
  files: number,
  options: JobOptions = {},
): Promise<SampleResult> {
  const mover = moverFor(task)
  await ensureNamespace(cluster)
  const claim = await rootClaim(cluster, task, options.signal)
  const every = Math.max(1, Math.floor(files / SAMPLED_FILES))
  const spec: StageSpec = {
    ...plainSpec(mover, 'sample'),
    image: await imageFor(cluster, task, mover),
    claim,
    every,
  }
  try {
    const [log] = await runStage(cluster, task, spec, (say) => say.work.sample(task.directory), options)
    return sampleOf(log?.result)
  } finally {
    await removeJobs(cluster, selectorOf(task, 'sample'))
    await removeOwnClaim(cluster, claim)
  }
}

/**
 * Counts what was made, changed or taken away in a directory since a moment, on the task's one node. Opens nothing, and needs
 * nothing of the file system.
 * @param since seconds since 1970, by that node's clock
 */
export async function changedSince(
  cluster: Cluster,
  task: CopyTask,
  since: number,
  options: JobOptions = {},
): Promise<ChangedSince> {
  const [log] = await lookAtNode(
    cluster,
    task,
    { stage: 'unused', since },
    (say) => say.work.unused(task.directory),
    options,
  )
  const { result, changed = [] } = log ?? {}
  return {
    changed: numberIn(result, 'changed'),
    examples: changed,
    covered: result?.get('covered') === 'yes',
    now: numberIn(result, 'now'),
  }
}

/** Which processes of the task's one node have something of a directory open, as a pod that sees them all is told. */
export async function openFiles(cluster: Cluster, task: CopyTask, options: JobOptions = {}): Promise<OpenFile[]> {
  const what: Wording = (say) => say.work.openFiles(task.directory)
  const [log] = await lookAtNode(cluster, task, { stage: 'open-files' }, what, options)
  return log?.open ?? []
}

async function lookAtNode(
  cluster: Cluster,
  task: CopyTask,
  spec: Pick<StageSpec, 'stage' | 'since'>,
  what: Wording,
  options: JobOptions,
): Promise<StageLog[]> {
  const mover = moverFor(task)
  await ensureNamespace(cluster)
  const image = await imageFor(cluster, task, mover)
  return runStage(cluster, task, { ...plainSpec(mover, spec.stage), ...spec, image }, what, options)
}

/** Removes the Jobs that have looked at an old directory, on all nodes. */
export async function removeLooks(cluster: Cluster, task: CopyTask): Promise<void> {
  await Promise.all((['unused', 'open-files'] as const).map((stage) => removeJobs(cluster, selectorOf(task, stage))))
}

/**
 * To be called before the first volume is swapped: from now on what is on the file system is the users', and no later
 * copy may overwrite it unasked.
 */
export async function markReleased(cluster: Cluster, task: CopyTask): Promise<void> {
  const note = await readCopyNote(cluster, task)
  if (note && !note.released) await writeCopyNote(cluster, task, { ...note, released: true })
}

/**
 * Removes the Jobs, claims and volumes that the copies of a group needed, and the Secret that those of 0.1.0 had. The data stays on both sides, and
 * the note that the copy on the file system is ours does too.
 */
export async function removeCopy(cluster: Cluster, group: string): Promise<void> {
  const labelSelector = `${LABEL.group}=${group},${LABEL.copy}`
  await removeJobs(cluster, labelSelector)
  await removeOwnClaims(cluster, labelSelector)
  const secrets = await cluster.list<KubeObject>(
    { apiVersion: 'v1', kind: 'Secret' },
    { namespace: NAMESPACE, labelSelector },
  )
  await Promise.all(secrets.items.map((object) => removeObject(cluster, object)))
}

/** Those of this directory, and not of the group's others, which may be at work. */
function selectorOf(task: CopyTask, stage: Stage): string {
  return `${LABEL.group}=${task.group},${LABEL.copy}=${copyIdOf(task)},${LABEL.stage}=${stage}`
}

function moverFor({ settings, nodes, directory, target }: CopyTask): Mover {
  const mover = moverOf(settings, fileSystemOf(target))
  if (nodes.length === 0) throw new Refusal(...worded((say) => say.copy.unknownNode(directory)))
  if (nodes.length > 1 && !mover.merges) {
    throw new Refusal(...worded((say) => say.copy.cannotMerge(mover.title, directory, nodes)))
  }
  return mover
}

function plainSpec(mover: Mover, stage: Stage): Omit<StageSpec, 'image'> {
  return { stage, mover, existing: false, thorough: false, compare: 'metadata', inUse: stage === 'warm' }
}

// Everything that a stage's Jobs mount and refer to, made where it is not there.
async function prepare(
  cluster: Cluster,
  task: CopyTask,
  stage: Stage,
  rest: Partial<Pick<StageSpec, 'existing' | 'thorough' | 'compare' | 'inUse' | 'fingerprint' | 'since' | 'verified'>>,
): Promise<StageSpec> {
  const mover = moverFor(task)
  await ensureNamespace(cluster)
  return {
    ...plainSpec(mover, stage),
    ...rest,
    image: await imageFor(cluster, task, mover),
    claim: await targetClaim(cluster, task),
    ...(meets(task, stage, rest) ? { sharedClaim: await sharedClaim(cluster, task) } : {}),
  }
}

/** Whether the Jobs of a stage meet each other, or those of another stage. */
function meets(task: CopyTask, stage: Stage, { verified }: Pick<Partial<StageSpec>, 'verified'>): boolean {
  return layoutOf(task, stage) !== 'single' || stage === 'verify-ahead' || verified !== undefined
}

/**
 * Makes directories of the file system that are missing, by way of its root, which the task's place is: a mount would not.
 * Returns how many it made; what is there stays as it is.
 */
export async function makePlaces(
  cluster: Cluster,
  task: CopyTask,
  places: string[],
  options: JobOptions = {},
): Promise<number> {
  const spec = { ...(await prepare(cluster, task, 'places', {})), places }
  const logs = await runStage(cluster, task, spec, (say) => say.work.places(task.group), options)
  return logs.reduce((sum, { result }) => sum + numberIn(result, 'made'), 0)
}

/** The note on the task's place, where it says that a copy of the same directory is there. */
async function noteOnOwnCopy(cluster: Cluster, task: CopyTask): Promise<CopyNote | undefined> {
  const note = await readCopyNote(cluster, task)
  return note?.directory === task.directory ? note : undefined
}

/** Makes sure that the place is empty or ours, and notes that it is ours from now on. */
async function claimPlace(cluster: Cluster, task: CopyTask, options: CopyOptions): Promise<CopyNote> {
  await ensureNamespace(cluster)
  const { existing } = options.claimed ?? (await claimAnew(cluster, task, options))
  const note = { directory: task.directory, existing, released: false }
  // what the place holds changes from now on
  await writeCopyNote(cluster, task, note)
  return note
}

/**
 * What a run begins with. A note alone says nothing of what is there: it may be another cluster's, or a backup's. So the place
 * has to hold what was compared last, or nothing that is older than the note, or nothing at all.
 */
async function claimAnew(cluster: Cluster, task: CopyTask, options: CopyOptions): Promise<ClaimedPlace> {
  const { settings, subdir } = task
  if (settings.intoExisting) return { existing: true }
  const note = await noteOnOwnCopy(cluster, task)
  const spec = await prepare(cluster, task, 'check', proofOf(note, options))
  const what: Wording = (say) => say.work.preflight(subdir)
  const logs = await runStage(cluster, task, spec, what, options)
  const ours = logs.some(({ result }) => result?.get('empty') === 'no')
  return { existing: ours && note?.existing === true }
}

/** Seconds by which the clocks of a node and of the API server may differ, for what is older than a note. */
const CLOCKS = 600

/** By what a place that is not empty can be told to be a copy of ours; nothing where it cannot. */
function proofOf(
  note: CopyNote | undefined,
  { recordedAt }: CopyOptions,
): Partial<Pick<StageSpec, 'fingerprint' | 'since'>> {
  if (note?.fingerprint) return { fingerprint: note.fingerprint }
  // what was there before is older than any note
  if (!note?.since || note.released || note.existing) return {}
  const noted = [note.since, recordedAt ?? note.since].map((time) => Date.parse(time) / 1000)
  return { since: Math.floor(Math.min(...noted)) - CLOCKS }
}
