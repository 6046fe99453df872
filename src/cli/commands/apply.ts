import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { ExitCode, refused } from '../../domain/failure.ts'
import type { Plan } from '../../domain/plan.ts'
import { shellWord } from '../../domain/shell.ts'
import type { GroupRecord } from '../../engine/record.ts'
import { apply, endBlocked } from '../../engine/run.ts'
import { groupDifferences } from '../../planner/current.ts'
import { planTable } from '../../report/plan-table.ts'
import { applyQuestion, groupsUnderWay } from '../../report/plan-words.ts'
import { clusterIdentity } from '../../survey/survey.ts'
import { helpWords } from '../../words/help.ts'
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
import { knownRecords, type RecordArguments, recordOptions, showRecords, unlessHeldBack } from '../records.ts'
import { confirmed, declined, follow, orRollback, type RunArguments, runOptions } from '../running.ts'
import { withCluster } from '../session.ts'
import { canRedraw, isInteractive, layoutOf, say } from '../terminal.ts'

interface Arguments extends ClusterArguments, SelectionArguments, RunArguments, RecordArguments {
  file?: string
  interactive?: boolean
}

export function options(yargs: Argv) {
  const says = helpWords().apply
  return runOptions(selectionOptions(clusterOptions(yargs)))
    .positional('file', {
      type: 'string',
      describe: says.file,
    })
    .options({
      ...recordOptions(),
      interactive: { alias: 'i', type: 'boolean', describe: says.interactive },
    })
    .conflicts('interactive', 'yes')
    .conflicts('file', PLANNING_FLAGS)
    .example('$0 apply', says.examples.last)
    .example('$0 apply friday.plan.yaml', says.examples.saved)
    .example('$0 apply -n jupyter -n pipeline --yes -o json', says.examples.batch)
}

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
    const shown = await showRecords(
      cluster,
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
    throw refused(messages().refusal.savedIsUnchanged(forPlanning))
  }
  const saved = argv.file ? await planFromFile(argv.file) : await lastPlan((await clusterIdentity(cluster)).uid)
  if (!saved) throw refused(messages().refusal.noPlan())
  return ofSaved(cluster, saved, records)
}

function ofSaved(cluster: Cluster, saved: Plan, records: GroupRecord[]): Promise<Plan> {
  mustAgree(saved, records)
  return mustBeCurrent(cluster, saved)
}

/** What was read is what is done: a group in progress is resumed as its record says, which nobody has read. */
function mustAgree(saved: Plan, records: GroupRecord[]): void {
  for (const planned of saved.groups) {
    const known = records.find(({ kept, state }) => kept.group.name === planned.name && state.phase === 'migrating')
    const [first] = known ? groupDifferences(planned, known.kept.group) : []
    if (!first) continue
    const { field, object } = first
    throw refused(messages().refusal.otherPlan({ group: planned.name, field, object }))
  }
}

function mayAsk({ interactive, output }: Arguments): void {
  if (!interactive) return
  const says = messages().refusal
  if (!canRedraw()) throw refused(says.interactive(isInteractive() ? 'dumb' : 'no-terminal'))
  if (output === 'json') throw refused(says.interactiveJson())
}
