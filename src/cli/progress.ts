import { EVENTS_VERSION, type Event } from '../engine/events.ts'
import type { StepDecision, StepQuestion } from '../engine/group-runner.ts'
import { eventLine } from './event-line.ts'
import { canRedraw, layoutOf, say } from './terminal.ts'

/** Shows what a run tells; on a terminal as it changes, elsewhere line by line, to a program as JSON. */
export interface ProgressDisplay {
  emit(event: Event): void
  /** Asks before a step; only where somebody is there to answer. The signal is an answer too: to stop. */
  ask?(question: StepQuestion, signal: AbortSignal): Promise<StepDecision>
  /** Leaves the terminal as the last event left it. */
  close(): Promise<void>
}

export async function progressFor(argv: { output?: 'text' | 'json'; color?: boolean }): Promise<ProgressDisplay> {
  if (argv.output === 'json') return shownBy((event) => process.stdout.write(jsonLine(event)))
  const layout = layoutOf(process.stderr, argv.color)
  if (canRedraw()) {
    const { terminalProgress } = await import('./terminal-progress.ts')
    return terminalProgress(layout)
  }
  const isDue = seldom()
  return shownBy((event, at) => {
    if (isDue(event, at)) for (const line of eventLine(event, at, layout)) say(line)
  })
}

/** What a program is told: an event, or the summary, in a line of its own with its version and its time. */
export function jsonLine(content: object): string {
  return `${JSON.stringify({ version: EVENTS_VERSION, time: new Date().toISOString(), ...content })}\n`
}

/** How far something is, line by line, is said no more often: milliseconds. */
const SELDOM = 30_000

/** Whether an event is to be said in a line: of how far each Job is, one every 30 s. */
export function seldom(): (event: Event, at: Date) => boolean {
  const said = new Map<string, number>()
  return (event, at) => {
    if (event.type !== 'progress') return true
    const job = [event.group, event.step, event.directory, event.node, event.part].join('\0')
    const [now, last] = [at.getTime(), said.get(job)]
    // a short copy is over before anybody asks how far it is
    if (last === undefined || now - last >= SELDOM) said.set(job, now)
    return last !== undefined && now - last >= SELDOM
  }
}

function shownBy(show: (event: Event, at: Date) => void): ProgressDisplay {
  return { emit: (event) => show(event, new Date()), close: async () => {} }
}
