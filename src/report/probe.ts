import { plain } from '../domain/text.ts'
import { messages } from '../words/messages.ts'
import { span } from './amounts.ts'
import type { Layout } from './layout.ts'

/** What was written on which node, and where it was seen. */
export interface ProbeOutcome {
  what: string
  writer: string
  readers: { node: string; roundTripMs: number }[]
}

/** The cluster, and a line for each node that read what was written; the time is for the way there and back. */
export function probeText(outcomes: ProbeOutcome[], cluster: string, { color }: Layout): string {
  const lines = outcomes.flatMap(({ what, writer, readers }) =>
    readers.map(
      ({ node, roundTripMs }) =>
        `${color.green('✓')} ${plain(messages().probe.seen({ what, writer, node, roundTrip: roundTrip(roundTripMs) }))}`,
    ),
  )
  return `${[plain(messages().question.onCluster(cluster)), ...lines].join('\n')}\n`
}

/** The clock of the probe's pods counts hundredths of a second. */
function roundTrip(ms: number): string {
  return ms === 0 ? messages().probe.lessThan(span(10)) : span(ms)
}
