import path from 'node:path'
import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { unlessForbidden } from '../../cluster/forbidden.ts'
import { ExitCode, refused } from '../../domain/failure.ts'
import type { MeasuredPlan, Plan } from '../../domain/plan.ts'
import { shellWord } from '../../domain/shell.ts'
import { isRehearsal } from '../../domain/survey.ts'
import { readAllRecords } from '../../engine/record.ts'
import { writePlan } from '../../planner/plan-file.ts'
import { groupsUnderWay } from '../../report/plan-words.ts'
import { helpWords } from '../../words/help.ts'
import { messages } from '../../words/messages.ts'
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

const FORMATS = ['table', 'wide', 'name', 'yaml', 'json', 'diff', 'kubectl', 'markdown'] as const

interface Arguments extends ClusterArguments, SelectionArguments {
  output: (typeof FORMATS)[number]
  out?: string
  exitCode?: boolean
  estimate?: boolean
  showGroups?: boolean
}

export function options(yargs: Argv) {
  const help = helpWords()
  const says = help.plan
  return selectionOptions(clusterOptions(yargs))
    .options({
      output: {
        alias: 'o',
        choices: FORMATS,
        default: 'table' as const,
        describe: says.output,
      },
      out: { type: 'string', describe: says.out, requiresArg: true },
      estimate: {
        type: 'boolean',
        describe: says.estimate,
      },
      'show-groups': {
        type: 'boolean',
        describe: says.showGroups,
      },
      'exit-code': { type: 'boolean', describe: help.exitCode.somethingToDo },
    })
    .example('$0 plan -f plans/jupyter.yaml', says.examples.migration)
    .example('$0 plan -A --estimate', says.examples.estimate)
    .example('$0 plan -A --out friday.plan.yaml', says.examples.saved)
    .example('$0 plan -f plans/jupyter.yaml --sandbox fixtures/jupyter', says.examples.sandbox)
}

export async function run(argv: Arguments): Promise<ExitCode> {
  if (argv.out !== undefined && argv.filename !== undefined && path.resolve(argv.out) === path.resolve(argv.filename))
    throw refused(messages().refusal.outIsMigration())
  return withCluster(argv, async ({ cluster, flags }) => {
    const [plan, { broken }] = await Promise.all([
      planFromFlags(cluster, argv, { measure: argv.estimate ? (plan) => measured(cluster, plan) : undefined }),
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
async function measured(cluster: Cluster, plan: Plan): Promise<MeasuredPlan> {
  const says = messages().measuring
  const without = (why: string) => {
    say(says.not(why))
    return { copies: new Map() }
  }
  if (isRehearsal(plan.cluster)) return without(says.noData)
  const inTheWay = plan.findings.filter(({ severity, group }) => severity === 'block' && group === undefined)
  if (inTheWay.length > 0) return without(says.resolveFirst(inTheWay.map(({ code }) => code)))
  if (plan.groups.every(({ copies }) => copies.length === 0)) return without(says.nothingToCopy)
  say(says.now)
  const { measure } = await import('../../engine/measure.ts')
  const { signal, off } = interruption({ changing: false })
  try {
    const { unknown, ...found } = await measure(cluster, plan, signal)
    if (unknown) say(says.noForecast(unknown))
    return found
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
    if (output !== 'table' && output !== 'wide') say(messages().savedIn(out))
    return `juicify apply ${shellWord(out)}${flags}`
  }
  if (kept) return `juicify apply${flags}`
  // there is nowhere to keep it: with a file to write it to, or by planning again
  if (filename === '-') return messages().planAndApply(flags)
  return `juicify apply${selectionFlags(argv)}${flags}`
}

async function rendered(
  plan: Plan,
  { output, color, showGroups = false }: Arguments,
  apply: string,
): Promise<string | Iterable<string>> {
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
    case 'name':
      return namesOf(plan)
    default:
      return (await import('../../report/plan-table.ts')).planTable(plan, {
        ...layout,
        apply,
        wide: output === 'wide',
        showGroups,
      })
  }
}

/** As kubectl names them, those that would move. */
function namesOf({ groups }: Plan): string {
  const moving = groups.flatMap(({ blocked, volumes }) => (blocked ? [] : volumes))
  return moving.map(({ name }) => `persistentvolume/${name}`).join('\n')
}
