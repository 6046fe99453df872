import type { Argv } from 'yargs'
import { ExitCode } from '../../domain/failure.ts'
import { planDiff } from '../../report/diff.ts'
import { groupsUnderWay } from '../../report/plan-words.ts'
import {
  type ClusterArguments,
  clusterOptions,
  PLANNING_FLAGS,
  type SelectionArguments,
  selectionOptions,
} from '../arguments.ts'
import { planFromFile, planFromFlags } from '../planning.ts'
import { withCluster } from '../session.ts'
import { layoutOf, print, say } from '../terminal.ts'

interface Arguments extends ClusterArguments, SelectionArguments {
  file?: string
  exitCode?: boolean
}

export const options = (yargs: Argv) =>
  selectionOptions(clusterOptions(yargs))
    .positional('file', { type: 'string', describe: 'a saved plan; without it one is made from the flags' })
    .options({ 'exit-code': { type: 'boolean', describe: 'exit with 2 if anything differs' } })
    .conflicts('file', PLANNING_FLAGS)
    .example('$0 diff -f plans/jupyter.yaml', 'what would change')
    .example('$0 diff friday.plan.yaml', 'what a saved plan changes')

export async function run(argv: Arguments): Promise<ExitCode> {
  const plan = argv.file
    ? await planFromFile(argv.file)
    : await withCluster(argv, ({ cluster }) => planFromFlags(cluster, argv))
  if (plan.groups.length === 0) {
    say(
      groupsUnderWay(plan) > 0
        ? 'Nothing else differs; juicify status shows what is under way.'
        : 'Nothing differs: there is nothing to do.',
    )
    return ExitCode.done
  }
  await print(planDiff(plan, layoutOf(process.stdout, argv.color)))
  return argv.exitCode ? ExitCode.somethingToDo : ExitCode.done
}
