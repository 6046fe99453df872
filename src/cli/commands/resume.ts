import type { Argv } from 'yargs'
import { ExitCode } from '../../domain/failure.ts'
import { readRecords } from '../../engine/record.ts'
import { resume } from '../../engine/run.ts'
import { type ClusterArguments, clusterOptions } from '../arguments.ts'
import { confirmed, declined, follow, type RunArguments, runOptions } from '../running.ts'
import { withCluster } from '../session.ts'
import { say } from '../terminal.ts'

interface Arguments extends ClusterArguments, RunArguments {}

export const options = (yargs: Argv) =>
  runOptions(clusterOptions(yargs)).example('$0 resume', 'from any machine: all that is needed is in the cluster')

export async function run(argv: Arguments): Promise<ExitCode> {
  return withCluster(argv, async ({ cluster, flags, title }) => {
    const underWay = (await readRecords(cluster)).filter(({ state }) => state.phase !== 'migrated')
    if (underWay.length === 0) {
      say('Nothing is under way: there is nothing to go on with.')
      // whoever reads the stream waits for its last line
      if (argv.output === 'json') return follow(cluster, argv, flags, async () => [])
      return ExitCode.done
    }
    for (const { kept, state } of underWay)
      say(`${kept.group.name}: ${state.phase} since ${state.startedAt}, last by ${state.by}`)
    if (!(await confirmed(`Go on with this on ${title}?`, argv))) return declined()
    return follow(cluster, argv, flags, resume, { rolledBack: ExitCode.done })
  })
}
