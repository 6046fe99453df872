import stringWidth from 'string-width'
import type { Finding } from '../domain/finding.ts'
import { describeRef } from '../domain/object.ts'
import type { Plan, PlannedGroup } from '../domain/plan.ts'
import { size } from '../domain/quantity.ts'
import { clusterWords, isRehearsal } from '../domain/survey.ts'
import { compareText, plain } from '../domain/text.ts'
import type { Workload } from '../domain/workload.ts'
import { messages } from '../words/messages.ts'
import { blockingCodes, findingParagraphs, inOrder } from './findings.ts'
import { basisWords, forecastWords, rangeText } from './forecast.ts'
import { hanging, type Layout, table, wrapped } from './layout.ts'
import {
  claimOf,
  fileSystemName,
  groupsUnderWay,
  jobsWords,
  labelsOf,
  measuredWords,
  placeOf,
  quotaWords,
  sizeAndModes,
  stoppedFor,
  totals,
  treatmentOf,
} from './plan-words.ts'

/** Max groups shown in full; of more, each is one line, so that the whole plan can be seen. */
const FEW_GROUPS = 5

type TableLayout = Layout & { apply?: string; wide?: boolean; showGroups?: boolean }

/**
 * A plan for people: what is to move, what to know before, each group with its directories, volumes, workloads, steps
 * and findings, and how to go on.
 * @param layout `apply`: the command that carries this plan out, for the last line, none where that comes next anyway;
 *   `wide`: with each volume's class and labels, and its handle on the file system; `showGroups`: each group in full, and
 *   each volume that the migration excludes, however many there are
 */
export function planTable(plan: Plan, layout: TableLayout): string {
  const full = layout.wide === true || layout.showGroups === true
  const short = !full && plan.groups.length > FEW_GROUPS
  const general = generalFindings(plan)
  const byGroup = findingsByGroup(plan.findings)
  const sections = [
    headline(plan, layout),
    ...findingParagraphs(full ? general : general.filter((finding) => !isExcluded(finding)), layout),
    ...(full ? [] : [excludedLine(general.filter(isExcluded), layout)]),
    ...(short
      ? inShort(plan, layout)
      : plan.groups.map((group) =>
          groupSection(
            group,
            (byGroup.get(group.name) ?? []).filter((finding) => finding.code !== 'data-stays'),
            layout,
          ),
        )),
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
    ...wrapped(messages().plan.of(plan.metadata.name, clusterWords(plan.cluster)), columns).map(color.bold),
    ...wrapped(totals(plan), columns),
    ...wrapped(messages().plan.to(fileSystemName(plan)), columns).map(color.dim),
    ...(plan.jobs ? wrapped(jobsWords(plan), columns).map(color.dim) : []),
    ...(plan.pace ? wrapped(messages().plan.forecastFrom(basisWords(plan.pace)), columns).map(color.dim) : []),
  ]
}

/** What is not about one group of this plan alone, and what becomes of the data. */
function generalFindings(plan: Plan): Finding[] {
  const groups = new Set(plan.groups.map((group) => group.name))
  return inOrder(plan.findings).filter((f) => f.code === 'data-stays' || f.group === undefined || !groups.has(f.group))
}

/** What the migration says itself need not be read again, volume by volume. */
function isExcluded({ code, severity, object }: Finding): boolean {
  return code === 'excluded' && severity === 'note' && object !== undefined
}

function excludedLine(findings: Finding[], { columns, color }: Layout): string[] {
  if (findings.length === 0) return []
  const names = findings.flatMap(({ object }) => (object ? [object.name] : []))
  return hanging('· ', messages().plan.excluded(names), columns).map((line) => color.cyan(line))
}

/** Each group in a line, and each finding about groups in another. */
function inShort(plan: Plan, layout: Layout): string[][] {
  const { columns, color } = layout
  const { titles, rows } = table(
    plan.groups.map((group) => [
      group.name,
      group.directories.length > 1 ? `${group.directories[0]}, …` : (group.directories[0] ?? ''),
      String(group.volumes.length),
      String(stoppedFor([group]).length),
      group.forecast ? size(group.forecast.bytes) : '',
      group.forecast?.copy ? rangeText(group.forecast.copy) : '',
      group.forecast?.down ? rangeText(group.forecast.down) : '',
      group.blocked ? blockingCodes(plan.findings, group.name).join(', ') : '',
    ]),
    {
      ...layout,
      indent: 0,
      titles: messages().plan.groupColumns,
      paint: (cell, column) => (column === BLOCKED_BY ? color.red(cell) : cell),
    },
  )
  const groups = new Set(plan.groups.map(({ name }) => name))
  const about = new Map<string, Set<string>>()
  for (const { severity, code, group } of inOrder(plan.findings)) {
    if (group === undefined || !groups.has(group) || code === 'data-stays') continue
    const key = `${messages().plan.severity[severity]} ${code}`
    about.set(key, (about.get(key) ?? new Set()).add(group))
  }
  const lines = [...about].map(([what, which]) => `${what}: ${groupsIn(which)}`)
  return [
    [...titles, ...rows.flat()],
    [
      ...lines.flatMap((line) => hanging('  ', line, columns)),
      ...hanging('', messages().plan.showGroups, columns).map(color.dim),
    ],
  ]
}

