import stringWidth from 'string-width'
import type { Finding } from '../domain/finding.ts'
import { describeRef } from '../domain/object.ts'
import type { Plan, PlannedGroup } from '../domain/plan.ts'
import { isRehearsal } from '../domain/survey.ts'
import { compareText } from '../domain/text.ts'
import type { Workload } from '../domain/workload.ts'
import { count } from './amounts.ts'
import { blockingCodes, findingParagraphs, inOrder } from './findings.ts'
import { hanging, type Layout, plain, table, wrapped } from './layout.ts'
import {
  claimOf,
  fileSystemName,
  groupsUnderWay,
  jobsWords,
  measuredWords,
  placeOf,
  sizeAndModes,
  totals,
  treatmentOf,
} from './plan-words.ts'

/**
 * A plan for people: what is to move, what to know before, each group with its directories, volumes, workloads, steps
 * and findings, and how to go on.
 * @param apply the command that carries this plan out, for the last line; none where that comes next anyway
 */
export function planTable(plan: Plan, layout: Layout & { apply?: string }): string {
  const general = generalFindings(plan)
  const byGroup = findingsByGroup(plan.findings)
  const sections = [
    headline(plan, layout),
    ...findingParagraphs(general, layout),
    ...plan.groups.map((group) =>
      groupSection(
        group,
        (byGroup.get(group.name) ?? []).filter((finding) => finding.code !== 'data-stays'),
        layout,
      ),
    ),
    goOn(plan, layout),
  ]
  const shown = sections.filter((lines) => lines.length > 0)
  return `${shown.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function findingsByGroup(findings: Finding[]): Map<string | undefined, Finding[]> {
  const byGroup = new Map<string | undefined, Finding[]>()
  for (const finding of findings) {
    const there = byGroup.get(finding.group)
    if (there) there.push(finding)
    else byGroup.set(finding.group, [finding])
  }
  return byGroup
}

function headline(plan: Plan, { columns, color }: Layout): string[] {
  return [
    ...wrapped(`Plan ${plan.metadata.name} for Kubernetes ${plan.cluster.version}`, columns).map(color.bold),
    ...wrapped(totals(plan), columns),
    ...wrapped(`onto ${fileSystemName(plan)}`, columns).map(color.dim),
    ...(plan.jobs ? wrapped(jobsWords(plan), columns).map(color.dim) : []),
  ]
}

/** What is not about one group of this plan alone, and what becomes of the data. */
function generalFindings(plan: Plan): Finding[] {
  const groups = new Set(plan.groups.map((group) => group.name))
  return inOrder(plan.findings).filter((f) => f.code === 'data-stays' || f.group === undefined || !groups.has(f.group))
}

function groupSection(group: PlannedGroup, findings: Finding[], layout: Layout): string[] {
  const { columns, color } = layout
  // who uses it stands above already, each with what becomes of it
  const own = inOrder(findings).filter(({ severity, code }) => code !== 'in-use' || severity !== 'note')
  return [
    rule(group, layout),
    ...volumeLines(group, layout),
    ...group.staying.flatMap((directory) => hanging('stays  ', directory, columns)),
    ...group.copies.flatMap((copy) => hanging('data   ', measuredWords(copy), columns)),
    ...(group.workloads.length > 0 ? ['', ...workloadLines(group.workloads, layout)] : []),
    ...(group.steps.length > 0 ? ['', ...hanging('steps  ', group.steps.join(' → '), columns).map(color.dim)] : []),
    ...findingParagraphs(own, layout).flatMap((lines) => ['', ...lines]),
  ]
}

function rule(group: PlannedGroup, { columns, color }: Layout): string {
  const [first = '', ...rest] = wrapped(`group ${group.name}${group.blocked ? ' (blocked)' : ''}`, columns - 3)
  const dashes = '─'.repeat(Math.max(0, columns - 4 - stringWidth(first)))
  const paint = group.blocked ? color.red : color.bold
  return [
    `${color.dim('──')} ${paint(first)} ${color.dim(dashes)}`.trimEnd(),
    ...rest.map((line) => `   ${paint(line)}`),
  ].join('\n')
}

/** The volumes under the directories that they share, in one table for the group so that its columns line up. */
function volumeLines(group: PlannedGroup, layout: Layout): string[] {
  const volumes = [...group.volumes].sort((a, b) => compareText(placeOf(a), placeOf(b)) || compareText(a.name, b.name))
  const { titles, rows } = table(
    volumes.map((volume) => [claimOf(volume), volume.name, sizeAndModes(volume.before)]),
    { ...layout, indent: 2, titles: ['CLAIM', 'PERSISTENTVOLUME', 'SIZE'] },
  )
  const lines = [...titles]
  let place: string | undefined
  for (const [i, volume] of volumes.entries()) {
    const here = plain(placeOf(volume))
    if (here !== place) lines.push(...wrapped(here, layout.columns).map(layout.color.cyan))
    place = here
    lines.push(...(rows[i] ?? []))
  }
  return lines
}

/** The workloads in the order in which they are stopped, under what becomes of them. */
function workloadLines(workloads: Workload[], layout: Layout): string[] {
  const { rows } = table(
    workloads.map((workload) => [
      describeRef(workload.ref),
      workload.stopped ? '' : count(workload.pods.length, 'pod'),
      workload.user === undefined ? '' : `for ${workload.user}`,
    ]),
    { ...layout, indent: 2 },
  )
  const lines: string[] = []
  let treatment: string | undefined
  for (const [i, workload] of workloads.entries()) {
    const here = treatmentOf(workload)
    if (here !== treatment) lines.push(layout.color.cyan(here))
    treatment = here
    lines.push(...(rows[i] ?? []))
  }
  return lines
}

const NOT_MEASURED = 'not measured: juicify plan --estimate has it read by Jobs in the cluster'

function goOn(plan: Plan, { columns, color, apply }: Layout & { apply?: string }): string[] {
  const blocked = plan.groups.filter((group) => group.blocked)
  const held = blocked
    .map((group) => `${group.name} (${blockingCodes(plan.findings, group.name).join(', ')})`)
    .join(', ')
  const unmeasured = plan.groups.some(({ copies }) => copies.some(({ measured }) => !measured))
  const hint =
    unmeasured && !isRehearsal(plan.cluster) ? hanging('data     ', NOT_MEASURED, columns).map(color.dim) : []
  const behind = blocked.length === 0 ? [] : hanging('blocked  ', held, columns).map(color.red)
  if (blocked.length < plan.groups.length || groupsUnderWay(plan) > 0)
    return [...hint, ...behind, ...(apply ? hanging('go on    ', apply, columns).map(color.bold) : [])]
  if (blocked.length > 0) return [...behind, ...wrapped('Nothing can be moved before that is solved.', columns)]
  return wrapped('Nothing to do.', columns)
}
