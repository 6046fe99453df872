import type { Api } from './api.ts'
import { badRequest, expired } from './errors.ts'
import { apiVersionOf, resourceOf } from './kinds.ts'
import { type ApiObject, at, keyOf } from './object.ts'
import type { Target } from './router.ts'
import { parseFieldSelector, parseLabelSelector } from './selectors.ts'
import type { Reply, SandboxRequest } from './service.ts'
import { tableOf, wantsTable } from './table.ts'

/** The test of what a request selects: namespace, name, labels, fields. */
export function selectionOf(
  { query }: SandboxRequest,
  { kind, namespace, name }: Target,
): (object: ApiObject) => boolean {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '')
  const byField = parseFieldSelector(query.get('fieldSelector') ?? '', resourceOf(kind))
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    (name === undefined || object.metadata.name === name) &&
    labels(object.metadata.labels ?? {}) &&
    byField(object)
}

interface Page {
  version: number
  /** The key of the last object of the page before. */
  after: string
}

/** A list, or a page of one. The pages of a list are all of the same version. */
export function listReply(api: Api, request: SandboxRequest, target: Target): Reply {
  const { kind, version } = target
  const selected = selectionOf(request, target)
  const limit = Number(request.query.get('limit') ?? 0)
  const token = request.query.get('continue')
  const resource = resourceOf(kind)
  const page = token ? readToken(token) : { version: api.store.version, after: '' }
  const all = token ? api.store.snapshot(resource, page.version) : api.store.list(resource)
  if (!all)
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
    )
  const matching = firstOf(
    all,
    limit > 0 ? limit + 1 : Number.POSITIVE_INFINITY,
    (object) => selected(object) && (page.after === '' || keyOf(object) > page.after),
  )
  const shown = limit > 0 ? matching.slice(0, limit) : matching
  const last = shown.at(-1)
  const more = matching.length > shown.length && last !== undefined
  if (more && !token) api.store.keepSnapshot(resource)
  const metadata = {
    resourceVersion: String(page.version),
    ...(more ? { continue: writeToken({ version: page.version, after: keyOf(last) }) } : {}),
  }
  const objects = shown.map((object) => api.inVersion(kind, object, version))
  if (wantsTable(request.accept)) return { status: 200, body: tableOf(kind, version, objects, metadata, request.query) }
  return {
    status: 200,
    body: {
      kind: `${kind.kind}List`,
      apiVersion: apiVersionOf(kind.group, version),
      metadata,
      // The server leaves both out in lists of its own kinds; those of custom resources have them.
      items: kind.custom ? objects : objects.map(({ apiVersion: _, kind: __, ...object }) => object),
    },
  }
}

function firstOf(all: readonly ApiObject[], count: number, test: (object: ApiObject) => boolean): ApiObject[] {
  const found: ApiObject[] = []
  for (const object of all) {
    if (!test(object)) continue
    found.push(object)
    if (found.length >= count) break
  }
  return found
}

function writeToken(page: Page): string {
  return Buffer.from(JSON.stringify(page)).toString('base64url')
}

function readToken(token: string): Page {
  try {
    const page: unknown = JSON.parse(Buffer.from(token, 'base64url').toString())
    const version = at(page, 'version')
    const after = at(page, 'after')
    if (typeof version === 'number' && typeof after === 'string') return { version, after }
  } catch {
    // Answered below.
  }
  throw badRequest('invalid continue token: continue key is not valid')
}
