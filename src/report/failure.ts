import type { Colors } from 'picocolors/types.js'
import type { Failure } from '../domain/failure.ts'
import { plain } from '../domain/text.ts'
import { language } from '../words/language.ts'
import { messages } from '../words/messages.ts'

/**
 * A failure as lines for a person, `error: …`, what belongs to it, and `  try: …`; nothing is wrapped, so that it can be
 * searched for.
 * @param verbose also the causes underneath, each with its own stack
 */
export function failureText(
  failure: Failure,
  { color, verbose = false }: { color: Colors; verbose?: boolean },
): string {
  const says = messages().failure
  const { message, remedy } = failure.in(language())
  const [first = '', ...more] = linesOf(message)
  const lines = [
    `${color.red(says.error)}${first}`,
    ...more.map((line) => `  ${line}`),
    ...(remedy === undefined ? [] : [`  ${color.bold(says.try)}${linesOf(remedy).join(' ')}`]),
    ...(verbose ? causesOf(failure).flatMap(causeLines).map(color.dim) : []),
  ]
  return `${lines.join('\n')}\n`
}

function linesOf(text: string): string[] {
  return text
    .trim()
    .split(/\s*\n\s*/)
    .map(plain)
}

/** What it came from, the nearest first; a cause that is its own cause ends it. */
function causesOf(error: Error): unknown[] {
  const causes = new Set<unknown>()
  let cause = error.cause
  while (cause !== undefined && !causes.has(cause)) {
    causes.add(cause)
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return [...causes]
}

function causeLines(cause: unknown): string[] {
  const text = cause instanceof Error ? (cause.stack ?? `${cause.name}: ${cause.message}`) : String(cause)
  return text.split('\n').map((line, i) => `  ${i === 0 ? messages().failure.because : '  '}${plain(line.trim())}`)
}
