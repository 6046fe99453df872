import { awayTime } from './amounts.ts'
import { type Layout, plain } from './layout.ts'

/** What was written on which node, and where it was seen. */
export interface ProbeOutcome {
  what: string
  writer: string
  readers: { node: string; roundTripMs: number }[]
}

/** A line for each node that read what was written; the time is for the way there and back. */
export function probeText(outcomes: ProbeOutcome[], { color }: Layout): string {
  const lines = outcomes.flatMap(({ what, writer, readers }) =>
    readers.map(
      ({ node, roundTripMs }) =>
        `${color.green('✓')} ${plain(what)}: written on ${plain(writer)}, read on ${plain(node)}, its answer read on ${plain(writer)} again after ${span(roundTripMs)}`,
    ),
  )
  return `${lines.join('\n')}\n`
}

/** The clock of the probe's pods counts hundredths of a second. */
function span(ms: number): string {
  if (ms === 0) return 'less than 10 ms'
  return ms < 1000 ? `${ms} ms` : awayTime(ms)
}
