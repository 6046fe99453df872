import { COLUMNS, type Column } from './columns.ts'
import type { Kind, PrinterColumn } from './kinds.ts'
import { type ApiObject, at, type Fields, fields, items } from './object.ts'

/** True where a client likes a table best, as `kubectl get` does. */
export function wantsTable(accept: string): boolean {
  return /^application\/json;[^,]*as=Table/.test(accept.replaceAll(' ', ''))
}

/** The objects as a table: the columns that `kubectl get` shows, a row for each. */
export function tableOf(
  kind: Kind,
  version: string,
  objects: ApiObject[],
  metadata: Fields,
  query: URLSearchParams,
): Fields {
  const columns = columnsOf(kind, version)
  const include = query.get('includeObject') ?? 'Metadata'
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map(({ name, type, format, priority }) => ({
      name,
      type,
      format: format ?? (name === 'Name' ? 'name' : ''),
      description: name,
      priority: priority ?? 0,
    })),
    rows: objects.map((object) => ({ cells: columns.map(({ cell }) => cell(object)), ...withObject(object, include) })),
  }
}

function withObject(object: ApiObject, include: string): Fields {
  if (include === 'None') return {}
  if (include === 'Object') return { object }
  return { object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata } }
}

const NAME: Column = { name: 'Name', type: 'string', cell: ({ metadata }) => metadata.name }
const AGE: Column = { name: 'Age', type: 'string', cell: ({ metadata }) => ageOf(metadata.creationTimestamp) }

function columnsOf(kind: Kind, version: string): Column[] {
  const own = kind.custom ? (kind.custom.columns[version] ?? []).map(customColumn) : COLUMNS[kind.kind]
  if (kind.custom && own?.length) return [NAME, ...own]
  const at = own?.findIndex(({ name }) => name === 'Age') ?? -1
  // Where a kind's columns say where the age goes it goes there, else behind them.
  if (own && at >= 0) return [NAME, ...own.slice(0, at), AGE, ...own.slice(at + 1)]
  if (kind.kind === 'Event' && own) return own
  return [NAME, ...(own ?? []), AGE]
}

function customColumn({ name, type, format, priority, jsonPath }: PrinterColumn): Column {
  return {
    name,
    type,
    ...(format === undefined ? {} : { format }),
    ...(priority === undefined ? {} : { priority }),
    cell: (object) => {
      const value = valueAt(object, jsonPath)
      return type === 'date' && typeof value === 'string' ? ageOf(value) : (value ?? null)
    },
  }
}

/** The value at a simple JSONPath: `.spec.field`, `.status.list[0].field`, `.status.conditions[?(@.type=="X")].status`. */
function valueAt(object: unknown, path: string): unknown {
  let here = object
  for (const [, name, index, key, value] of path.matchAll(
    /\.([\w/\\-]+)|\[(\d+|-1)\]|\[\?\(@\.(\w+)\s*==\s*["']([^"']*)["']\)\]/g,
  )) {
    if (name !== undefined) here = at(here, name)
    else if (index !== undefined) here = items(here).at(Number(index))
    else here = items(here).find((item) => fields(item)[key ?? ''] === value)
  }
  return here
}

/** How long ago a time was, as kubectl writes it. */
export function ageOf(time: unknown): string {
  if (typeof time !== 'string') return '<unknown>'
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(time)) / 1000))
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3600), Math.floor(seconds / 86_400)]
  if (seconds < 120) return `${seconds}s`
  if (minutes < 10) return seconds % 60 ? `${minutes}m${seconds % 60}s` : `${minutes}m`
  if (minutes < 180) return `${minutes}m`
  if (hours < 8) return minutes % 60 ? `${hours}h${minutes % 60}m` : `${hours}h`
  if (hours < 48) return `${hours}h`
  if (days < 8) return hours % 24 ? `${days}d${hours % 24}h` : `${days}d`
  if (days < 730) return `${days}d`
  return `${Math.floor(days / 365)}y${days % 365 ? `${days % 365}d` : ''}`
}
