import type { Colors } from 'picocolors/types.js'
import type { Finding, Severity } from '../domain/finding.ts'
import { describeRef } from '../domain/object.ts'
import { hanging, type Layout, plain } from './layout.ts'

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

/** A finding as a paragraph: what it is and of which object, why, and what to do. */
export function findingLines(finding: Finding, { columns, color }: Layout): string[] {
  const { severity, code, object, why, remedy } = finding
  const [head = '', ...rest] = hanging(
    `${SIGN[severity]} `,
    `${severity} ${code}${object ? ` ${plain(describeRef(object))}` : ''}`,
    columns,
  )
  const paint = severityColor(severity, color)
  return [
    paint(head),
    ...rest.map(paint),
    ...hanging('  ', why, columns),
    ...hanging('  try: ', remedy, columns).map((line) => color.dim(line)),
  ]
}

/** The codes of the findings that block a group, its own and those that block every group, each once. */
export function blockingCodes(findings: Finding[], group: string): string[] {
  const blocking = findings.filter((f) => f.severity === 'block' && (f.group === undefined || f.group === group))
  return [...new Set(blocking.map(({ code }) => plain(code)))]
}

function severityColor(severity: Severity, color: Colors): (text: string) => string {
  return severity === 'block' ? color.red : severity === 'warn' ? color.yellow : color.cyan
}
