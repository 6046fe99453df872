import pc from 'picocolors'
import type { Finding } from '../../domain/finding.ts'
import { describeRef } from '../../domain/object.ts'
import type { Plan, PlannedGroup } from '../../domain/plan.ts'
import { clusterTitle } from '../../domain/survey.ts'
import { compareText } from '../../domain/text.ts'
import { dateAndTime } from '../../domain/time.ts'
import type { GroupRecord } from '../../engine/record.ts'
import { said } from '../../words/finding.ts'
import { language } from '../../words/language.ts'
import { messages } from '../../words/messages.ts'
import { objectDiff, workloadChange } from '../diff.ts'
import { inOrder } from '../findings.ts'
import { basisWords, forecastWords } from '../forecast.ts'
import {
  claimOf,
  fileSystemName,
  jobsWords,
  measuredWords,
  placeOf,
  quotaWords,
  sizeAndModes,
  totals,
} from '../plan-words.ts'
import { type Block, type Document, folded, heading, paragraph, subheading, table } from './block.ts'
import { directoriesPicture } from './directories-picture.ts'
import { whatWasDone } from './done.ts'

/** Where a report is of, and when it was made. */
export interface ReportPlace {
  /** Context and server, for people. */
  title: string
  at: Date
  /** The flags that bring a command to that cluster. */
  flags: string
  /** Who made it. */
  version: string
}

/** What a plan would do, for one who has to say yes to it. */
export function planReport(plan: Plan, place: ReportPlace): Document {
  const says = messages().report
  return {
    title: says.changeRequest(plan.metadata.name),
    blocks: [
      {
        is: 'facts',
        facts: [
          [says.cluster, clusterTitle(plan.cluster)],
          ['Kubernetes', `${plan.cluster.version}, kube-system ${plan.cluster.uid}`],
          [says.inShort, totals(plan)],
          [says.onto, [fileSystemName(plan), jobsWords(plan)].filter((words) => words !== '').join(', ')],
          [says.digest, plan.digest],
          [says.made, says.madeBy(dateAndTime(place.at), place.version)],
        ],
      },
      ...findings(plan),
      ...directories(plan.groups),
      ...whoIsStopped(plan.groups),
      heading(says.groups),
      paragraph(says.groupsWords),
      ...plan.groups.flatMap(groupBlocks),
      ...wayBack(
        plan.groups.map(({ name }) => name),
        place,
      ),
    ],
  }
}

/** What was done to groups that have a record: of a run under way, interrupted, or through. */
export function recordsReport(records: GroupRecord[], place: ReportPlace): Document {
  const says = messages().report
  const groups = records.map(({ kept }) => kept.group)
  const plans = new Map(records.map(({ kept }) => [kept.plan.digest, kept.plan]))
  const [first] = plans.values()
  const phases = (['migrated', 'migrating', 'rolling-back'] as const).flatMap((phase) => {
    const amount = records.filter(({ state }) => state.phase === phase).length
    return amount > 0 ? [says.inPhase(amount, phase)] : []
  })
  return {
    title: says.migration([...new Set([...plans.values()].map(({ name }) => name))].join(', ')),
    blocks: [
      {
        is: 'facts',
        facts: [
          [says.cluster, place.title],
          ...(first
            ? ([
                ['Kubernetes', `${first.cluster.version}, kube-system ${first.cluster.uid}`],
                [says.onto, fileSystemName(first)],
              ] satisfies [string, string][])
            : []),
          [says.inShort, [...phases, messages().volumes(volumesIn(groups))].join(', ')],
          [says.digest, [...plans.keys()].join(', ')],
          [says.made, says.madeBy(dateAndTime(place.at), place.version)],
        ],
      },
      ...whatWasDone(records),
      ...directories(groups),
      heading(says.groups),
      ...groups.flatMap(groupBlocks),
      ...wayBack(
        groups.map(({ name }) => name),
        place,
      ),
    ],
  }
}

function volumesIn(groups: PlannedGroup[]): number {
  return groups.reduce((sum, { volumes }) => sum + volumes.length, 0)
}

