import type { Cluster } from '../cluster/cluster.ts'
import { copy, copyBack, handOver, mayCopyBack, removeCopy, verify } from '../copy/copy.ts'
import type { Conflict, CopyOptions, CopyRequest, CopyResult, Pass, Standstill, VerifyResult } from '../copy/request.ts'
import { isBelow } from '../domain/directory.ts'
import { Failure, Refusal } from '../domain/failure.ts'
import { NAMESPACE } from '../domain/names.ts'
import type { PlannedCopy, PlannedGroup, StepName } from '../domain/plan.ts'
import type { PlanOrigin } from './record.ts'
import type { GroupRun } from './step.ts'

/** What the copy room needs to know of each top directory of a group. */
export function requestsOf({ group, plan }: { group: PlannedGroup; plan: PlanOrigin }): CopyRequest[] {
  const { target, copy: settings } = plan.migration
  return group.copies.map(({ directory, subdir, nodes, parts }) => ({
    group: group.name,
    directory,
    subdir,
    nodes,
    ...(parts ? { parts } : {}),
    staying: group.staying.filter((path) => isBelow(path, directory)),
    target,
    settings,
  }))
}

/** A copy as people read it: who copies what, and where to. */
export function describeCopy({ directory, subdir, nodes, parts }: PlannedCopy): string {
  const split = parts ? ` (${parts.length} Jobs)` : ''
  return `${[...new Set(parts ?? nodes)].join(', ')}:${directory}${split} → ${subdir || '/'}`
}

/** The copies that a run really makes: in a rehearsal, none. */
function copiesOf(run: GroupRun): CopyRequest[] {
  return run.settings.rehearsal ? [] : requestsOf(run)
}

/** Copies every top directory of the group, one after the other: they share the nodes' disks. */
export async function copyAll(run: GroupRun, step: StepName, pass: Pass): Promise<void> {
  tellRehearsal(run, step)
  for (const request of copiesOf(run)) {
    const result = await copy(run.cluster, request, { ...telling(run, step, request), pass })
    tellResult(run, step, request, result)
  }
}

/**
 * Compares every top directory with its copy. Throws Failure with the first differences: nothing has been deleted yet,
 * and nothing is before this passes.
 */
export async function verifyAll(run: GroupRun, step: StepName): Promise<void> {
  tellRehearsal(run, step)
  for (const request of copiesOf(run)) {
    const again = { ...telling(run, step, request), pass: 'catch-up', thorough: true } as const
    const result = await compared(run, step, request, () => copy(run.cluster, request, again))
    if (!result.equal) throw unequal(request, result)
    const { files, directories, links, bytes } = result.source
    const kinds = `${files} files, ${directories} directories, ${links} links, ${bytes} bytes`
    run.emit({
      type: 'message',
      group: run.group.name,
      step,
      level: 'info',
      text: `${request.directory}: equal in ${kinds}`,
    })
    // all others were told by the copy, which does not see these
    const unseen = result.conflicts.filter(({ differsIn }) => differsIn === 'content')
    tellConflicts(run, step, request, unseen)
    tellLeft(run, step, request, result)
  }
}

/**
 * A file that was written without a change of its size and time is seen by nobody but the comparison of its content.
 * So where the two differ, what differs is copied once more, every content compared, and then compared again.
 */
async function compared(
  run: GroupRun,
  step: StepName,
  request: CopyRequest,
  copyAgain: () => Promise<CopyResult>,
): Promise<VerifyResult> {
  const first = await verify(run.cluster, request, telling(run, step, request))
  if (first.equal) return first
  const text = `${request.directory} and its copy differ (${first.missing} missing, ${first.changed} different, ${first.extra} too many): copying what differs once more`
  run.emit({ type: 'message', group: run.group.name, step, level: 'warn', text })
  await copyAgain()
  return verify(run.cluster, request, telling(run, step, request))
}

/** Throws a Refusal where that cannot be: to be asked before anything is stopped for it. */
export function mayCopyAllBack(run: GroupRun): void {
  if (run.group.copies.length === 0) {
    throw new Refusal(
      `What was written to JuiceFS cannot be copied back: ${run.group.name} was moved without its data.`,
      {
        remedy: 'Roll back without --copy-back: what is on JuiceFS stays there. Copy by hand what is wanted of it.',
      },
    )
  }
  for (const request of copiesOf(run)) mayCopyBack(request)
}

