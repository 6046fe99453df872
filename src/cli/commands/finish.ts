import type { Argv } from 'yargs'
import { ExitCode, Refusal } from '../../domain/failure.ts'
import type { GroupRecord } from '../../engine/record.ts'
import { forget } from '../../engine/run.ts'
import { count } from '../../report/amounts.ts'
import { type ClusterArguments, clusterOptions } from '../arguments.ts'
import { chosen, type GroupArguments, groupOptions } from '../groups.ts'
import { interruption } from '../interrupt.ts'
import { progressFor } from '../progress.ts'
import { knownRecords, RECORD_OPTIONS, type RecordArguments, unlessHeldBack } from '../records.ts'
import { confirmed, declined } from '../running.ts'
import { withCluster } from '../session.ts'
import { print, say } from '../terminal.ts'

interface Arguments extends ClusterArguments, GroupArguments, RecordArguments {
  forget?: boolean
  yes?: boolean
}

export const options = (yargs: Argv) =>
  groupOptions(clusterOptions(yargs))
    .options({
      ...RECORD_OPTIONS,
      forget: { type: 'boolean', describe: 'delete the records: after that, rollback is no longer possible' },
      yes: { alias: 'y', type: 'boolean', describe: 'do not ask' },
    })
    .example('$0 finish', 'name the old directories that are no longer used')
    .example('$0 finish --forget', 'and delete the records')

export async function run(argv: Arguments): Promise<ExitCode> {
  return withCluster(argv, async ({ cluster, title }) => {
    const known = await knownRecords(cluster, argv)
    const records = chosen(known.records, argv, known)
    const going = records.find(({ state }) => state.phase !== 'migrated')
    if (going && (argv.groups?.length ?? 0) > 0) {
      throw new Refusal(`The group ${going.kept.group.name} is not migrated, but ${going.state.phase}.`, {
        remedy: 'juicify resume brings it to its end.',
      })
    }
    const migrated = records.filter(({ state }) => state.phase === 'migrated')
    if (migrated.length === 0) {
      say('No migrated group has a record: there is nothing to finish.')
      return unlessHeldBack(ExitCode.done, known)
    }
    await print(migrated.flatMap(oldDirectories).join('\n'))
    if (!argv.forget) {
      say('The records are kept, and rollback is possible. --forget deletes them; the directories are yours to delete.')
      return unlessHeldBack(ExitCode.done, known)
    }
    const question = `Forget ${count(migrated.length, 'group')} of ${title}? There is no way back after that.`
    if (!(await confirmed(question, argv))) return declined()
    const names = migrated.map(({ kept }) => kept.group.name)
    const { signal, off } = interruption()
    try {
      const progress = await progressFor({})
      const forgotten = await forget(names, { cluster, lease: { wait: 0 }, emit: progress.emit, signal })
      say(`Forgotten: ${forgotten.join(', ') || 'none'}.`)
    } finally {
      off()
    }
    return unlessHeldBack(ExitCode.done, known)
  })
}

/** `node:/directory`, one a line; `*` where it is on every node. */
function oldDirectories({ kept: { group } }: GroupRecord): string[] {
  return group.directories.flatMap((directory) => {
    const nodes = new Set(
      group.volumes.flatMap((volume) => (volume.directory === directory ? (volume.nodes ?? ['*']) : [])),
    )
    return [...nodes]
      .sort()
      .map((node) => `${node}:${directory}${group.staying.length > 0 ? ` (without ${group.staying.join(', ')})` : ''}`)
  })
}