const BLOCKED_BY = 7

function groupsIn(names: Set<string>): string {
  const [first = ''] = names
  return names.size === 1 ? first : messages().plan.volumesIn(0, names.size)
}

function groupSection(group: PlannedGroup, findings: Finding[], layout: Layout & { wide?: boolean }): string[] {
  const { columns, color } = layout
  const says = messages().plan
  // who uses it stands above already, each with what becomes of it
  const own = inOrder(findings).filter(({ severity, code }) => code !== 'in-use' || severity !== 'note')
  return [
    rule(group, layout),
    ...volumeLines(group, layout),
    ...group.staying.flatMap((directory) => hanging(says.stays, directory, columns)),
    ...group.copies.flatMap((copy) => hanging(says.data, measuredWords(copy), columns)),
    ...(group.forecast ? hanging(says.time, forecastWords(group.forecast), columns) : []),
    ...quotaWords(group).flatMap((words) => hanging(says.limit, words, columns)),
    ...(group.workloads.length > 0 ? ['', ...workloadLines(group.workloads, layout)] : []),
    ...(group.steps.length > 0 ? ['', ...hanging(says.steps, group.steps.join(' → '), columns).map(color.dim)] : []),
    ...findingParagraphs(own, layout).flatMap((lines) => ['', ...lines]),
  ]
}

function rule(group: PlannedGroup, { columns, color }: Layout): string {
  const [first = '', ...rest] = wrapped(messages().plan.group(group.name, group.blocked), columns - 3)
  const dashes = '─'.repeat(Math.max(0, columns - 4 - stringWidth(first)))
  const paint = group.blocked ? color.red : color.bold
  return [
    `${color.dim('──')} ${paint(first)} ${color.dim(dashes)}`.trimEnd(),
    ...rest.map((line) => `   ${paint(line)}`),
  ].join('\n')
}

/** The volumes under the directories that they share, in one table for the group so that its columns line up. */
function volumeLines(group: PlannedGroup, layout: Layout & { wide?: boolean }): string[] {
  const volumes = [...group.volumes].sort((a, b) => compareText(placeOf(a), placeOf(b)) || compareText(a.name, b.name))
  const { titles, rows } = table(
    volumes.map((volume) => [
      claimOf(volume),
      volume.name,
      sizeAndModes(volume.before),
      ...(layout.wide
        ? [volume.before.spec.storageClassName ?? '', volume.after.spec.csi?.volumeHandle ?? '', labelsOf(volume)]
        : []),
    ]),
    {
      ...layout,
      indent: 2,
      titles: ['CLAIM', 'PERSISTENTVOLUME', 'SIZE', ...(layout.wide ? ['CLASS', 'HANDLE', 'LABELS'] : [])],
    },
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
      workload.stopped ? '' : messages().pods(workload.pods.length),
      workload.user === undefined ? '' : messages().plan.forUser(workload.user),
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

function goOn(plan: Plan, { columns, color, apply }: Layout & { apply?: string }): string[] {
  const says = messages().plan
  const blocked = plan.groups.filter((group) => group.blocked)
  const held = blocked
    .map((group) => `${group.name} (${blockingCodes(plan.findings, group.name).join(', ')})`)
    .join(', ')
  const unmeasured = plan.groups.some(({ copies }) => copies.some(({ measured }) => !measured))
  const hint =
    unmeasured && !isRehearsal(plan.cluster)
      ? hanging(says.unmeasuredLabel, says.notMeasured, columns).map(color.dim)
      : []
  const behind = blocked.length === 0 ? [] : hanging(says.blockedLabel, held, columns).map(color.red)
  if (blocked.length < plan.groups.length || groupsUnderWay(plan) > 0)
    return [...hint, ...behind, ...(apply ? hanging(says.nextLabel, apply, columns).map(color.bold) : [])]
  if (blocked.length > 0) return [...behind, ...wrapped(says.nothingUntilResolved, columns)]
  return wrapped(says.nothingToDo, columns)
}
