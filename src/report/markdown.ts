import pc from 'picocolors'
import type { Finding } from '../domain/finding.ts'
import { describeRef } from '../domain/object.ts'
import type { Plan, PlannedGroup } from '../domain/plan.ts'
import { count } from './amounts.ts'
import { planDiff } from './diff.ts'
import { inOrder } from './findings.ts'
import { plain } from './layout.ts'
import {
  claimOf,
  fileSystemName,
  jobsWords,
  measuredWords,
  placeOf,
  sizeAndModes,
  totals,
  treatmentOf,
} from './plan-words.ts'

/** The plan as a document for a pull request: what moves, what to know, and the diff of every object. */
export function planMarkdown(plan: Plan): string {
  return `${[
    `# Plan ${text(plan.metadata.name)}`,
    `${totals(plan)}, for Kubernetes ${text(plan.cluster.version)}, onto ${text(fileSystemName(plan))}${plan.jobs ? `, ${text(jobsWords(plan))}` : ''}.`,
    ...(plan.findings.length > 0 ? ['## Findings', inOrder(plan.findings).map(findingItem).join('\n')] : []),
    ...plan.groups.flatMap(groupSection),
    '## Diff',
    fenced('diff', planDiff(plan, { color: pc.createColors(false) })),
  ].join('\n\n')}\n`
}

function findingItem({ severity, code, object, group, why, remedy }: Finding): string {
  const about = object ? describeRef(object) : group ? `group ${group}` : 'the cluster'
  return `- **${severity} ${text(code)}**, ${text(about)}: ${text(why)} *${text(remedy)}*`
}

function groupSection(group: PlannedGroup): string[] {
  const rows = group.volumes.map((volume) => [
    claimOf(volume),
    volume.name,
    placeOf(volume),
    sizeAndModes(volume.before),
  ])
  const workloads = group.workloads.map((workload) => {
    const user = workload.user === undefined ? '' : `, for ${workload.user}`
    return `- ${treatmentOf(workload)}: ${text(`${describeRef(workload.ref)}, ${count(workload.pods.length, 'pod')}${user}`)}`
  })
  return [
    `## Group ${text(group.name)}${group.blocked ? ' (blocked)' : ''}`,
    [
      ['claim', 'PersistentVolume', 'directory → subdir', 'size'],
      ['---', '---', '---', '---'],
      ...rows.map((row) => row.map(text)),
    ]
      .map((row) => `| ${row.join(' | ')} |`)
      .join('\n'),
    ...(group.staying.length > 0 ? [group.staying.map((directory) => `- stays: ${text(directory)}`).join('\n')] : []),
    ...measuredItems(group),
    ...(workloads.length > 0 ? [workloads.join('\n')] : []),
    `Steps: ${group.steps.join(' → ')}`,
  ]
}

function measuredItems({ copies }: PlannedGroup): string[] {
  const words = copies.map(measuredWords).filter((each) => each !== '')
  return words.length > 0 ? [words.map((each) => `- data: ${text(each)}`).join('\n')] : []
}

/** Text of others in a line of Markdown: none of it is taken for markup. */
function text(words: string): string {
  return plain(words.replace(/\s+/g, ' ')).replace(/[\\`*_[\]<>|~#]/g, '\\$&')
}

/** A block of code whose fence is longer than any in it. */
function fenced(language: string, code: string): string {
  const fence = '`'.repeat(Math.max(3, ...[...code.matchAll(/`+/g)].map(([run]) => run.length + 1)))
  return `${fence}${language}\n${code}${fence}`
}
