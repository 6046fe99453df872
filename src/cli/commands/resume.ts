import type { Argv } from 'yargs'
import { ExitCode } from '../../domain/failure.ts'
import { resume } from '../../engine/run.ts'
import { type ClusterArguments, clusterOptions } from '../arguments.ts'
import { knownRecords, RECORD_OPTIONS, type RecordArguments, showRecords, unlessHeldBack } from '../records.ts'
import { confirmed, declined, follow, type RunArguments, runOptions } from '../running.ts'
import { withCluster } from '../session.ts'
import { say } from '../terminal.ts'

interface Arguments extends ClusterArguments, RunArguments, RecordArguments {}

export const options = (yargs: Argv) =>
  runOptions(clusterOptions(yargs))
    .options(RECORD_OPTIONS)
    .example('$0 resume', 'from any machine: all that is needed is in the cluster')

export async function run(argv: Arguments): Promise<ExitCode> {
  return withCluster(argv, async ({ cluster, flags, title }) => {
    const known = await knownRecords(cluster, argv)
    const underWay = known.records.filter(({ state }) => state.phase !== 'migrated')
    if (underWay.length === 0) {
      say('Nothing is under way: there is nothing to go on with.')
      // whoever reads the stream waits for its last line
      if (argv.output === 'json') return unlessHeldBack(await follow(cluster, argv, flags, async () => []), known)
      return unlessHeldBack(ExitCode.done, known)
    }
    const shown = showRecords(underWay)
    if (!(await confirmed(`Go on with this on ${title}?`, argv))) return declined()
    return unlessHeldBack(await follow(cluster, argv, flags, resume, { rolledBack: ExitCode.done, shown }), known)
  })
}
