import type { InferOutput } from 'valibot'
import type { InLanguage } from '../domain/failure.ts'
import type { EventLine, SummaryLine } from './events-schema.ts'

/**
 * The version of the lines of `-o json`. To be raised by whoever changes a line in a way that a program which reads them
 * would notice; what is added is no such change. Juicify 0.1.0 wrote none, and told in prose what now has fields.
 */
export const EVENTS_VERSION = 2

/**
 * What may become of a volume in a run, in the order in which a summary has them: what went wrong stands last. Of a group that
 * did not come to its end it is the volume's own: `swapped`, in its new place, though its group is not done; `away`, it or
 * its claim is not bound; `unknown`, it could not be seen, or is neither of the two volumes.
 */
export const VOLUME_OUTCOMES = [
  'migrated',
  'copied',
  'rolled-back',
  'skipped',
  'untouched',
  'swapped',
  'unknown',
  'blocked',
  'failed',
  'away',
] as const

/** An event as it goes out, with its version and its time, RFC 3339. */
export type TimedEvent = InferOutput<typeof EventLine>

/**
 * What a run tells while it works; it prints nothing itself. docs/events.md has an example of each. What it has in words is
 * English, and so is what JSON and records keep of it; `in` says the same to people in their language.
 */
export type Event = Untimed<TimedEvent> & { in?: InLanguage | undefined }

/** The last line of a run: how it ended, volume by volume. */
export type Summary = InferOutput<typeof SummaryLine>

/** An event of one type. */
export type EventOf<Type extends Event['type']> = Extract<Event, { type: Type }>

/** How a group, and with it each of its volumes, came out of a run. */
export type GroupOutcome = EventOf<'group-ended'>['outcome']

export type Emit = (event: Event) => void

type Untimed<Line> = Line extends unknown ? Omit<Line, 'version' | 'time'> : never
