import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { ExitCode } from '../../domain/failure.ts'
import type { Workload } from '../../domain/workload.ts'
import { mountPodsOf, stoppedForRollback } from '../../engine/mounts.ts'
import { type GroupRecord, readRecords } from '../../engine/record.ts'
import { rollback } from '../../engine/run.ts'
import { findUnreturned } from '../../engine/unreturned.ts'
import { workloadChange } from '../../report/diff.ts'
import { survey } from '../../survey/survey.ts'
import { findWorkloads } from '../../workloads/find.ts'
import { type ClusterArguments, clusterOptions } from '../arguments.ts'
import { chosen, type GroupArguments, groupFlags, groupOptions } from '../groups.ts'
import { interruption } from '../interrupt.ts'
import { confirmed, declined, follow, isEmbedded, type RunArguments, runOptions } from '../running.ts'
import { withCluster } from '../session.ts'
import { say } from '../terminal.ts'

interface Arguments extends ClusterArguments, GroupArguments, RunArguments {}

export const options = (yargs: Argv) =>
  groupOptions(runOptions(clusterOptions(yargs)))
    .options({
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
    const records = chosen(await readRecords(cluster), argv)
    if (records.length === 0) {
      say('No group has a record: there is nothing to roll back.')
      // whoever reads the stream waits for its last line
      if (argv.output === 'json') return follow(cluster, argv, flags, async () => [])
      return ExitCode.done
    }
    for (const { kept } of records) {
      say(`${kept.group.name}: ${kept.group.volumes.map(({ name, directory }) => `${name} → ${directory}`).join(', ')}`)
    }
    const workloads = await workloadsNow(cluster, records)
    sayWhatStops([...workloads.values()].flat())
    await sayWhatStays(cluster, records, argv)
    if (!(await confirmed(`Bring these back on ${title}?`, argv))) return declined()
    return follow(cluster, argv, flags, (options) => rollback(workloads, options), {
      next: () => `juicify rollback${groupFlags(argv)}${argv.copyBack ? ' --copy-back' : ''}${flags}`,
      rolledBack: ExitCode.done,
    })
  })
}

/** Who will notice, before anybody is asked. */
function sayWhatStops(workloads: Workload[]): void {
  const lines = workloads.filter(({ stopped }) => !stopped).map((workload) => workloadChange(workload))
  for (const line of new Set(lines)) say(line)
}

/** What people have written to the file system since the migration is not lost by a rollback, but no longer to be seen. */
async function sayWhatStays(cluster: Cluster, records: GroupRecord[], { copyBack }: Arguments): Promise<void> {
  // one that was begun with it goes on with it, unless it is told otherwise
  const staying = records.filter(({ state }) => !(copyBack ?? (state.phase === 'rolling-back' && state.copyBack)))
  if (staying.length === 0) return say('What was written to the file system since the migration is copied back first.')
  const copied = staying.some(({ kept }) => kept.group.copies.length > 0)
  if (!copied || (await isEmbedded(cluster))) {
    return say(
      'What was written to the file system since the migration stays there; the old directories are as they were left.',
    )
  }
  say('Comparing the file system with the old directories …')
  const { signal, off } = interruption()
  try {
    const found = await findUnreturned(cluster, staying, signal)
    for (const { directory, count, examples } of found) {
      const paths = examples.slice(0, 5).map(({ path }) => path)
      say(
        `${directory}: ${count} entries on the file system differ, and would stay behind: ${paths.join(', ')}${count > 5 ? ', …' : ''}`,
      )
    }
    say(found.length === 0 ? 'Nothing was written to the file system since.' : '--copy-back brings them back first.')
  } finally {
    off()
  }
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
