import type { Argv } from 'yargs'
import type { Cluster } from '../../cluster/cluster.ts'
import { ExitCode, refused } from '../../domain/failure.ts'
import type { Workload } from '../../domain/workload.ts'
import { mountPodsOf, stoppedForRollback } from '../../engine/mounts.ts'
import type { GroupRecord } from '../../engine/record.ts'
import { rollback } from '../../engine/run.ts'
import { findUnreturned } from '../../engine/unreturned.ts'
import { stopsNobody } from '../../engine/workloads.ts'
import { workloadChange } from '../../report/diff.ts'
import { survey } from '../../survey/survey.ts'
import { helpWords } from '../../words/help.ts'
import { messages } from '../../words/messages.ts'
import { findWorkloads } from '../../workloads/find.ts'
import { beforeRollback } from '../admission.ts'
import { type ClusterArguments, clusterOptions, type TrustArguments, trustFlag, trustOption } from '../arguments.ts'
import { chosen, type GroupArguments, groupFlags, groupOptions } from '../groups.ts'
import { interruption } from '../interrupt.ts'
import { sayLeftBehind } from '../left-behind.ts'
import { knownRecords, type RecordArguments, recordOptions, showRecords, unlessHeldBack } from '../records.ts'
import { confirmed, declined, follow, isEmbedded, type RunArguments, runOptions } from '../running.ts'
import { withCluster } from '../session.ts'
import { say } from '../terminal.ts'
import { mustBeTrusted } from '../trust.ts'

interface Arguments extends ClusterArguments, GroupArguments, RunArguments, RecordArguments, TrustArguments {}

export function options(yargs: Argv) {
  const says = helpWords().rollback
  return groupOptions(runOptions(clusterOptions(yargs)))
    .options({
      ...recordOptions(),
      ...trustOption(),
      'copy-back': {
        type: 'boolean',
        describe: says.copyBack,
      },
    })
    .example('$0 rollback', says.examples.all)
    .example('$0 rollback -n jupyter', says.examples.namespace)
}

export async function run(argv: Arguments): Promise<ExitCode> {
  return withCluster(argv, async ({ cluster, flags }) => {
    const known = await knownRecords(cluster, argv)
    const records = chosen(known.records, argv, known)
    if (records.length === 0) {
      say(messages().rollback.nothing(cluster.title))
      // whoever reads the stream waits for its last line
      if (argv.output === 'json') return unlessHeldBack(await follow(cluster, argv, flags, async () => []), known)
      // one that was killed when the last record was gone has not said it
      await sayLeftBehind(cluster)
      return unlessHeldBack(ExitCode.done, known)
    }
    await mustBeTrusted(cluster, argv)
    const shown = await showRecords(cluster, records, { back: true })
    const workloads = await workloadsNow(cluster, records)
    await sayWhatStops(cluster, records, workloads)
    const { staying, returning } = byCopyBack(records, argv)
    mayReturn(returning)
    const changed = await sayWhatChanged(cluster, staying, returning)
    // who is not asked is told by the run itself
    if (!argv.yes && argv.output !== 'json')
      for (const line of (await beforeRollback(cluster, records, workloads, argv.copyBack)).lines) say(line)
    const volumes = records.reduce((sum, { kept }) => sum + kept.group.volumes.length, 0)
    const question = messages().question.rollBack({ volumes, where: cluster.title, ...changed })
    if (!(await confirmed(question, argv))) return declined()
    const code = await follow(cluster, argv, flags, (options) => rollback(workloads, options), {
      next: () => `juicify rollback${groupFlags(argv)}${argv.copyBack ? ' --copy-back' : ''}${trustFlag(argv)}${flags}`,
      rolledBack: ExitCode.done,
      shown,
    })
    if (code === ExitCode.done) await sayLeftBehind(cluster)
    return unlessHeldBack(code, known)
  })
}

/**
 * Who will notice, before anybody is asked. Of a group that has not been migrated to its end nobody is stopped for this:
 * what is stopped already is started, as its record says.
 */
