import type { Cluster } from '../cluster/cluster.ts'
import {
  assertCanCopyBack,
  bringMissing,
  type ClaimedPlace,
  type Copied,
  type CopyOptions,
  copy,
  copyBack,
  lacking,
  makePlaces,
  markReleased,
  removeCopy,
  undoFsGroup,
  verify,
  verifyAhead,
} from '../copy/copy.ts'
import { carryOverNote } from '../copy/note.ts'
import type { CopyResult, VerifiedAhead, VerifyResult } from '../copy/result.ts'
import type { CopyStage } from '../copy/stage.ts'
import type { CopyTask } from '../copy/task.ts'
import { TimeLeft } from '../copy/time-left.ts'
import { below, isBelow } from '../domain/directory.ts'
import { Failure } from '../domain/failure.ts'
import type { CopySettings } from '../domain/migration.ts'
import type { PlannedCopy, PlannedGroup, StepName } from '../domain/plan.ts'
import { compareText } from '../domain/text.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import type { JobOptions } from '../jobs/job.ts'
import { probeNodes } from '../probe/probe.ts'
import { worded } from '../words/trouble.ts'
import { mustBeDisused, mustBeUnmounted } from './places.ts'
import type { PlanOrigin } from './record.ts'
import type { GroupRun } from './step.ts'

/** What the copy room needs to know of each top directory of a group. */
export function copyTasksOf({ group, plan }: { group: PlannedGroup; plan: PlanOrigin }): CopyTask[] {
  const { target } = plan.migration
  const settings = settingsOf(plan)
  return group.copies.map(({ directory, subdir, nodes, parts }) => ({
    group: group.name,
    directory,
    subdir,
    nodes,
    ...(parts ? { parts } : {}),
    volumes: [...new Set(group.volumes.map((volume) => within(volume.directory, directory)))]
      .filter((path) => path !== undefined)
      .sort(compareText),
    staying: group.staying.filter((path) => isBelow(path, directory)),
    target,
    settings,
  }))
}

/** A path relative to a directory, `.` for that itself; undefined where it is not in it. */
function within(path: string, directory: string): string | undefined {
  return path === directory ? '.' : below(path, directory) || undefined
}

/** The migration's, with the mover and the image that were planned. */
export function settingsOf({ migration, jobs }: PlanOrigin): CopySettings {
  return { ...migration.copy, ...jobs }
}

/** What the copy room needs to know of each old directory that is compared with the place to which it has moved. */
function joinTasksOf({ group, plan }: { group: PlannedGroup; plan: PlanOrigin }): CopyTask[] {
  const { target } = plan.migration
  const settings = settingsOf(plan)
  return (group.joins ?? []).flatMap(({ directory, subdir, nodes }) =>
    nodes.map((node) => ({
      group: group.name,
      directory,
      subdir,
      nodes: [node],
      staying: group.staying.filter((path) => isBelow(path, directory)),
      target,
      settings,
    })),
  )
}

/**
 * Counts and names what the old directories have that the places to which they have moved lack, or have older; and brings
 * what is missing where that is wanted. Nothing that is at the places is changed.
 */
export async function compareJoined(run: GroupRun, step: StepName): Promise<void> {
  if (run.settings.rehearsal) return run.emit({ type: 'not-rehearsed', group: run.group.name, step, back: false })
  for (const task of joinTasksOf(run)) {
    const about = { group: run.group.name, step, directory: task.directory, node: task.nodes[0] ?? '' }
    const found = await lacking(run.cluster, task, jobOptions(run, step, task))
    run.emit({ type: 'join-compared', ...about, ...found })
    if (!task.settings.bringMissing || found.missing === 0) continue
    run.emit({
      type: 'missing-brought',
      ...about,
      ...(await bringMissing(run.cluster, task, jobOptions(run, step, task))),
    })
  }
}

/** A copy as people read it: who copies what, and where to. */
export function describeCopy({ directory, subdir, nodes, parts }: PlannedCopy): string {
  const split = parts ? ` (${parts.length} Jobs)` : ''
  return `${[...new Set(parts ?? nodes)].join(', ')}:${directory}${split} → ${subdir || '/'}`
}

/** The copies that a run really makes: in a rehearsal, none. */
function copiesOf(run: GroupRun): CopyTask[] {
  return run.settings.rehearsal ? [] : copyTasksOf(run)
}

