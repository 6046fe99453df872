import path from 'node:path'
import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { ExitCode, refused } from '../../domain/failure.ts'
import type { DirectoryLook, DirectoryUser } from '../../domain/old-directory.ts'
import { lookAtOldDirectories } from '../../engine/old-directories.ts'
import type { GroupRecord } from '../../engine/record.ts'
import { forget } from '../../engine/run.ts'
import { oldDirectoriesOf } from '../../planner/directory-users.ts'
import { directoryLookLines, directoryUserLines, whyNotUnused } from '../../report/directory-users.ts'
import { directoryUsers } from '../../survey/directory-users.ts'
import { helpWords } from '../../words/help.ts'
import { messages } from '../../words/messages.ts'
import { type ClusterArguments, clusterOptions, type TrustArguments, trustOption } from '../arguments.ts'
import { chosen, type GroupArguments, groupOptions } from '../groups.ts'
import { interruption } from '../interrupt.ts'
import { completeForgetting, sayLeftBehind } from '../left-behind.ts'
import { progressFor } from '../progress.ts'
import { knownRecords, type RecordArguments, recordOptions, unlessHeldBack } from '../records.ts'
import { reportFormat, reportText } from '../report-format.ts'
import { reportPlace } from '../report-place.ts'
import { confirmed, declined, isEmbedded } from '../running.ts'
import { type Session, withCluster } from '../session.ts'
import { ofCluster, ofMoment, stateFile } from '../state-folder.ts'
import { print, say } from '../terminal.ts'
import { makeFolder, writeText } from '../text-file.ts'
import { mustBeTrusted } from '../trust.ts'

interface Arguments extends ClusterArguments, GroupArguments, RecordArguments, TrustArguments {
  forget?: boolean
  forgetInUse?: boolean
  openFiles?: boolean
  report?: string
  yes?: boolean
}

export function options(yargs: Argv) {
  const help = helpWords()
  const says = help.finish
  return groupOptions(clusterOptions(yargs))
    .options({
      ...recordOptions(),
      ...trustOption(),
      forget: { type: 'boolean', describe: says.forget },
      'forget-in-use': {
        type: 'boolean',
        describe: says.forgetInUse,
      },
      'open-files': {
        type: 'boolean',
        describe: says.openFiles,
      },
      report: {
        type: 'string',
        requiresArg: true,
        describe: says.report,
      },
      yes: { alias: 'y', type: 'boolean', describe: help.yes },
    })
    .example('$0 finish', says.examples.list)
    .example('$0 finish --forget', says.examples.forget)
}

export async function run(argv: Arguments): Promise<ExitCode> {
  return withCluster(argv, async ({ cluster, flags }) => {
    const known = await knownRecords(cluster, argv)
    const records = chosen(known.records, argv, known)
    const going = records.find(({ state }) => state.phase !== 'migrated')
    if (going && (argv.groups?.length ?? 0) > 0) {
      throw refused(messages().refusal.notMigrated(going.kept.group.name, going.state.phase))
    }
    const migrated = records.filter(({ state }) => state.phase === 'migrated')
    if (migrated.length === 0) {
      say(messages().finish.nothing(cluster.title))
      if (argv.forget || argv.forgetInUse) await completed(cluster)
      else await sayLeftBehind(cluster)
      return unlessHeldBack(ExitCode.done, known)
    }
    say(messages().finish.oldDirectories(cluster.title))
    await print(migrated.flatMap(oldDirectories).join('\n'))
    const { users, unread } = await directoryUsers(
      cluster,
      migrated.flatMap(({ kept }) => oldDirectoriesOf(kept.group)),
    )
    for (const each of directoryUserLines(users)) say(each)
    if (unread.length > 0) say(messages().finish.notKnown(unread))
    const looks = await looked(cluster, migrated, argv)
    for (const line of directoryLookLines(looks)) say(line)
    if (!argv.forget && !argv.forgetInUse) {
      say(messages().finish.kept)
      return unlessHeldBack(ExitCode.done, known)
    }
    if (!argv.forgetInUse) mustBeUnused(users, looks, unread)
    const question = messages().question.forget(migrated.length, cluster.title)
    if (!(await confirmed(question, argv))) return declined()
    const names = migrated.map(({ kept }) => kept.group.name)
    await keepReport(migrated, { cluster, flags }, argv.report)
    return (await forgotten(cluster, names)) ? unlessHeldBack(ExitCode.done, known) : ExitCode.interrupted
  })
}

/** Deletes the records of groups, one after the other. False where it was interrupted: then it is said which are still there. */
async function forgotten(cluster: Cluster, names: string[]): Promise<boolean> {
  const says = messages()
  const deleted: string[] = []
  const rest = () => names.filter((name) => !deleted.includes(name))
  const { signal, off } = interruption({ atOnce: () => says.interrupt.forgettingAtOnce(deleted, rest()) })
  try {
    const { emit } = await progressFor({})
    const onDeleted = (name: string) => deleted.push(name)
    const kept = await forget(names, { cluster, lease: { wait: 0 }, emit, signal, onDeleted })
    say(says.finish.deleted(deleted))
    if (kept.length > 0) say(says.finish.interrupted(kept))
    else await sayLeftBehind(cluster)
    return kept.length === 0
  } finally {
    off()
  }
}

/** An earlier one may have been killed when the last record was gone. */
async function completed(cluster: Cluster): Promise<void> {
  const { signal, off } = interruption()
  try {
    const { emit } = await progressFor({})
    await completeForgetting({ cluster, lease: { wait: 0 }, emit, signal })
  } finally {
    off()
  }
}

/** What is to be seen of the old directories on the nodes themselves. */
async function looked(cluster: Cluster, records: GroupRecord[], argv: Arguments): Promise<DirectoryLook[]> {
  const says = messages().finish
  if (await isEmbedded(cluster)) {
    say(says.notLooked)
    return []
  }
  await mustBeTrusted(cluster, argv)
  const directories = new Set(records.flatMap(({ kept }) => kept.group.directories))
  say(says.looking(directories.size, argv.openFiles === true))
  const { signal, off } = interruption({ changing: false })
  try {
    return await lookAtOldDirectories(cluster, records, { openFiles: argv.openFiles === true, signal })
  } finally {
    off()
  }
}

/** Who still writes where nobody else reads any more would find out only when the directory is gone. */
function mustBeUnused(users: DirectoryUser[], looks: DirectoryLook[], unread: string[]): void {
  const found = whyNotUnused(users, looks, unread)
  if (!found) return
  const says = messages().refusal
  const why = found.use ? says.directoriesInUse(found.why) : says.directoriesUnread(found.why)
  throw refused(why, { exitCode: ExitCode.blocked })
}

/** What was done is nowhere else once the records are gone. */
async function keepReport(
  records: GroupRecord[],
  session: Pick<Session, 'cluster' | 'flags'>,
  named?: string,
): Promise<void> {
  const [first] = records
  if (!first) return
  const { recordsReport } = await import('../../report/document/report.ts')
  const file = named ?? stateFile(`${ofCluster(first.kept.plan.cluster.uid)}.report-${ofMoment(new Date())}.html`)
  const page = await reportText(recordsReport(records, reportPlace(session)), reportFormat(file))
  if (named === undefined) await makeFolder(path.dirname(file), '--report')
  await writeText(file, page, { mode: 0o600 }, '--report')
  say(messages().finish.report(file))
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
