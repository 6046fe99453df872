import type { Event, TimedEvent } from '../engine/events.ts'
import type { Answer, Question } from '../engine/travel.ts'
import { eventLine } from './event-line.ts'
import { isInteractive, layoutOf, say } from './terminal.ts'

/** Shows what a run tells; on a terminal as it changes, elsewhere line by line, to a program as JSON. */
export interface Progress {
  emit(event: Event): void
  /** Asks before a step; only where somebody is there to answer. */
  ask?(question: Question): Promise<Answer>
  /** Leaves the terminal as the last event left it. */
  close(): Promise<void>
}

export async function progressFor(argv: { output?: 'text' | 'json'; color?: boolean }): Promise<Progress> {
  if (argv.output === 'json') return timed((event) => process.stdout.write(`${JSON.stringify(event)}\n`))
  const layout = layoutOf(process.stderr, argv.color)
  if (isInteractive() && process.env.TERM !== 'dumb') {
    const { terminalProgress } = await import('./terminal-progress.ts')
    return terminalProgress(layout)
  }
  return timed((event) => {
    for (const line of eventLine(event, layout)) say(line)
  })
}

function timed(show: (event: TimedEvent) => void): Progress {
  return { emit: (event) => show({ time: new Date().toISOString(), ...event }), close: async () => {} }
}
