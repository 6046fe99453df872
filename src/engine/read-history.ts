import { safeParse } from 'valibot'
import type { StepName } from '../domain/plan.ts'
import type { EventOf, TimedEvent } from './events.ts'
import { EventLine } from './events-schema.ts'
import type { GroupRecord } from './record.ts'

/** From when until when, in milliseconds since 1970; without an end where it is not over, or nobody saw it. */
export interface Span {
  from: number
  until?: number
}

export interface StepSpan extends Span {
  step: StepName
  undo: boolean
  outcome: 'done' | 'done-already' | 'failed' | 'broken off'
}

export interface Downtime extends Span {
  workload: string
}

type Timed<Type extends TimedEvent['type']> = EventOf<Type> & { time: string }

/** What the runs of a group have done, as its record tells it. */
export interface History {
  steps: StepSpan[]
  downtimes: Downtime[]
  copied: Timed<'copied'>[]
  verified: Timed<'verified'>[]
  joined: Timed<'join-compared'>[]
  restarted: Timed<'workload-restarted'>[]
  /** Lines that another version has written, or nobody of ours. */
  unread: number
}

/** Reads the history of a record; whatever stands in it, what is no event of ours is counted, and not believed. */
export function historyOf({ kept, state }: GroupRecord): History {
  const lines = (state.history ?? []).map((line) => eventIn(line, kept.group.name))
  const events = lines.filter((event) => event !== undefined)
  const only = <Type extends TimedEvent['type']>(type: Type) =>
    events.filter((event): event is TimedEvent & Timed<Type> => event.type === type)
  const over = state.phase === 'migrated' ? Date.parse(state.updatedAt) : undefined
  return {
    steps: stepsOf(events, over),
    downtimes: downtimesOf(events),
    copied: only('copied'),
    verified: only('verified'),
    joined: only('join-compared'),
    restarted: only('workload-restarted'),
    unread: lines.length - events.length,
  }
}

function eventIn(line: string, group: string): TimedEvent | undefined {
  try {
    const read = safeParse(EventLine, { ...JSON.parse(line), group })
    return read.success ? read.output : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** @param over when the group was marked as migrated, with which its last step ends */
function stepsOf(events: TimedEvent[], over: number | undefined): StepSpan[] {
  const steps: StepSpan[] = []
  let open: StepSpan | undefined
  for (const event of events) {
    const at = Date.parse(event.time)
    if (event.type === 'step-started') {
      // the run that had begun it is no more
      open = { step: event.step, undo: event.undo, from: at, outcome: 'broken off' }
      steps.push(open)
    } else if (event.type === 'step-ended') {
      if (open?.step === event.step && open.undo === event.undo)
        Object.assign(open, { until: at, outcome: event.outcome })
      open = undefined
    }
  }
  if (open && over !== undefined && open.step === 'finish') Object.assign(open, { until: over, outcome: 'done' })
  return steps
}

/**
 * Since when each workload stood still, and until when. One that a killed run has stopped is told again by the run that
 * goes on; where the first did not get to tell it, it may have stood still since that one began to stop.
 */
function downtimesOf(events: TimedEvent[]): Downtime[] {
  const downtimes: Downtime[] = []
  const open = new Map<string, Downtime>()
  let stopping: number | undefined
  let brokenOff: number | undefined
  for (const event of events) {
    const at = Date.parse(event.time)
    if (event.type === 'step-started' && event.step === 'stop') {
      brokenOff ??= stopping
      stopping = at
    }
    if (event.type === 'step-ended' && event.step === 'stop') stopping = brokenOff = undefined
    if (event.type === 'workload-stopped' && !open.has(event.workload)) {
      const downtime = { workload: event.workload, from: brokenOff ?? at }
      open.set(event.workload, downtime)
      downtimes.push(downtime)
    }
    if (event.type === 'workload-started') {
      const downtime = open.get(event.workload)
      if (downtime) downtime.until = at
      open.delete(event.workload)
    }
  }
  return downtimes
}