/** Each once: groups may share one. */
function workloadsOf(groups: PlannedGroup[]) {
  const all = groups.flatMap(({ workloads }) => workloads)
  return [...new Map(all.map((workload) => [describeRef(workload.ref), workload])).values()]
}

function findings(plan: Plan): Block[] {
  if (plan.findings.length === 0) return []
  const { report: says, plan: words } = messages()
  const rowOf = (finding: Finding) => {
    const { why, remedy = '' } = said(finding, language())
    const { severity, code, object, group = '' } = finding
    return [words.severity[severity], code, object ? describeRef(object) : group, why, remedy]
  }
  const columns = says.findingColumns
  const ordered = inOrder(plan.findings)
  const grave = ordered.filter(({ severity }) => severity !== 'note').map(rowOf)
  const notes = ordered.filter(({ severity }) => severity === 'note').map(rowOf)
  return [
    heading(says.findings),
    ...(grave.length > 0 ? [table(columns, grave)] : []),
    ...(notes.length > 0 ? [folded(says.notes(notes.length), table(columns, notes))] : []),
  ]
}

function directories(groups: PlannedGroup[]): Block[] {
  if (volumesIn(groups) === 0) return []
  return [heading(messages().report.directories), { is: 'picture', ...directoriesPicture(groups, 'directories') }]
}

/** By whom it is used, then where it is. */
function whoIsStopped(groups: PlannedGroup[]): Block[] {
  const says = messages().report
  const workloads = workloadsOf(groups)
  if (workloads.length === 0) return []
  const keyOf = ({ user = '', ref }: (typeof workloads)[number]) =>
    `${user === '' ? '\uffff' : user}\n${ref.namespace ?? ''}`
  const rows = [...workloads]
    .sort((a, b) => compareText(keyOf(a), keyOf(b)))
    .map((workload) => [
      workload.user ?? '',
      workload.ref.namespace ?? '',
      describeRef(workload.ref),
      workloadChange(workload).slice(describeRef(workload.ref).length + 2),
      workload.stopped ? '' : String(workload.pods.length),
    ])
  return [heading(says.whoIsStopped), paragraph(says.whoIsStoppedWords), table(says.stoppedColumns, rows)]
}

function groupBlocks(group: PlannedGroup): Block[] {
  const { report: says, ...say } = messages()
  const volumes = group.volumes.map((volume) => [
    claimOf(volume),
    volume.name,
    placeOf(volume),
    sizeAndModes(volume.before),
  ])
  const limits = quotaWords(group)
  const measured = [
    ...group.copies.map(measuredWords).filter((words) => words !== ''),
    ...(group.forecast ? [says.forecast(basisWords(group.forecast), forecastWords(group.forecast))] : []),
  ]
  const layout = { color: pc.createColors(false) }
  const diffs = group.volumes.flatMap(({ before, after, name }): Block[] => {
    const diff = objectDiff(before, after, `PersistentVolume/${name}`, layout)
    return diff === '' ? [] : [paragraph(`PersistentVolume ${name}`), { is: 'diff', diff }]
  })
  return [
    subheading(says.group(group.name, group.blocked)),
    paragraph(says.steps(group.steps.join(' → '))),
    ...(limits.length > 0 ? [{ is: 'list', items: limits } satisfies Block] : []),
    ...(measured.length > 0 ? [{ is: 'list', items: measured } satisfies Block] : []),
    ...(volumes.length > 0 ? [folded(say.volumes(volumes.length), table(says.volumeColumns, volumes))] : []),
    ...(diffs.length > 0 ? [folded(says.changes, ...diffs)] : []),
  ]
}

function wayBack(groups: string[], { flags }: ReportPlace): Block[] {
  if (groups.length === 0) return []
  const says = messages().report
  return [
    heading(says.wayBack),
    paragraph(says.wayBackWords),
    { is: 'command', text: `juicify rollback --copy-back${flags}` },
    ...(groups.length > 1
      ? [
          paragraph(says.oneAlone),
          { is: 'command', text: `juicify rollback ${groups[0]} --copy-back${flags}` } satisfies Block,
        ]
      : []),
  ]
}
