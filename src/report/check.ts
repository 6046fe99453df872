import type { Level, ReadinessLine } from '../domain/readiness.ts'
import { checkWords } from '../words/check.ts'
import { language } from '../words/language.ts'
import { messages } from '../words/messages.ts'
import { hanging, type Layout } from './layout.ts'

const SIGN: Record<Level, string> = { ok: '✓', note: '·', warning: '!', problem: '✗' }

/** What `check` found, a line each, and under a warning or a problem what to do about it. */
export function checkText(lines: ReadinessLine[], { columns, color }: Layout): string {
  const paint = { ok: color.green, note: color.dim, warning: color.yellow, problem: color.red }
  const text = lines.flatMap(({ level, text, remedy }) => {
    const [first = '', ...rest] = hanging(`${SIGN[level]} `, text, columns)
    return [
      paint[level](SIGN[level]) + first.slice(SIGN[level].length),
      ...rest,
      ...(remedy === undefined ? [] : hanging(`  ${messages().plan.try}`, remedy, columns).map(color.dim)),
    ]
  })
  return `${[...text, '', verdict(lines)].join('\n')}\n`
}

function verdict(lines: ReadinessLine[]): string {
  const of = (level: Level) => lines.filter((line) => line.level === level).length
  const says = checkWords(language())
  return of('problem') > 0 ? says.notReady(of('problem'), of('warning')) : says.ready(of('warning'))
}
