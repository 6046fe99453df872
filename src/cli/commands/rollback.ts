import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { ExitCode, Refusal } from '../../domain/failure.ts'
import { matchesGlob, nearest } from '../../domain/text.ts'
import type { Workload } from '../../domain/workload.ts'
import { behind } from '../../engine/behind.ts'
import { type GroupRecord, readRecords } from '../../engine/record.ts'
import { rollback } from '../../engine/run.ts'
import { survey } from '../../survey/survey.ts'
import { findWorkloads } from '../../workloads/find.ts'
import { type ClusterArguments, clusterOptions } from '../arguments.ts'
import { interruption } from '../interrupt.ts'
import { confirmed, follow, isEmbedded, type RunArguments, runOptions } from '../running.ts'
import { withCluster } from '../session.ts'
import { say } from '../terminal.ts'

interface Arguments extends ClusterArguments, RunArguments {
  groups?: string[]
  namespace?: string[]
}

export const options = (yargs: Argv) =>
  runOptions(clusterOptions(yargs))
    .positional('groups', {
      type: 'string',
      array: true,
      describe: 'the groups, as juicify status names them; all where none is named',
    })
    .options({
      namespace: {
        alias: 'n',
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'groups that have a claim in this namespace',
      },
      'copy-back': {
        type: 'boolean',
        describe: 'first bring back what was written to JuiceFS since the migration',
      },
    })
    .example('$0 rollback', 'everything that has a record')
    .example('$0 rollback -n jupyter', 'the groups of one namespace')

export async function run(argv: Arguments): Promise<ExitCode> {
  return withCluster(argv, async ({ cluster, flags }) => {
    const records = chosen(await readRecords(cluster), argv)
    if (records.length === 0) {
      say('No group has a record: there is nothing to roll back.')
      return ExitCode.done
    }
    for (const { kept } of records) {
      say(`${kept.group.name}: ${kept.group.volumes.map(({ name, directory }) => `${name} → ${directory}`).join(', ')}`)
    }
    await sayWhatStays(cluster, records, argv)
    if (!(await confirmed('Bring these back?', argv))) {
      say('Nothing was changed.')
      return ExitCode.done
    }
    const workloads = await workloadsNow(cluster, records)
    return follow(cluster, argv, flags, (options) => rollback(workloads, options), {
      next: `juicify rollback${flags}`,
      rolledBack: ExitCode.done,
    })
  })
}

/** What people have written to JuiceFS since the migration is not lost by a rollback, but no longer to be seen. */
async function sayWhatStays(cluster: Cluster, records: GroupRecord[], { copyBack }: Arguments): Promise<void> {
  if (copyBack) return say('What was written to JuiceFS since the migration is copied back first.')
  const copied = records.some(({ kept, state }) => state.phase === 'migrated' && kept.group.copies.length > 0)
  if (!copied || (await isEmbedded(cluster))) {
    return say(
      'What was written to JuiceFS since the migration stays there; the old directories are as they were left.',
    )
  }
  say('Comparing JuiceFS with the old directories …')
  const { signal, off } = interruption()
  try {
    const found = await behind(cluster, records, signal)
    for (const { directory, count, examples } of found) {
      const paths = examples.slice(0, 5).map(({ path }) => path)
      say(
        `${directory}: ${count} entries on JuiceFS differ, and would stay behind: ${paths.join(', ')}${count > 5 ? ', …' : ''}`,
      )
    }
    say(found.length === 0 ? 'Nothing was written to JuiceFS since.' : '--copy-back brings them back first.')
  } finally {
    off()
  }
}

/** What uses the volumes of each group now; other workloads may have come since it was planned. */
export async function workloadsNow(cluster: Cluster, records: GroupRecord[]): Promise<Map<string, Workload[]>> {
  const [first] = records
  if (!first) return new Map()
  const now = await survey(cluster, first.kept.plan.migration)
  return new Map(
    records.map(({ kept: { group, plan } }) => {
      const claims = group.volumes.flatMap(({ claim }) => (claim ? [claim.metadata] : []))
      return [group.name, findWorkloads(now, claims, plan.migration.quiesce)]
    }),
  )
}

/** The records that the operator means. Throws Refusal for a name that none has. */
export function chosen(
  records: GroupRecord[],
  { groups = [], namespace }: { groups?: string[]; namespace?: string[] },
): GroupRecord[] {
  const names = records.map(({ kept }) => kept.group.name)
  for (const group of groups) {
    if (names.some((name) => matchesGlob(group, name))) continue
    const near = nearest(group, names)
    throw new Refusal(`No group ${group} has a record.${near ? ` Did you mean ${near}?` : ''}`, {
      remedy: 'juicify status lists them.',
    })
  }
  return records.filter(({ kept: { group } }) => {
    const named = groups.length === 0 || groups.some((glob) => matchesGlob(glob, group.name))
    const inNamespace =
      namespace === undefined ||
      group.volumes.some(({ claim }) => claim && namespace.some((glob) => matchesGlob(glob, claim.metadata.namespace)))
    return named && inNamespace
  })
}
