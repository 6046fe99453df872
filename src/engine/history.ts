import { EVENTS_VERSION, type Event } from './events.ts'
import type { GroupRecord } from './record.ts'

/** Of these there is nothing to be seen in the cluster later, nor would a run that goes on tell them again. */
const RESULTS = new Set<Event['type']>([
  'copied',
  'verified',
  'join-compared',
  'missing-brought',
  'workload-stopped',
  'workload-started',
  'workload-restarted',
  'used-meanwhile',
])

/** What a record keeps of what its runs have told: the steps, what was copied and compared, and who stood still. */
const KEPT = new Set<Event['type']>([...RESULTS, 'step-started', 'step-ended', 'workload-left', 'probed'])

/** Characters that the history of a group may have: with the rest of its record that is less than etcd takes. */
const MOST_CHARACTERS = 150_000
/** Max examples kept of a list, and max characters of a path. */
const MOST_EXAMPLES = 5
const LONGEST_PATH = 200

/** True for what would be lost for good if it were not written down before the run is killed. */
export function isResult(event: Event): boolean {
  return RESULTS.has(event.type) || (event.type === 'volume-moved' && event.awayMs !== undefined)
}

/** An event as a line of the history: as `-o json` has it, without its group; undefined for one that is not kept. */
export function historyLine(event: Event, at: Date): string | undefined {
  if (!KEPT.has(event.type)) return undefined
  const { group: _, ...told } = event as Event & { group?: string }
  return JSON.stringify({ version: EVENTS_VERSION, time: at.toISOString(), ...told }, shortened)
}

/** The record with these lines at the end of its history; where that gets too long the oldest lines go. */
export function withHistory(record: GroupRecord, lines: string[]): GroupRecord {
  const history = [...(record.state.history ?? []), ...lines]
  let characters = history.reduce((sum, line) => sum + line.length, 0)
  let dropped = 0
  while (characters > MOST_CHARACTERS) characters -= history[dropped++]?.length ?? characters
  return { ...record, state: { ...record.state, history: history.slice(dropped) } }
}

function shortened(key: string, value: unknown): unknown {
  if (Array.isArray(value) && EXAMPLES.has(key)) return value.slice(0, MOST_EXAMPLES)
  if (key === 'path' && typeof value === 'string' && value.length > LONGEST_PATH) {
    return `${value.slice(0, LONGEST_PATH - 1)}…`
  }
  return value
}

const EXAMPLES = new Set(['conflicts', 'differences', 'examples', 'pods'])