/** Copies every top directory of the group, one after the other: they share the nodes' disks. */
export async function copyAll(run: GroupRun, step: StepName, stage: CopyStage): Promise<void> {
  tellRehearsal(run, step)
  if (stage === 'warm' && run.unseen) throw run.unseen
  for (const task of copyTasksOf(run)) {
    await mustBeUnmounted(run, task)
    if (run.settings.rehearsal) continue
    run.comparedAlready.delete(task.directory)
    const ahead = run.verifiedAhead.get(task.directory)
    const { verified, ...result } = await copyOnce(run, step, task, { stage, ahead })
    if (verified) run.comparedAlready.set(task.directory, verified)
    tellCopied(run, step, task, result)
  }
}

/** Copies a top directory, to a place that this run has made sure of before its first copy there. */
async function copyOnce(
  run: GroupRun,
  step: StepName,
  task: CopyTask,
  how: Pick<CopyOptions, 'stage' | 'thorough' | 'ahead'>,
): Promise<Copied> {
  const { cluster, claimed, record } = run
  const known = { claimed: claimed.get(task.directory), recordedAt: record?.createdAt }
  const copied = await copy(cluster, task, { ...jobOptions(run, step, task), ...how, ...known })
  claimed.set(task.directory, copied.claimed)
  return copied
}

/** Compares the contents of every top directory while it is in use: what is equal need not be read while workloads stand still. */
export async function verifyAllAhead(run: GroupRun, step: StepName): Promise<void> {
  for (const task of copiesOf(run)) {
    const found = await verifyAhead(run.cluster, task, jobOptions(run, step, task))
    if (!found) continue
    run.verifiedAhead.set(task.directory, found)
    const { digest, ...amounts } = found
    run.emit({ type: 'verified-ahead', group: run.group.name, step, directory: task.directory, ...amounts })
  }
}

/**
 * Compares every top directory with its copy. Throws Failure with the first differences: nothing has been deleted yet,
 * and nothing is before this passes.
 */
export async function verifyAll(run: GroupRun, step: StepName): Promise<void> {
  tellRehearsal(run, step)
  for (const task of copiesOf(run)) {
    const already = run.comparedAlready.get(task.directory)
    run.comparedAlready.delete(task.directory)
    const result = await compared(
      run,
      step,
      task,
      async () => {
        await mustBeUnmounted(run, task)
        return copyOnce(run, step, task, { stage: 'catch-up', thorough: true })
      },
      {
        ahead: run.verifiedAhead.get(task.directory),
        already,
        claimed: run.claimed.get(task.directory),
      },
    )
    if (!result.equal) throw unequal(task, result)
  }
}

/**
 * A file that was written without a change of its size and time is seen by nobody but the comparison of its content.
 * So where the two differ, what differs is copied once more, every content compared, and then compared again.
 * @param known.already what the Job of a catch-up that went by the listing has found
 */
async function compared(
  run: GroupRun,
  step: StepName,
  task: CopyTask,
  copyAgain: () => Promise<CopyResult>,
  {
    already,
    ...known
  }: { ahead?: VerifiedAhead | undefined; already?: VerifyResult | undefined; claimed?: ClaimedPlace | undefined },
): Promise<VerifyResult> {
  const options = { ...jobOptions(run, step, task), ...known }
  const first = already ?? (await verify(run.cluster, task, options))
  tellVerified(run, step, task, 1, first)
  if (first.equal) return first
  await copyAgain()
  const second = await verify(run.cluster, task, options)
  tellVerified(run, step, task, 2, second)
  return second
}

/** Throws Failure where that cannot be: to be asked before anything is stopped for it. */
export async function assertCanCopyAllBack(run: GroupRun): Promise<void> {
  if (run.group.copies.length === 0) {
    const { title } = fileSystemOf(run.plan.migration.target)
    throw new Failure(...worded((say) => say.copy.noneToCopyBack(title, run.group.name)))
  }
  for (const task of copyTasksOf(run)) {
    if (!run.settings.rehearsal) assertCanCopyBack(task)
    await mustBeDisused(run, task)
  }
}

/** All that is on the file system comes back, whatever was there before. */
const WHOLE = { claimed: { existing: false } }

/** Brings back what has changed on the file system since the swap, and makes sure that both sides are equal then. */
export async function copyAllBack(run: GroupRun, step: StepName): Promise<void> {
  tellRehearsal(run, step, true)
  for (const task of copyTasksOf(run)) {
    await mustBeDisused(run, task)
    if (run.settings.rehearsal) continue
    await undoFsGroup(run.cluster, task, jobOptions(run, step, task))
    tellCopied(run, step, task, await copyBack(run.cluster, task, jobOptions(run, step, task)), true)
    const again = { ...jobOptions(run, step, task), thorough: true }
    const result = await compared(
      run,
      step,
      task,
      async () => {
        await mustBeDisused(run, task)
        return copyBack(run.cluster, task, again)
      },
      WHOLE,
    )
    if (!result.equal) throw unequal(task, result)
  }
}