async function sayWhatStops(
  cluster: Cluster,
  records: GroupRecord[],
  workloads: Map<string, Workload[]>,
): Promise<void> {
  const asked = await Promise.all(
    records.map(async (record) => {
      const { phase, stopping } = record.state
      const isRunning = phase !== 'migrating' && !stopping && !(await stopsNobody({ cluster }, record))
      return isRunning ? (workloads.get(record.kept.group.name) ?? []) : []
    }),
  )
  const lines = asked
    .flat()
    .filter(({ stopped }) => !stopped)
    .map((workload) => workloadChange(workload))
  for (const line of new Set(lines)) say(line)
}

/** A rollback that started with copying back keeps doing so, unless told otherwise. */
function byCopyBack(records: GroupRecord[], { copyBack }: Arguments): Record<'staying' | 'returning', GroupRecord[]> {
  const returns = ({ state }: GroupRecord) => copyBack ?? (state.phase === 'rolling-back' && state.copyBack === true)
  return { staying: records.filter((record) => !returns(record)), returning: records.filter(returns) }
}

/** What was never copied there cannot be brought back, and is better said before anything is asked. */
function mayReturn(returning: GroupRecord[]): void {
  const never = returning.filter(({ kept }) => kept.group.copies.length === 0).map(({ kept }) => kept.group.name)
  if (never.length > 0) throw refused(messages().refusal.neverCopied(never))
}

/**
 * What people have written to the file system since the migration: not lost by a rollback, but no longer to be seen, or
 * brought back over what is in the old directories. Returns how many files of each.
 */
async function sayWhatChanged(
  cluster: Cluster,
  staying: GroupRecord[],
  returning: GroupRecord[],
): Promise<{ left: number; brought: number }> {
  const says = messages().rollback
  const copied = [...staying, ...returning].filter(({ kept }) => kept.group.copies.length > 0)
  if (copied.length === 0 || (await isEmbedded(cluster))) {
    if (returning.length > 0) say(says.copiedBackFirst)
    if (staying.length > 0) say(says.staysThere)
    return { left: 0, brought: 0 }
  }
  say(says.comparing)
  const { signal, off } = interruption({ atOnce: () => messages().interrupt.comparingAtOnce })
  try {
    const left = await changedOf(cluster, staying, 'left', signal)
    const brought = await changedOf(cluster, returning, 'brought', signal)
    if (left.known && brought.known && left.count + brought.count === 0) say(says.nothingWritten)
    else if (left.count > 0) say(says.copyBackHint)
    return { left: left.count, brought: brought.count }
  } finally {
    off()
  }
}

async function changedOf(
  cluster: Cluster,
  records: GroupRecord[],
  what: 'left' | 'brought',
  signal: AbortSignal,
): Promise<{ count: number; known: boolean }> {
  const found = await findUnreturned(cluster, records, signal)
  for (const { directory, count: amount, examples, unknown } of found) {
    if (unknown !== undefined) {
      say(messages().rollback.notCompared(directory, what, unknown))
      continue
    }
    const paths = examples.slice(0, 5).map(({ path }) => path)
    say(messages().rollback.differs(directory, amount, what, paths))
  }
  const count = found.reduce((sum, each) => sum + each.count, 0)
  return { count, known: found.every(({ unknown }) => unknown === undefined) }
}

/** What uses the volumes of each group now; other workloads may have come since it was planned. */
export async function workloadsNow(cluster: Cluster, records: GroupRecord[]): Promise<Map<string, Workload[]>> {
  const [first] = records
  if (!first) return new Map()
  const now = await survey(cluster, first.kept.plan.migration)
  const found = records.map(async ({ kept: { group, plan } }) => {
    const claims = group.volumes.flatMap(({ claim }) => (claim ? [claim.metadata] : []))
    const workloads = findWorkloads(now, claims, plan.migration.quiesce)
    return [group.name, stoppedForRollback(workloads, await mountPodsOf({ cluster, group }, plan))] as const
  })
  return new Map(await Promise.all(found))
}
