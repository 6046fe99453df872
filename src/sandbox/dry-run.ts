import { invalid } from './errors.ts'
import { at, items } from './object.ts'
import type { RequestAsRead } from './service.ts'

const OPTIONS: Record<string, string> = { POST: 'CreateOptions', PUT: 'UpdateOptions', PATCH: 'PatchOptions' }

/** True where it is only asked what would become of it, in the query or in the options of a deletion. Throws 422. */
export function isDryRun({ method, query, body }: Pick<RequestAsRead, 'method' | 'query' | 'body'>): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  // a deletion that has a body is asked for by that alone
  const inBody = method === 'DELETE' && body !== undefined
  const said = (inBody ? items(at(body, 'dryRun')) : query.getAll('dryRun')).map(String)
  if (said.some((value) => value !== 'All'))
    throw invalid({ group: 'meta.k8s.io', kind: OPTIONS[method] ?? 'DeleteOptions', name: '' }, [
      {
        reason: 'FieldValueNotSupported',
        message: `Unsupported value: [${said.map((value) => JSON.stringify(value)).join(' ')}]: supported values: "All"`,
        field: 'dryRun',
      },
    ])
  return said.length > 0
}
