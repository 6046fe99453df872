import type { Argv } from 'yargs'
import { ExitCode } from '../../domain/failure.ts'
import type { GroupRecord } from '../../engine/record.ts'
import { resume } from '../../engine/run.ts'
import { helpWords } from '../../words/help.ts'
import { messages } from '../../words/messages.ts'
import { type ClusterArguments, clusterOptions, type TrustArguments, trustFlag, trustOption } from '../arguments.ts'
import { knownRecords, type RecordArguments, recordOptions, showRecords, unlessHeldBack } from '../records.ts'
import { confirmed, declined, follow, type RunArguments, runOptions } from '../running.ts'
import { withCluster } from '../session.ts'
import { say } from '../terminal.ts'
import { mustBeTrusted } from '../trust.ts'

interface Arguments extends ClusterArguments, RunArguments, RecordArguments, TrustArguments {}

export function options(yargs: Argv) {
  const says = helpWords().resume
  return runOptions(clusterOptions(yargs))
    .options({ ...recordOptions(), ...trustOption() })
    .example('$0 resume', says.examples.resume)
}

export async function run(argv: Arguments): Promise<ExitCode> {
  return withCluster(argv, async ({ cluster, flags }) => {
    const known = await knownRecords(cluster, argv)
    const underWay = known.records.filter(({ state }) => state.phase !== 'migrated')
    if (underWay.length === 0) {
      say(messages().resume.nothing(cluster.title))
      // whoever reads the stream waits for its last line
      if (argv.output === 'json') return unlessHeldBack(await follow(cluster, argv, flags, async () => []), known)
      return unlessHeldBack(ExitCode.done, known)
    }
    await mustBeTrusted(cluster, argv)
    const shown = await showRecords(cluster, underWay)
    if (!(await confirmed(questionOf(underWay, cluster.title), argv))) return declined()
    const options = { rolledBack: ExitCode.done, shown }
    return unlessHeldBack(await follow(cluster, argv, trustFlag(argv) + flags, resume, options), known)
  })
}

function questionOf(records: GroupRecord[], title: string): string {
  const [first] = records
  const says = messages().question
  if (records.length !== 1 || !first) return says.resumeGroups(records.length, title)
  const what = first.state.phase === 'rolling-back' ? 'rollback' : 'migration'
  return says.resumeOne(what, first.kept.group.name, title)
}
