import type { Argv } from 'yargs'
import { ExitCode } from '../../domain/failure.ts'
import type { Plan } from '../../domain/plan.ts'
import { clusterTitle } from '../../domain/survey.ts'
import { planDiff } from '../../report/diff.ts'
import { groupsUnderWay } from '../../report/plan-words.ts'
import { helpWords } from '../../words/help.ts'
import { messages } from '../../words/messages.ts'
import { beforeApply } from '../admission.ts'
import {
  type ClusterArguments,
  clusterOptions,
  PLANNING_FLAGS,
  type SelectionArguments,
  selectionOptions,
} from '../arguments.ts'
import { planFromFile, planFromFlags, planOrMigration } from '../planning.ts'
import { withCluster } from '../session.ts'
import { layoutOf, print, say } from '../terminal.ts'

interface Arguments extends ClusterArguments, SelectionArguments {
  file?: string
  exitCode?: boolean
}

export function options(yargs: Argv) {
  const help = helpWords()
  const says = help.diff
  return selectionOptions(clusterOptions(yargs))
    .positional('file', { type: 'string', describe: says.file })
    .options({ 'exit-code': { type: 'boolean', describe: help.exitCode.differs } })
    .conflicts('file', PLANNING_FLAGS)
    .example('$0 diff -f plans/jupyter.yaml', says.examples.migration)
    .example('$0 diff friday.plan.yaml', says.examples.saved)
}

export async function run(argv: Arguments): Promise<ExitCode> {
  const [plan, says] = await planToShow(argv)
  if (plan.groups.length === 0) {
    say(messages().diff.none(clusterTitle(plan.cluster), groupsUnderWay(plan) > 0))
    return ExitCode.done
  }
  const layout = layoutOf(process.stdout, argv.color)
  await print(planDiff(plan, layout) + says.map((line) => `${layout.color.dim(`# ${line}`)}\n`).join(''))
  return argv.exitCode ? ExitCode.somethingToDo : ExitCode.done
}

/** A saved plan as it is; of one that is made here also what the server says of what it would create. */
async function planToShow(argv: Arguments): Promise<[Plan, string[]]> {
  const { file, filename } = argv
  if (file !== undefined) return [await planFromFile(file), []]
  const given = filename === undefined ? undefined : await planOrMigration({ ...argv, filename })
  if (given && 'plan' in given) return [given.plan, []]
  return withCluster(argv, async ({ cluster }) => {
    const plan = await planFromFlags(cluster, argv, given)
    const { lines, mayNot } = await beforeApply(cluster, plan)
    // who only looks cannot be told what would become of what others create
    return [plan, mayNot ? [] : lines]
  })
}
