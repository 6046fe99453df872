import type { Colors } from 'picocolors/types.js'
import { blockersOf, type Finding, type Severity } from '../domain/finding.ts'
import { describeRef } from '../domain/object.ts'
import { plain } from '../domain/text.ts'
import { said } from '../words/finding.ts'
import { language } from '../words/language.ts'
import { messages } from '../words/messages.ts'
import { hanging, type Layout } from './layout.ts'

const ORDER: Severity[] = ['block', 'warn', 'note']
const SIGN = { block: '✗', warn: '!', note: '·' } as const

/** The findings as they are to be read: what becomes of the data, then the gravest first, otherwise as they came. */
export function inOrder(findings: Finding[]): Finding[] {
  const others = findings.filter((finding) => finding.code !== 'data-stays')
  return [
    ...findings.filter((finding) => finding.code === 'data-stays'),
    ...ORDER.flatMap((severity) => others.filter((finding) => finding.severity === severity)),
  ]
}

/**
 * Findings in their order as paragraphs: what it is and of which object, why, and what to do. Neighbours that are of one
 * code and want the same share a paragraph, so that it is said once.
 */
export function findingParagraphs(findings: Finding[], layout: Layout): string[][] {
  const alike: Finding[][] = []
  for (const finding of findings) {
    const last = alike.at(-1)
    if (last?.[0] && saysTheSame(last[0], finding)) last.push(finding)
    else alike.push([finding])
  }
  return alike.map((these) => paragraph(these, layout))
}

function saysTheSame(a: Finding, b: Finding): boolean {
  return a.severity === b.severity && a.code === b.code && a.remedy === b.remedy && Boolean(a.object && b.object)
}

function paragraph(findings: Finding[], { columns, color }: Layout): string[] {
  const [first] = findings
  if (!first) return []
  const { severity, code } = first
  const says = messages().plan
  const { remedy } = said(first, language())
  const paint = severityColor(severity, color)
  const title = (text: string) => hanging(`${SIGN[severity]} `, text, columns).map(paint)
  const nameOf = ({ object }: Finding) => (object ? plain(describeRef(object)) : '')
  return [
    ...(findings.length === 1
      ? [
          ...title(`${says.severity[severity]} ${code} ${nameOf(first)}`),
          ...hanging('  ', said(first, language()).why, columns),
        ]
      : [
          ...title(`${says.severity[severity]} ${code}`),
          ...findings.flatMap((each) => [
            ...hanging('  ', nameOf(each), columns).map(paint),
            ...hanging('    ', said(each, language()).why, columns),
          ]),
        ]),
    ...(remedy === undefined ? [] : hanging(`  ${says.try}`, remedy, columns).map((line) => color.dim(line))),
  ]
}

/** The codes of the findings that block a group, its own and those that block every group, each once. */
export function blockingCodes(findings: Finding[], group: string): string[] {
  return [...new Set(blockersOf(findings, group).map(({ code }) => plain(code)))]
}

function severityColor(severity: Severity, color: Colors): (text: string) => string {
  return severity === 'block' ? color.red : severity === 'warn' ? color.yellow : color.cyan
}
