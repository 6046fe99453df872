import pc from 'picocolors'
import type { Finding } from '../domain/finding.ts'
import { describeRef } from '../domain/object.ts'
import type { Plan, PlannedGroup } from '../domain/plan.ts'
import { clusterWords } from '../domain/survey.ts'
import { plain } from '../domain/text.ts'
import { said } from '../words/finding.ts'
import { language } from '../words/language.ts'
import { messages } from '../words/messages.ts'
import { planDiff } from './diff.ts'
import { inOrder } from './findings.ts'
import { forecastWords } from './forecast.ts'
import {
  claimOf,
  fileSystemName,
  jobsWords,
  measuredWords,
  placeOf,
  quotaWords,
  sizeAndModes,
  totals,
  treatmentOf,
} from './plan-words.ts'

/** The plan as a document for a pull request: what moves, what to know, and the diff of every object. */
export function planMarkdown(plan: Plan): string {
  const says = messages().markdown
  const [cluster, fileSystem] = [text(clusterWords(plan.cluster)), text(fileSystemName(plan))]
  return `${[
    says.plan(text(plan.metadata.name)),
    says.inShort(totals(plan), cluster, fileSystem, plan.jobs ? text(jobsWords(plan)) : undefined),
    ...(plan.findings.length > 0 ? [says.findings, inOrder(plan.findings).map(findingItem).join('\n')] : []),
    ...plan.groups.flatMap(groupSection),
    says.diff,
    fenced('diff', planDiff(plan, { color: pc.createColors(false) })),
  ].join('\n\n')}\n`
}

function findingItem(finding: Finding): string {
  const { severity, code, object, group } = finding
  const { plan, markdown: says } = messages()
  const { why, remedy } = said(finding, language())
  const about = object ? describeRef(object) : group ? says.aboutGroup(group) : says.aboutCluster
  return `- ${says.about(plan.severity[severity], text(code), text(about))}${text(why)}${remedy === undefined ? '' : ` *${text(remedy)}*`}`
}

function groupSection(group: PlannedGroup): string[] {
  const says = messages().markdown
  const rows = group.volumes.map((volume) => [
    claimOf(volume),
    volume.name,
    placeOf(volume),
    sizeAndModes(volume.before),
  ])
  const workloads = group.workloads.map((workload) => {
    const pods = messages().pods(workload.pods.length)
    const user = workload.user === undefined ? undefined : text(workload.user)
    return `- ${says.workload(treatmentOf(workload), text(describeRef(workload.ref)), pods, user)}`
  })
  return [
    says.group(text(group.name), group.blocked),
    [says.columns, ['---', '---', '---', '---'], ...rows.map((row) => row.map(text))]
      .map((row) => `| ${row.join(' | ')} |`)
      .join('\n'),
    ...(group.staying.length > 0 ? [group.staying.map((directory) => says.stays(text(directory))).join('\n')] : []),
    ...measuredItems(group),
    ...quotaItems(group),
    ...(workloads.length > 0 ? [workloads.join('\n')] : []),
    says.steps(group.steps.join(' → ')),
  ]
}

function quotaItems(group: PlannedGroup): string[] {
  const words = quotaWords(group)
  return words.length > 0 ? [words.map((each) => `- ${text(each)}`).join('\n')] : []
}

function measuredItems({ copies, forecast }: PlannedGroup): string[] {
  const words = copies.map(measuredWords).filter((each) => each !== '')
  const says = messages().markdown
  const items = [
    ...words.map((each) => says.data(text(each))),
    ...(forecast ? [says.forecast(text(forecastWords(forecast)))] : []),
  ]
  return items.length > 0 ? [items.join('\n')] : []
}

/** Text of others in a line of Markdown: none of it is taken for markup. */
export function text(words: string): string {
  return plain(words.replace(/\s+/g, ' ')).replace(/[\\`*_[\]<>|~#]/g, '\\$&')
}

/** A block of code whose fence is longer than any in it. */
export function fenced(language: string, code: string): string {
  const fence = '`'.repeat(Math.max(3, ...[...code.matchAll(/`+/g)].map(([run]) => run.length + 1)))
  return `${fence}${language}\n${code}${fence}`
}
