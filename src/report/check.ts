import type { Level, ReadinessLine } from '../domain/readiness.ts'
import { count } from './amounts.ts'
import { hanging, type Layout } from './layout.ts'

const SIGN: Record<Level, string> = { ok: '✓', warning: '!', problem: '✗' }

/** What `check` found, a line each, and under a warning or a problem what to do about it. */
export function checkText(lines: ReadinessLine[], { columns, color }: Layout): string {
  const paint = { ok: color.green, warning: color.yellow, problem: color.red }
  const text = lines.flatMap(({ level, text, remedy }) => {
    const [first = '', ...rest] = hanging(`${SIGN[level]} `, text, columns)
    return [
      paint[level](SIGN[level]) + first.slice(SIGN[level].length),
      ...rest,
      ...(remedy === undefined ? [] : hanging('  try: ', remedy, columns).map(color.dim)),
    ]
  })
  return `${[...text, '', verdict(lines)].join('\n')}\n`
}

function verdict(lines: ReadinessLine[]): string {
  const of = (level: Level) => lines.filter((line) => line.level === level).length
  const warnings = of('warning') > 0 ? `, ${count(of('warning'), 'warning')} to read before` : ''
  if (of('problem') > 0) return `No migration here yet: ${count(of('problem'), 'problem')}${warnings}.`
  return `Ready to migrate${warnings}.`
}
