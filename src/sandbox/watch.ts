import type { Api } from './api.ts'
import { expired, StatusError } from './errors.ts'
import { writeJson } from './json.ts'
import { apiVersionOf, resourceOf } from './kinds.ts'
import { selectionOf } from './lists.ts'
import type { ApiObject, Fields } from './object.ts'
import type { Target } from './router.ts'
import type { Reply, SandboxRequest, Sink } from './service.ts'
import type { Change } from './store.ts'
import { tableOf, wantsTable } from './table.ts'

const BOOKMARK_EVERY = 60_000
/** How long a watch lasts that does not say: the server takes 30 to 60 minutes. */
const DEFAULT_TIMEOUT = 45 * 60

type Write = (type: string, object: Fields | ApiObject) => void

/** What happens to the selected objects, from a version or from now on, as a stream that does not end by itself. */
export function watchReply(api: Api, request: SandboxRequest, target: Target): Reply {
  const { query } = request
  const selected = selectionOf(request, target)
  const from = query.get('resourceVersion') ?? ''
  if (!/^\d*$/.test(from))
    throw new StatusError(
      500,
      '',
      `resourceVersion: Invalid value: ${JSON.stringify(from)}: strconv.ParseUint: parsing ${JSON.stringify(from)}: invalid syntax`,
    )
  const resource = resourceOf(target.kind)
  const start = Number(from || 0)
  const stream = (sink: Sink) => {
    if (sink.isGone) return
    // In one go with the subscription below, so that nothing happens in between.
    const past = start === 0 ? initial(api, resource) : api.store.since(resource, start)
    sink.begin()
    const write = writer(api, request, target, sink)
    if (!past) {
      write('ERROR', expired(`too old resource version: ${start} (${api.store.oldest(resource)})`).toStatus())
      sink.end()
      return
    }
    for (const change of past) tell(change, selected, write)
    follow(api, request, target, sink, start, selected, write)
  }
  return { status: 200, stream }
}

function initial(api: Api, resource: string): Change[] {
  return api.store.list(resource).map((object) => ({ type: 'ADDED', resource, version: 0, object }))
}

function follow(
  api: Api,
  request: SandboxRequest,
  target: Target,
  sink: Sink,
  start: number,
  selected: (object: ApiObject) => boolean,
  write: Write,
): void {
  const resource = resourceOf(target.kind)
  const bookmarks = ['1', 'true'].includes(request.query.get('allowWatchBookmarks') ?? '')
  const bookmark = () => {
    const { kind, version } = target
    const metadata = { resourceVersion: String(api.store.version), creationTimestamp: null }
    write('BOOKMARK', { kind: kind.kind, apiVersion: apiVersionOf(kind.group, version), metadata })
  }
  const unsubscribe = api.store.subscribe((change) => {
    if (change.resource === resource && change.version > start) tell(change, selected, write)
  })
  const timer = bookmarks ? setInterval(bookmark, BOOKMARK_EVERY) : undefined
  const seconds = Number(request.query.get('timeoutSeconds') ?? 0) || DEFAULT_TIMEOUT
  const end = setTimeout(() => {
    if (bookmarks) bookmark()
    sink.end()
  }, seconds * 1000)
  sink.onClose(() => {
    unsubscribe()
    clearInterval(timer)
    clearTimeout(end)
  })
}

/** Tells of a change as those see it who only see what is selected: what comes into the selection is added to it. */
function tell({ type, object, previous }: Change, selected: (object: ApiObject) => boolean, write: Write): void {
  const before = type === 'ADDED' ? false : selected(previous ?? object)
  const now = type === 'DELETED' ? false : selected(object)
  if (now) write(before ? 'MODIFIED' : 'ADDED', object)
  else if (before) write('DELETED', object)
}

function writer(api: Api, request: SandboxRequest, { kind, version }: Target, sink: Sink): Write {
  const asTable = wantsTable(request.accept)
  return (type, object) => {
    if (sink.isGone) return
    const shown = type === 'ERROR' || type === 'BOOKMARK' ? object : api.inVersion(kind, object as ApiObject, version)
    const table = asTable && type !== 'ERROR' && type !== 'BOOKMARK'
    const sent = table ? tableOf(kind, version, [shown as ApiObject], {}, request.query) : shown
    sink.write(`${writeJson({ type, object: sent })}\n`)
  }
}
