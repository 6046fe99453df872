import type { KubeObject } from '../domain/object.ts'
import type { ListResult, WatchEvent } from './cluster.ts'
import { parseJson } from './json.ts'
import { onAbort, pause } from './signal.ts'
import type { AnswerStream } from './transport.ts'

/** Where a watch gets its answers from. */
export interface WatchSource {
  /** Opens the stream of events after a version. Throws WatchExpired, or what is final. */
  open(resourceVersion: string): Promise<AnswerStream>
  /** Milliseconds after which `open` asks the server to end the stream. */
  streamTimeout: number
  list(): Promise<ListResult<KubeObject>>
  /** True for an error after which trying again is of use. */
  passing(error: unknown): boolean
}

/** The version to watch from is too old; what happened since has to be found by listing. */
export class WatchExpired extends Error {}

/** The server ended the stream with an error that is no reason not to go on. */
export class WatchInterrupted extends Error {}

/** By how much a stream may outlive the time that the server was asked to end it after. */
const GRACE = 1.2
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 5_000

export interface WatchStart {
  /** From now on where not given. */
  resourceVersion?: string | undefined
  /** The objects as of that version, so that after a 410 their deletions can be told too. */
  known?: KubeObject[] | undefined
  signal: AbortSignal
}

/** The loop behind Cluster.watch, which says what it promises. */
export async function* watchEvents(source: WatchSource, start: WatchStart): AsyncGenerator<WatchEvent<KubeObject>> {
  const { signal } = start
  const known = new Map((start.known ?? []).map((object) => [keyOf(object), object]))
  let version = start.resourceVersion
  let started = version !== undefined
  let failures = 0
  while (!signal.aborted) {
    const began = Date.now()
    try {
      if (version === undefined) {
        const now = await source.list()
        const news = differences(known, now.items)
        for (const event of news) note(known, event)
        version = now.resourceVersion
        // Without a version to start from, the first list is the starting point and no news.
        if (started) yield* news
        started = true
      }
      for await (const event of eventsOf(source, version, signal)) {
        version = event.object.metadata.resourceVersion ?? version
        failures = 0
        if (event.type === 'BOOKMARK') continue
        note(known, event)
        yield event
      }
      failures = Date.now() - began > LONGEST_PAUSE ? 0 : failures + 1
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof WatchExpired) version = undefined
      else if (!source.passing(error)) throw error
      failures++
    }
    await pause(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures) * (0.5 + Math.random() / 2), signal)
  }
}

/** What has to be told to somebody who knows `known` when the objects are `now`. */
function differences(known: ReadonlyMap<string, KubeObject>, now: KubeObject[]): WatchEvent<KubeObject>[] {
  const there = new Set(now.map(keyOf))
  const gone = [...known].filter(([key]) => !there.has(key)).map(([, object]) => ({ type: 'DELETED' as const, object }))
  const news = now.flatMap((object): WatchEvent<KubeObject>[] => {
    const before = known.get(keyOf(object))
    if (!before) return [{ type: 'ADDED' as const, object }]
    return before.metadata.resourceVersion === object.metadata.resourceVersion
      ? []
      : [{ type: 'MODIFIED' as const, object }]
  })
  return [...gone, ...news]
}

type StreamEvent = WatchEvent<KubeObject> | { type: 'BOOKMARK'; object: KubeObject }

/** The events of one stream, until the server ends it or says nothing for too long. */
async function* eventsOf(source: WatchSource, version: string, signal: AbortSignal): AsyncGenerator<StreamEvent> {
  const response = await source.open(version)
  const end = () => response.destroy()
  const deadline = setTimeout(end, source.streamTimeout * GRACE)
  const forget = onAbort(signal, end)
  try {
    if (signal.aborted) return
    for await (const line of linesOf(response)) yield readEvent(line)
  } finally {
    clearTimeout(deadline)
    forget()
    response.destroy()
  }
}

/** Lines of a stream; one that breaks off in the middle of a line ends there, for the line is no event. */
async function* linesOf(response: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of response) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      yield* lines.filter((line) => line !== '')
    }
  } catch {
    // A closed connection is what the loop above is there for.
  }
}

function readEvent(line: string): StreamEvent {
  const event = parseEvent(line)
  if (event.type !== 'ERROR') return { type: event.type, object: event.object }
  const { code, reason } = event.object as { code?: unknown; reason?: unknown }
  if (code === 410 || reason === 'Expired' || reason === 'Gone') throw new WatchExpired('the version is too old')
  throw new WatchInterrupted(`the server ended the watch (${String(reason ?? code)})`)
}

function parseEvent(line: string): { type: StreamEvent['type'] | 'ERROR'; object: KubeObject } {
  try {
    return parseJson(line) as ReturnType<typeof parseEvent>
  } catch {
    throw new WatchInterrupted('an event is not JSON')
  }
}

function note(known: Map<string, KubeObject>, event: WatchEvent<KubeObject>): void {
  if (event.type === 'DELETED') known.delete(keyOf(event.object))
  else known.set(keyOf(event.object), event.object)
}

/** An object that was deleted and made again under its name is another one. */
function keyOf({ metadata }: KubeObject): string {
  return metadata.uid ?? `${metadata.namespace ?? ''}/${metadata.name}`
}
