import type { Argv } from 'yargs'
import { ExitCode } from '../../domain/failure.ts'
import type { Plan } from '../../domain/plan.ts'
import { writePlan } from '../../planner/plan-file.ts'
import {
  type ClusterArguments,
  clusterOptions,
  quoted,
  type SelectionArguments,
  selectionFlags,
  selectionOptions,
} from '../arguments.ts'
import { keepPlan } from '../last-plan.ts'
import { planFromFlags } from '../planning.ts'
import { withCluster } from '../session.ts'
import { layoutOf, print, say } from '../terminal.ts'
import { writeText } from '../text-file.ts'

const FORMATS = ['table', 'yaml', 'json', 'diff', 'kubectl', 'markdown'] as const

interface Arguments extends ClusterArguments, SelectionArguments {
  output: (typeof FORMATS)[number]
  out?: string
  exitCode?: boolean
}

export const options = (yargs: Argv) =>
  selectionOptions(clusterOptions(yargs))
    .options({
      output: {
        alias: 'o',
        choices: FORMATS,
        default: 'table' as const,
        describe: 'for people, for programs, as a diff, or as the commands one would type by hand',
      },
      out: { type: 'string', describe: 'save the plan in this file, for juicify apply', requiresArg: true },
      'exit-code': { type: 'boolean', describe: 'exit with 2 if there is something to do' },
    })
    .example('$0 plan -f plans/jupyter.yaml', 'the volumes of one namespace')
    .example('$0 plan -A --out friday.yaml', 'all of a cube-studio, to be applied later')
    .example('$0 plan -f plans/jupyter.yaml --sandbox fixtures/jupyter', 'without a cluster')

export async function run(argv: Arguments): Promise<ExitCode> {
  return withCluster(argv, async ({ cluster, flags }) => {
    const plan = await planFromFlags(cluster, argv)
    const apply = await whereToGoOn(plan, argv, flags)
    await print(await rendered(plan, argv, apply))
    if (plan.groups.some((group) => group.blocked)) return ExitCode.blocked
    return argv.exitCode && plan.groups.length > 0 ? ExitCode.somethingToDo : ExitCode.done
  })
}

/** Saves the plan and says which command carries out this very one. */
async function whereToGoOn(plan: Plan, argv: Arguments, flags: string): Promise<string> {
  const { out, output, filename } = argv
  if (out !== undefined) {
    await writeText(out, writePlan(plan))
    if (output !== 'table') say(`saved in ${out}`)
    return `juicify apply ${quoted(out)}${flags}`
  }
  if (await keepPlan(plan)) return `juicify apply${flags}`
  // there is nowhere to keep it: with a file to write it to, or by planning again
  if (filename === '-') return `juicify plan --out FILE, and juicify apply FILE${flags}`
  return `juicify apply${selectionFlags(argv)}${flags}`
}

async function rendered(plan: Plan, { output, color }: Arguments, apply: string): Promise<string | Iterable<string>> {
  const layout = layoutOf(process.stdout, color)
  switch (output) {
    case 'yaml':
    case 'json':
      return writePlan(plan, output)
    case 'diff':
      return (await import('../../report/diff.ts')).planDiff(plan, layout)
    case 'kubectl':
      return (await import('../../report/kubectl.ts')).planAsKubectl(plan)
    case 'markdown':
      return (await import('../../report/markdown.ts')).planMarkdown(plan)
    default:
      return (await import('../../report/plan-table.ts')).planTable(plan, { ...layout, apply })
  }
}