/** Brings back what has changed on the file system since the swap, and makes sure that both sides are equal then. */
export async function copyAllBack(run: GroupRun, step: StepName): Promise<void> {
  tellRehearsal(run, step, 'the copy back')
  for (const request of copiesOf(run)) {
    tellResult(run, step, request, await copyBack(run.cluster, request, telling(run, step, request)))
    const again = { ...telling(run, step, request), thorough: true }
    const result = await compared(run, step, request, () => copyBack(run.cluster, request, again))
    if (!result.equal) throw unequal(request, result)
  }
}

/** From now on what is on the file system is the users', and no copy of ours may overwrite it. */
export async function handOverAll(run: GroupRun): Promise<void> {
  for (const request of copiesOf(run)) await handOver(run.cluster, request)
}

/** Removes what the copies needed in the cluster; the data stays on both sides. */
export async function removeCopies(cluster: Cluster, group: PlannedGroup): Promise<void> {
  if (group.copies.length > 0) await removeCopy(cluster, group.name)
}

function tellRehearsal(run: GroupRun, step: StepName, what: string = step): void {
  if (!run.settings.rehearsal || run.group.copies.length === 0) return
  const text = `${what} is not shown by a rehearsal: the embedded cluster has no data.`
  run.emit({ type: 'message', group: run.group.name, step, level: 'warn', text })
}

function telling(run: GroupRun, step: StepName, { directory }: CopyRequest): CopyOptions {
  const about = { group: run.group.name, step } as const
  return {
    signal: run.signal,
    onProgress: (progress) => run.emit({ ...about, type: 'progress', directory, ...progress }),
    onStandstill: (standstill) =>
      run.emit({ ...about, type: 'message', level: 'warn', text: standstillOf(directory, standstill) }),
  }
}

function standstillOf(directory: string, { node, pod, minutes }: Standstill): string {
  return `${directory} on ${node}: no progress for ${minutes} minutes; see kubectl logs -n ${NAMESPACE} ${pod}. It is waited for still: Ctrl-C leaves it at work, and juicify resume finds it.`
}

function tellResult(run: GroupRun, step: StepName, request: CopyRequest, result: CopyResult): void {
  const { directory } = request
  const { copied, bytes, deleted, conflicts, conflictCount, attributesLost } = result
  const about = { type: 'message', group: run.group.name, step } as const
  const amounts = [
    `${copied} files copied`,
    bytes === undefined ? '' : `${bytes} bytes`,
    deleted ? `${deleted} deleted` : '',
  ]
  run.emit({ ...about, level: 'info', text: `${directory}: ${amounts.filter((amount) => amount !== '').join(', ')}` })
  tellConflicts(run, step, request, conflicts)
  if (conflictCount > conflicts.length) {
    run.emit({
      ...about,
      level: 'warn',
      text: `${directory}: ${conflictCount - conflicts.length} more files differ between nodes`,
    })
  }
  if (attributesLost > 0) {
    run.emit({
      ...about,
      level: 'warn',
      text: `${directory}: the target has no room for ${attributesLost} extended attributes`,
    })
  }
}

function tellConflicts(run: GroupRun, step: StepName, { directory }: CopyRequest, conflicts: Conflict[]): void {
  for (const { path, taken, left, differsIn } of conflicts) {
    const text = `${directory}/${path} differs in ${differsIn}: taken from ${taken}, not from ${left}`
    run.emit({ type: 'message', group: run.group.name, step, level: 'warn', text })
  }
}

function tellLeft(run: GroupRun, step: StepName, { directory }: CopyRequest, { left }: VerifyResult): void {
  if (left.count === 0) return
  const examples = left.examples.map(({ path, kind }) => `${path} (${kind})`).join(', ')
  const text = `${directory}: ${left.count} entries do not come along, or not in whole: ${examples}${left.count > left.examples.length ? ', …' : ''}`
  run.emit({ type: 'message', group: run.group.name, step, level: 'warn', text })
}

function unequal({ directory }: CopyRequest, { missing, changed, extra, differences }: VerifyResult): Failure {
  const paths = differences.map(({ path, what }) => `${path} (${Array.isArray(what) ? what.join(', ') : what})`)
  return new Failure(
    `${directory} and its copy differ: ${missing} missing, ${changed} different, ${extra} too many. The first of them: ${paths.join('; ')}`,
    {
      remedy:
        'Nothing was swapped. juicify resume copies and compares again; juicify rollback starts what was stopped.',
    },
  )
}
