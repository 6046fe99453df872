import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { ExitCode, Refusal } from '../../domain/failure.ts'
import type { Plan } from '../../domain/plan.ts'
import { shellWord } from '../../domain/shell.ts'
import { emptyResult } from '../../engine/group-runner.ts'
import type { GroupRecord } from '../../engine/record.ts'
import { apply } from '../../engine/run.ts'
import { groupDifferences } from '../../planner/current.ts'
import { planTable } from '../../report/plan-table.ts'
import { groupsUnderWay } from '../../report/plan-words.ts'
import { clusterIdentity } from '../../survey/survey.ts'
import {
  type ClusterArguments,
  clusterOptions,
  PLANNING_FLAGS,
  type SelectionArguments,
  selectionFlags,
  selectionOptions,
} from '../arguments.ts'
import { lastPlan } from '../last-plan.ts'
import { mustBeCurrent, mustBeWhole, planFromFile, planFromFlags, selects } from '../planning.ts'
import { knownRecords, RECORD_OPTIONS, type RecordArguments, showRecords, unlessHeldBack } from '../records.ts'
import { confirmed, declined, follow, orRollback, type RunArguments, runOptions } from '../running.ts'
import { withCluster } from '../session.ts'
import { canRedraw, isInteractive, layoutOf, say } from '../terminal.ts'

interface Arguments extends ClusterArguments, SelectionArguments, RunArguments, RecordArguments {
  file?: string
  interactive?: boolean
}

export const options = (yargs: Argv) =>
  runOptions(selectionOptions(clusterOptions(yargs)))
    .positional('file', {
      type: 'string',
      describe: 'a saved plan; without it and without -f, -n and -A: the plan that was made last for this cluster',
    })
    .options({
      ...RECORD_OPTIONS,
      interactive: { alias: 'i', type: 'boolean', describe: 'ask before every step of every group' },
    })
    .conflicts('interactive', 'yes')
    .conflicts('file', PLANNING_FLAGS)
    .example('$0 apply', 'the plan that juicify plan has just shown')
    .example('$0 apply friday.plan.yaml', 'a saved plan, if it is still current')
    .example('$0 apply -n jupyter -n pipeline --yes -o json', 'a batch, from cron')

export async function run(argv: Arguments): Promise<ExitCode> {
  return withCluster(argv, async ({ cluster, flags, title }) => {
    const known = await knownRecords(cluster, argv)
    const plan = mustBeWhole(await planToApply(cluster, argv, known.records))
    const layout = layoutOf(process.stderr, argv.color)
    if (argv.output !== 'json') say(planTable(plan, layout))
    const movable = plan.groups.some((group) => !group.blocked) || groupsUnderWay(plan) > 0
    if (!movable) {
      // whoever reads the stream waits for its last line
      if (argv.output === 'json')
        return follow(cluster, argv, flags, async () => plan.groups.map((group) => emptyResult(group, 'blocked')), {
          done: plan.done,
        })
      return plan.groups.length > 0 ? ExitCode.blocked : ExitCode.done
    }
    mayAsk(argv)
    const underWay = new Set(plan.findings.flatMap(({ code, group }) => (code === 'under-way' ? (group ?? []) : [])))
    const shown = showRecords(
      known.records.filter(({ kept, state }) => state.phase === 'migrating' && underWay.has(kept.group.name)),
    )
    if (argv.interactive) say(`On ${title}:`)
    // who is asked before every step need not be asked before the first one
    if (!argv.interactive && !(await confirmed(`Do this on ${title}?`, argv))) return declined()
    const code = await follow(cluster, argv, flags, (options) => apply(plan, options), {
      interactive: argv.interactive,
      shown,
      done: plan.done,
      next: (groups) =>
        `juicify apply${argv.file ? ` ${shellWord(argv.file)}` : selectionFlags(argv)}${flags}${orRollback(groups, flags)}`,
    })
    return unlessHeldBack(code, known)
  })
}

async function planToApply(cluster: Cluster, argv: Arguments, records: GroupRecord[]): Promise<Plan> {
  if (selects(argv)) return planFromFlags(cluster, argv)
  const forPlanning = selectionFlags(argv)
  if (forPlanning !== '') {
    throw new Refusal(
      `Without -f, -n or -A the plan that was made last is applied as it is, and${forPlanning} would change it.`,
      { remedy: `Say with -f, -n or -A what to move, or give${forPlanning} to juicify plan.` },
    )
  }
  const saved = argv.file ? await planFromFile(argv.file) : await lastPlan((await clusterIdentity(cluster)).uid)
  if (!saved) {
    throw new Refusal('There is no plan for this cluster yet.', {
      remedy: 'Make one (juicify plan), or say with -f, -n or -A what to move.',
    })
  }
  mustAgree(saved, records)
  return mustBeCurrent(cluster, saved)
}

/** What was read is what is done: a group that is under way is gone on with as its record says, which nobody has read. */
function mustAgree(saved: Plan, records: GroupRecord[]): void {
  for (const planned of saved.groups) {
    const known = records.find(({ kept, state }) => kept.group.name === planned.name && state.phase === 'migrating')
    const [first] = known ? groupDifferences(planned, known.kept.group) : []
    if (!first) continue
    throw new Refusal(
      `The group ${planned.name} is under way by another plan than this one: ${first.field} of ${first.object} differs.`,
      { remedy: 'juicify resume shows what its record says, and goes on with it; juicify rollback takes it back.' },
    )
  }
}

function mayAsk({ interactive, output }: Arguments): void {
  if (!interactive) return
  if (!canRedraw()) {
    const why = isInteractive() ? 'this terminal can show no menus (TERM=dumb)' : 'there is no terminal to ask on'
    throw new Refusal(`--interactive asks before every step, and ${why}.`, {
      remedy: 'Run it on a terminal, or with --yes, which never asks.',
    })
  }
  if (output === 'json')
    throw new Refusal('--interactive and -o json exclude each other.', { remedy: 'Leave one of them out.' })
}
