import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { ExitCode, Refusal } from '../../domain/failure.ts'
import type { Plan } from '../../domain/plan.ts'
import { shellWord } from '../../domain/shell.ts'
import type { GroupRecord } from '../../engine/record.ts'
import { apply, endBlocked } from '../../engine/run.ts'
import { groupDifferences } from '../../planner/current.ts'
import { planTable } from '../../report/plan-table.ts'
import { applyQuestion, groupsUnderWay } from '../../report/plan-words.ts'
import { clusterIdentity } from '../../survey/survey.ts'
import { messages } from '../../words/messages.ts'
import { beforeApply } from '../admission.ts'
import {
  type ClusterArguments,
  clusterOptions,
  PLANNING_FLAGS,
  type SelectionArguments,
  selectionFlags,
  selectionOptions,
  trustFlag,
} from '../arguments.ts'
import { lastPlan } from '../last-plan.ts'
import { mustBeCurrent, mustBeWhole, planFromFile, planFromFlags, planOrMigration, selects } from '../planning.ts'
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
      describe: 'a saved plan (default, without -f, -n, -l and -A: the last plan made for this cluster)',
    })
    .options({
      ...RECORD_OPTIONS,
      interactive: { alias: 'i', type: 'boolean', describe: 'ask before every step of every group' },
    })
    .conflicts('interactive', 'yes')
    .conflicts('file', PLANNING_FLAGS)
    .example('$0 apply', 'the plan that juicify plan showed last')
    .example('$0 apply friday.plan.yaml', 'a saved plan, if still up to date')
    .example('$0 apply -n jupyter -n pipeline --yes -o json', 'a batch, from cron')

export async function run(argv: Arguments): Promise<ExitCode> {
  return withCluster(argv, async ({ cluster, flags }) => {
    const known = await knownRecords(cluster, argv)
    const plan = mustBeWhole(await planToApply(cluster, argv, known.records))
    const layout = layoutOf(process.stderr, argv.color)
    if (argv.output !== 'json') say(planTable(plan, layout))
    const movable = plan.groups.some((group) => !group.blocked) || groupsUnderWay(plan) > 0
    if (!movable) {
      // whoever reads the stream waits for its last line
      if (argv.output === 'json')
        return follow(cluster, argv, flags, async ({ emit }) => endBlocked(plan.groups, plan.findings, emit), {
          done: plan.done,
        })
      return plan.groups.length > 0 ? ExitCode.blocked : ExitCode.done
    }
    mayAsk(argv)
    const underWay = new Set(plan.findings.flatMap(({ code, group }) => (code === 'under-way' ? (group ?? []) : [])))
    const shown = showRecords(
      known.records.filter(({ kept, state }) => state.phase === 'migrating' && underWay.has(kept.group.name)),
    )
    // who is not asked is told by the run itself
    if (!argv.yes && argv.output !== 'json') {
      const { lines, denied } = await beforeApply(cluster, plan)
      for (const line of lines) say(line)
      const rest = plan.groups.filter(({ name, blocked }) => !blocked && !denied.has(name))
      if (rest.length === 0 && groupsUnderWay(plan) === 0) return ExitCode.blocked
    }
    if (argv.interactive) say(messages().question.onCluster(cluster.title))
    // who is asked before every step need not be asked before the first one
    if (!argv.interactive && !(await confirmed(applyQuestion(plan, cluster.title), argv))) return declined()
    const code = await follow(cluster, argv, flags, (options) => apply(plan, options), {
      interactive: argv.interactive,
      shown,
      done: plan.done,
      next: (groups, language) =>
        `juicify apply${argv.file ? ` ${shellWord(argv.file)}` : selectionFlags(argv)}${flags}${orRollback(groups, trustFlag(argv) + flags, language)}`,
    })
    return unlessHeldBack(code, known)
  })
}

async function planToApply(cluster: Cluster, argv: Arguments, records: GroupRecord[]): Promise<Plan> {
  const { filename } = argv
  const given = filename === undefined ? undefined : await planOrMigration({ ...argv, filename })
  if (given && 'plan' in given) return ofSaved(cluster, given.plan, records)
  if (selects(argv)) return planFromFlags(cluster, argv, given)
  const forPlanning = selectionFlags(argv)
  if (forPlanning !== '') {
    throw new Refusal(`Without -f, -n, -l or -A the last plan is applied unchanged, so${forPlanning} cannot be used.`, {
      remedy: `Select volumes with -f, -n, -l or -A, or use${forPlanning} with juicify plan.`,
    })
  }
  const saved = argv.file ? await planFromFile(argv.file) : await lastPlan((await clusterIdentity(cluster)).uid)
  if (!saved) {
    const { message, remedy } = messages().refusal.noPlan()
    throw new Refusal(message, { remedy })
  }
  return ofSaved(cluster, saved, records)
}

function ofSaved(cluster: Cluster, saved: Plan, records: GroupRecord[]): Promise<Plan> {
  mustAgree(saved, records)
  return mustBeCurrent(cluster, saved)
}

/** What was read is what is done: a group that is under way is gone on with as its record says, which nobody has read. */
function mustAgree(saved: Plan, records: GroupRecord[]): void {
  for (const planned of saved.groups) {
    const known = records.find(({ kept, state }) => kept.group.name === planned.name && state.phase === 'migrating')
    const [first] = known ? groupDifferences(planned, known.kept.group) : []
    if (!first) continue
    const { field, object } = first
    const { message, remedy } = messages().refusal.otherPlan({ group: planned.name, field, object })
    throw new Refusal(message, { remedy })
  }
}

function mayAsk({ interactive, output }: Arguments): void {
  if (!interactive) return
  if (!canRedraw()) {
    const why = isInteractive() ? 'this terminal cannot show menus (TERM=dumb)' : 'this is not a terminal'
    throw new Refusal(`--interactive asks before every step, but ${why}.`, {
      remedy: 'Run it on a terminal, or use --yes to run without confirmation.',
    })
  }
  if (output === 'json')
    throw new Refusal('--interactive and -o json cannot be used together.', { remedy: 'Remove one of them.' })
}