/**
 * Sees to it that the directory of each new volume is there, where a mount would not make it: one that nothing was copied to
 * would keep its pods from starting. Without an image there is nothing to do it with, which the plan has told.
 */
export async function makeAllPlaces(run: GroupRun, step: StepName): Promise<void> {
  const { group, plan, cluster, settings } = run
  const { target } = plan.migration
  const { mounts, driver } = fileSystemOf(target)
  const places = [...new Set(group.volumes.map(({ subdir }) => subdir))]
    .filter((subdir) => subdir !== '')
    .sort(compareText)
  const copying = settingsOf(plan)
  if (settings.rehearsal || mounts.makesPlaces || places.length === 0 || copying.image === undefined) return
  const [node] = await probeNodes(cluster, driver)
  if (node === undefined) {
    throw new Failure(...worded((say) => say.copy.noNodeForPlaces(driver.title)))
  }
  const [directory = ''] = group.directories
  const task = { group: group.name, directory, subdir: '', nodes: [node], staying: [], target, settings: copying }
  const made = await makePlaces(cluster, task, places, jobOptions(run, step, task))
  if (made > 0) run.emit({ type: 'places-made', group: group.name, step, made })
}

/** From now on what is on the file system is the users', and no copy of ours may overwrite it. */
export async function handOverAll(run: GroupRun): Promise<void> {
  for (const task of copiesOf(run)) await markReleased(run.cluster, task)
}

/** Takes what juicify 0.1.0 has noted of a group's places for our own: who asks for it has looked at the group's record. */
export async function carryOverNotes(cluster: Cluster, kept: { group: PlannedGroup; plan: PlanOrigin }): Promise<void> {
  for (const task of copyTasksOf(kept)) await carryOverNote(cluster, task)
}

/** Removes what the copies needed in the cluster; the data stays on both sides. */
export async function removeCopies(
  cluster: Cluster,
  { group, plan }: { group: PlannedGroup; plan: PlanOrigin },
): Promise<void> {
  const hasPlaces = !fileSystemOf(plan.migration.target).mounts.makesPlaces
  if (group.copies.length > 0 || group.joins || hasPlaces) await removeCopy(cluster, group.name)
}

function tellRehearsal(run: GroupRun, step: StepName, back = false): void {
  if (!run.settings.rehearsal || run.group.copies.length === 0) return
  run.emit({ type: 'not-rehearsed', group: run.group.name, step, back })
}

/** How what the Jobs of a directory tell becomes events. */
export function jobOptions(run: GroupRun, step: StepName, { directory }: CopyTask): JobOptions {
  const about = { group: run.group.name, step } as const
  const left = new Map<string, TimeLeft>()
  return {
    signal: run.signal,
    onProgress: (progress) => {
      const job = [progress.node, progress.part].join('\0')
      const own = left.get(job) ?? new TimeLeft()
      left.set(job, own)
      run.emit({ ...about, type: 'progress', directory, ...own.of(progress, performance.now()) })
    },
    onTrouble: (trouble) => run.emit({ ...about, type: 'job-trouble', directory, ...trouble }),
    onStall: (stall) => run.emit({ ...about, type: 'copy-stalled', directory, ...stall }),
  }
}

function tellCopied(run: GroupRun, step: StepName, { directory }: CopyTask, result: CopyResult, back = false): void {
  const { copied, bytes, deleted, conflicts, conflictCount, attributesLost } = result
  const told = {
    back,
    files: copied,
    ...(bytes === undefined ? {} : { bytes }),
    ...(deleted === undefined ? {} : { deleted }),
  }
  const lost = { conflictCount, conflicts, attributesLost }
  run.emit({ type: 'copied', group: run.group.name, step, directory, ...told, ...lost })
}

function tellVerified(
  run: GroupRun,
  step: StepName,
  { directory }: CopyTask,
  attempt: 1 | 2,
  { left, ...result }: VerifyResult,
): void {
  run.emit({ type: 'verified', group: run.group.name, step, directory, attempt, ...result, notCarried: left })
}

function unequal({ directory }: CopyTask, { differences, ...amounts }: VerifyResult): Failure {
  const paths = differences.map(({ path, what }) => `${path} (${Array.isArray(what) ? what.join(', ') : what})`)
  return new Failure(...worded((say) => say.copy.differ(directory, amounts, paths)))
}
