import type { Cluster } from '../cluster/cluster.ts'
import { ExitCode, type Failure } from '../domain/failure.ts'
import { toYaml } from '../domain/yaml.ts'
import { readEarlierRecords } from '../engine/earlier-record.ts'
import { type BrokenRecord, fingerprintOf, type GroupRecord, readAllRecords } from '../engine/record.ts'
import { carryOverAll } from '../engine/run.ts'
import { stopsNobody } from '../engine/workloads.ts'
import { recordText } from '../report/record-text.ts'
import { helpWords } from '../words/help.ts'
import { language } from '../words/language.ts'
import { messages } from '../words/messages.ts'
import { interruption } from './interrupt.ts'
import { progressFor } from './progress.ts'
import { confirmed } from './running.ts'
import { isInteractive, say } from './terminal.ts'

/** The flags of the commands that act on records. */
export interface RecordArguments {
  yes?: boolean
  adoptRecords?: boolean
}

export function recordOptions() {
  return { 'adopt-records': { type: 'boolean', describe: helpWords().adoptRecords } } as const
}

/** The records that a command may act on, and those because of which something is left undone. */
export interface KnownRecords {
  records: GroupRecord[]
  /** Named on the terminal already. */
  broken: BrokenRecord[]
  /** Groups of which juicify 0.1.0 has left a record that nobody has carried over. */
  left: string[]
}

/**
 * Reads the records, names those that cannot be believed, and offers to carry over what juicify 0.1.0 has left: its
 * ConfigMaps could be written by many, so they are shown in whole, and a yes to anything else is no yes to them.
 */
export async function knownRecords(cluster: Cluster, argv: RecordArguments): Promise<KnownRecords> {
  const { earlier, broken } = await readEarlierRecords(cluster)
  const carried =
    earlier.length > 0 &&
    (await mayCarryOver(
      earlier.map(({ record }) => record),
      cluster.title,
      argv,
    ))
  if (carried) {
    const { signal, off } = interruption({ atOnce: () => messages().interrupt.adoptingAtOnce })
    try {
      const { emit } = await progressFor({})
      await carryOverAll(earlier, { cluster, lease: { wait: 0 }, emit, signal })
    } finally {
      off()
    }
  }
  const found = await readAllRecords(cluster)
  const allBroken = [...found.broken, ...broken]
  sayBroken(allBroken)
  const left = carried ? [] : earlier.map(({ record }) => record.kept.group.name)
  return { records: found.records, broken: allBroken, left }
}

async function mayCarryOver(
  records: GroupRecord[],
  title: string,
  { yes, adoptRecords }: RecordArguments,
): Promise<boolean> {
  for (const { kept, state } of records) say(`--- ${kept.group.name}\n${toYaml({ state, ...kept })}`)
  for (const record of records) say(recordText(record))
  if (adoptRecords) return true
  if (!yes && isInteractive()) {
    const question = messages().question.convert(records.length, title)
    if (await confirmed(question, {})) return true
  }
  say(messages().notConverted(records.length, title))
  return false
}

/** Names the records that cannot be believed; they hold up no other group. */
export function sayBroken(broken: BrokenRecord[]): void {
  for (const { failure } of broken) sayFailure(failure)
}

function sayFailure(failure: Failure): void {
  const { message, remedy } = failure.in(language())
  say(`${message}${remedy ? `\n  ${messages().plan.try}${remedy}` : ''}`)
}

/** The exit code of a command that has done all else: 3 where records block their groups. */
export function unlessHeldBack(code: ExitCode, { broken, left }: Pick<KnownRecords, 'broken' | 'left'>): ExitCode {
  return code === ExitCode.done && broken.length + left.length > 0 ? ExitCode.blocked : code
}

/**
 * Shows records before anybody is asked to resume them, or to roll them back (`back`). Returns what was shown, to be compared
 * with what is there then.
 */
export async function showRecords(
  cluster: Cluster,
  records: GroupRecord[],
  { back = false } = {},
): Promise<ReadonlyMap<string, string>> {
  for (const record of records) {
    const isGoingBack = back || record.state.phase === 'rolling-back'
    say(recordText(record, { stopsNobody: isGoingBack && (await stopsNobody({ cluster }, record)) }))
  }
  return new Map(records.map((record) => [record.kept.group.name, fingerprintOf(record)]))
}
