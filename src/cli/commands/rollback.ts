import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { ExitCode, Refusal } from '../../domain/failure.ts'
import { listed } from '../../domain/text.ts'
import type { Workload } from '../../domain/workload.ts'
import { mountPodsOf, stoppedForRollback } from '../../engine/mounts.ts'
import type { GroupRecord } from '../../engine/record.ts'
import { rollback } from '../../engine/run.ts'
import { findUnreturned } from '../../engine/unreturned.ts'
import { count } from '../../report/amounts.ts'
import { workloadChange } from '../../report/diff.ts'
import { survey } from '../../survey/survey.ts'
import { findWorkloads } from '../../workloads/find.ts'
import { type ClusterArguments, clusterOptions } from '../arguments.ts'
import { chosen, type GroupArguments, groupFlags, groupOptions } from '../groups.ts'
import { interruption } from '../interrupt.ts'
import { knownRecords, RECORD_OPTIONS, type RecordArguments, showRecords, unlessHeldBack } from '../records.ts'
import { confirmed, declined, follow, isEmbedded, type RunArguments, runOptions } from '../running.ts'
import { withCluster } from '../session.ts'
import { say } from '../terminal.ts'

interface Arguments extends ClusterArguments, GroupArguments, RunArguments, RecordArguments {}

export const options = (yargs: Argv) =>
  groupOptions(runOptions(clusterOptions(yargs)))
    .options({
      ...RECORD_OPTIONS,
      'copy-back': {
        type: 'boolean',
        describe:
          'first bring back what was written to the file system since the migration (--no-copy-back: no longer)',
      },
    })
    .example('$0 rollback', 'everything that has a record')
    .example('$0 rollback -n jupyter', 'the groups of one namespace')

export async function run(argv: Arguments): Promise<ExitCode> {
  return withCluster(argv, async ({ cluster, flags, title }) => {
    const known = await knownRecords(cluster, argv)
    const records = chosen(known.records, argv, known)
    if (records.length === 0) {
      say('No group has a record: there is nothing to roll back.')
      // whoever reads the stream waits for its last line
      if (argv.output === 'json') return unlessHeldBack(await follow(cluster, argv, flags, async () => []), known)
      return unlessHeldBack(ExitCode.done, known)
    }
    const shown = showRecords(records)
    const workloads = await workloadsNow(cluster, records)
    sayWhatStops([...workloads.values()].flat())
    const { staying, returning } = byCopyBack(records, argv)
    mayReturn(returning)
    const changed = await sayWhatChanged(cluster, staying, returning)
    const volumes = records.reduce((sum, { kept }) => sum + kept.group.volumes.length, 0)
    if (!(await confirmed(`Roll back ${count(volumes, 'volume')} on ${title}?${changed}`, argv))) return declined()
    const code = await follow(cluster, argv, flags, (options) => rollback(workloads, options), {
      next: () => `juicify rollback${groupFlags(argv)}${argv.copyBack ? ' --copy-back' : ''}${flags}`,
      rolledBack: ExitCode.done,
      shown,
    })
    return unlessHeldBack(code, known)
  })
}

/** Who will notice, before anybody is asked. */
function sayWhatStops(workloads: Workload[]): void {
  const lines = workloads.filter(({ stopped }) => !stopped).map((workload) => workloadChange(workload))
  for (const line of new Set(lines)) say(line)
}

/** One that was begun with copying back goes on with it, unless it is told otherwise. */
function byCopyBack(records: GroupRecord[], { copyBack }: Arguments): Record<'staying' | 'returning', GroupRecord[]> {
  const returns = ({ state }: GroupRecord) => copyBack ?? (state.phase === 'rolling-back' && state.copyBack === true)
  return { staying: records.filter((record) => !returns(record)), returning: records.filter(returns) }
}

/** What was never copied there cannot be brought back, and is better said before anything is asked. */
function mayReturn(returning: GroupRecord[]): void {
  const never = returning.filter(({ kept }) => kept.group.copies.length === 0).map(({ kept }) => kept.group.name)
  if (never.length === 0) return
  throw new Refusal(
    `${listed(never)}: moved without data (copy.mode none), so that there is nothing to copy back to.`,
    {
      remedy:
        'Roll back without --copy-back: what is on the file system stays there. Copy by hand what is wanted of it.',
    },
  )
}

/**
 * What people have written to the file system since the migration: not lost by a rollback, but no longer to be seen, or
 * brought back over what is in the old directories. Returns it in a sentence for the question.
 */
async function sayWhatChanged(cluster: Cluster, staying: GroupRecord[], returning: GroupRecord[]): Promise<string> {
  const copied = [...staying, ...returning].filter(({ kept }) => kept.group.copies.length > 0)
  if (copied.length === 0 || (await isEmbedded(cluster))) {
    if (returning.length > 0) say('What was written to the file system since the migration is copied back first.')
    if (staying.length > 0)
      say(
        'What was written to the file system since the migration stays there; the old directories are as they were left.',
      )
    return ''
  }
  say('Comparing the file system with the old directories …')
  const { signal, off } = interruption()
  try {
    const left = await changedOf(cluster, staying, 'would stay behind', signal)
    const brought = await changedOf(
      cluster,
      returning,
      'are brought back first, over what the old directory has',
      signal,
    )
    if (left + brought === 0) say('Nothing was written to the file system since.')
    else if (left > 0) say('--copy-back brings them back first.')
    return [
      left > 0 ? ` ${count(left, 'changed file')} will be LEFT on the file system.` : '',
      brought > 0 ? ` ${count(brought, 'changed file')} will be brought back over what is in the old directories.` : '',
    ].join('')
  } finally {
    off()
  }
}

async function changedOf(cluster: Cluster, records: GroupRecord[], what: string, signal: AbortSignal): Promise<number> {
  const found = await findUnreturned(cluster, records, signal)
  for (const { directory, count, examples } of found) {
    const paths = examples.slice(0, 5).map(({ path }) => path)
    say(
      `${directory}: ${count} entries on the file system differ, and ${what}: ${paths.join(', ')}${count > 5 ? ', …' : ''}`,
    )
  }
  return found.reduce((sum, each) => sum + each.count, 0)
}

/** What uses the volumes of each group now; other workloads may have come since it was planned. */
export async function workloadsNow(cluster: Cluster, records: GroupRecord[]): Promise<Map<string, Workload[]>> {
  const [first] = records
  if (!first) return new Map()
  const now = await survey(cluster, first.kept.plan.migration)
  const found = records.map(async ({ kept: { group, plan } }) => {
    const claims = group.volumes.flatMap(({ claim }) => (claim ? [claim.metadata] : []))
    const workloads = findWorkloads(now, claims, plan.migration.quiesce)
    return [group.name, stoppedForRollback(workloads, await mountPodsOf({ cluster, group }, plan))] as const
  })
  return new Map(await Promise.all(found))
}
