import stringWidth from 'string-width'
import type { Finding } from '../domain/finding.ts'
import { describeRef } from '../domain/object.ts'
import type { Plan, PlannedGroup, PlannedVolume } from '../domain/plan.ts'
import { compareText } from '../domain/text.ts'
import type { PersistentVolume } from '../domain/volume.ts'
import type { Workload } from '../domain/workload.ts'
import { blockingCodes, findingLines, inOrder } from './findings.ts'
import { count, hanging, type Layout, plain, table, wrapped } from './layout.ts'

/**
 * A plan for people: what is to move, what to know before, each group with its directories, volumes, workloads, steps
 * and findings, and how to go on.
 * @param apply the command that carries this plan out, for the last line
 */
export function planTable(plan: Plan, layout: Layout & { apply?: string }): string {
  const general = generalFindings(plan)
  const sections = [
    headline(plan, layout),
    ...general.map((finding) => findingLines(finding, layout)),
    ...plan.groups.map((group) =>
      groupSection(
        group,
        plan.findings.filter((f) => !general.includes(f)),
        layout,
      ),
    ),
    goOn(plan, layout),
  ]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function headline(plan: Plan, { columns, color }: Layout): string[] {
  const { driver, secretRef } = plan.migration.target
  const moving = plan.groups.filter((group) => !group.blocked)
  const blocked = plan.groups.filter((group) => group.blocked)
  const parts = [
    moving.length > 0 ? `${volumesOf(moving)} in ${count(moving.length, 'group')} to move` : 'nothing to move',
    plan.done.length > 0 ? `${count(plan.done.length, 'volume')} done already` : '',
    blocked.length > 0 ? `${volumesOf(blocked)} in ${count(blocked.length, 'group')} blocked` : '',
  ]
  return [
    ...wrapped(`Plan ${plan.metadata.name} for Kubernetes ${plan.cluster.version}`, columns).map(color.bold),
    ...wrapped(parts.filter((part) => part !== '').join(', '), columns),
    ...wrapped(`onto ${driver} with Secret ${secretRef.namespace}/${secretRef.name}`, columns).map(color.dim),
  ]
}

/** What is not about one group of this plan alone, and what becomes of the data. */
function generalFindings(plan: Plan): Finding[] {
  const groups = new Set(plan.groups.map((group) => group.name))
  return inOrder(plan.findings).filter((f) => f.code === 'data-stays' || f.group === undefined || !groups.has(f.group))
}

function groupSection(group: PlannedGroup, findings: Finding[], layout: Layout): string[] {
  const { columns, color } = layout
  const own = inOrder(findings.filter((finding) => finding.group === group.name))
  return [
    rule(group, layout),
    ...volumeLines(group, layout),
    ...group.staying.flatMap((directory) => hanging('stays  ', directory, columns)),
    ...(group.workloads.length > 0 ? ['', ...workloadLines(group.workloads, layout)] : []),
    '',
    ...hanging('steps  ', group.steps.join(' → '), columns).map(color.dim),
    ...own.flatMap((finding) => ['', ...findingLines(finding, layout)]),
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
    if (placeOf(volume) !== place) lines.push(...wrapped(placeOf(volume), layout.columns).map(layout.color.cyan))
    place = placeOf(volume)
    lines.push(...(rows[i] ?? []))
  }
  return lines
}

function placeOf({ directory, nodes, subdir }: PlannedVolume): string {
  const where = nodes && nodes.length > 0 ? ` on ${nodes.join(', ')}` : ''
  return plain(`${directory}${where} → ${subdir === '' ? "the file system's root" : subdir}`)
}

function claimOf({ claim }: PlannedVolume): string {
  return claim ? `${claim.metadata.namespace}/${claim.metadata.name}` : '(no claim)'
}

const SHORT_MODE: Record<string, string> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

function sizeAndModes({ spec }: PersistentVolume): string {
  const modes = (spec.accessModes ?? []).map((mode) => SHORT_MODE[mode] ?? mode)
  return [spec.capacity?.storage ?? '', modes.join(',')].filter((part) => part !== '').join(' ')
}

const TREATMENT: Record<Workload['quiesce'], string> = {
  stop: 'stop, then start',
  rolling: 'restart after',
  wait: 'wait for',
  refuse: 'in the way',
  delete: 'delete',
}

function workloadLines(workloads: Workload[], layout: Layout): string[] {
  const { rows } = table(
    workloads.map((workload) => [
      workload.stopped ? 'leave stopped' : TREATMENT[workload.quiesce],
      describeRef(workload.ref),
      workload.stopped ? '' : count(workload.pods.length, 'pod'),
      workload.user === undefined ? '' : `for ${workload.user}`,
    ]),
    { ...layout, indent: 0 },
  )
  return rows.flat()
}

function goOn(plan: Plan, { columns, color, apply = 'juicify apply' }: Layout & { apply?: string }): string[] {
  const blocked = plan.groups.filter((group) => group.blocked)
  const held = blocked
    .map((group) => `${group.name} (${blockingCodes(plan.findings, group.name).join(', ')})`)
    .join(', ')
  const behind = blocked.length === 0 ? [] : hanging('blocked  ', held, columns).map(color.red)
  if (blocked.length < plan.groups.length) return [...behind, ...hanging('go on    ', apply, columns).map(color.bold)]
  if (blocked.length > 0) return [...behind, ...wrapped('Nothing can be moved before that is solved.', columns)]
  return wrapped('Nothing to do.', columns)
}

function volumesOf(groups: PlannedGroup[]): string {
  return count(
    groups.reduce((sum, group) => sum + group.volumes.length, 0),
    'volume',
  )
}
