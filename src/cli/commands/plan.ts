import path from 'node:path'
import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { unlessForbidden } from '../../cluster/forbidden.ts'
import { ExitCode, Refusal } from '../../domain/failure.ts'
import type { Measurements, Plan } from '../../domain/plan.ts'
import { shellWord } from '../../domain/shell.ts'
import { isRehearsal } from '../../domain/survey.ts'
import { readAllRecords } from '../../engine/record.ts'
import { writePlan } from '../../planner/plan-file.ts'
import { groupsUnderWay } from '../../report/plan-words.ts'
import {
  type ClusterArguments,
  clusterOptions,
  type SelectionArguments,
  selectionFlags,
  selectionOptions,
} from '../arguments.ts'
import { interruption } from '../interrupt.ts'
import { keepPlan } from '../last-plan.ts'
import { planFromFlags } from '../planning.ts'
import { sayBroken } from '../records.ts'
import { withCluster } from '../session.ts'
import { layoutOf, print, say } from '../terminal.ts'
import { writeText } from '../text-file.ts'

const FORMATS = ['table', 'yaml', 'json', 'diff', 'kubectl', 'markdown'] as const

interface Arguments extends ClusterArguments, SelectionArguments {
  output: (typeof FORMATS)[number]
  out?: string
  exitCode?: boolean
  estimate?: boolean
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
      estimate: {
        type: 'boolean',
        describe: 'have Jobs read the directories: what there is to copy, and whether there is room for it',
      },
      'exit-code': { type: 'boolean', describe: 'exit with 2 if there is something to do' },
    })
    .example('$0 plan -f plans/jupyter.yaml', 'the volumes of one namespace')
    .example('$0 plan -A --estimate', 'with the space that the data takes on the file system')
    .example('$0 plan -A --out friday.plan.yaml', 'all of a cube-studio, to be applied later')
    .example('$0 plan -f plans/jupyter.yaml --sandbox fixtures/jupyter', 'without a cluster')

export async function run(argv: Arguments): Promise<ExitCode> {
  if (argv.out !== undefined && argv.filename !== undefined && path.resolve(argv.out) === path.resolve(argv.filename)) {
    throw new Refusal(`--out and --filename name the same file: the plan would be written over the migration.`, {
      remedy: 'Name another one, such as --out friday.plan.yaml.',
    })
  }
  return withCluster(argv, async ({ cluster, flags }) => {
    const [plan, { broken }] = await Promise.all([
      planFromFlags(cluster, argv, argv.estimate ? (plan) => measured(cluster, plan) : undefined),
      unlessForbidden(readAllRecords(cluster), { broken: [] }),
    ])
    sayBroken(broken)
    const apply = await whereToGoOn(plan, argv, flags)
    await print(await rendered(plan, argv, apply))
    if (broken.length > 0 || plan.groups.some((group) => group.blocked)) return ExitCode.blocked
    return argv.exitCode && (plan.groups.length > 0 || groupsUnderWay(plan) > 0)
      ? ExitCode.somethingToDo
      : ExitCode.done
  })
}

/** What there is in the directories of a plan; nothing where nothing can be read. */
async function measured(cluster: Cluster, plan: Plan): Promise<Measurements> {
  const without = (why: string) => {
    say(`Nothing is measured: ${why}`)
    return new Map()
  }
  if (isRehearsal(plan.cluster)) return without('the embedded cluster has no data.')
  const inTheWay = plan.findings.filter(({ severity, group }) => severity === 'block' && group === undefined)
  if (inTheWay.length > 0) return without(`${inTheWay.map(({ code }) => code).join(', ')} is in the way.`)
  if (plan.groups.every(({ copies }) => copies.length === 0)) return without('no directory is to be copied.')
  say('Reading the directories and the file system …')
  const { measure } = await import('../../engine/measure.ts')
  const { signal, off } = interruption({ changing: false })
  try {
    return await measure(cluster, plan, signal)
  } finally {
    off()
  }
}

/** Saves the plan and says which command carries out this very one. */
async function whereToGoOn(plan: Plan, argv: Arguments, flags: string): Promise<string> {
  const { out, output, filename } = argv
  const kept = await keepPlan(plan)
  if (out !== undefined) {
    await writeText(out, writePlan(plan))
    if (output !== 'table') say(`saved in ${out}`)
    return `juicify apply ${shellWord(out)}${flags}`
  }
  if (kept) return `juicify apply${flags}`
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
