import { badRequest, StatusError, tooDeep } from './errors.ts'
import { MAX_DEPTH } from './json.ts'
import { copyOf, define, type Fields, fields, isEqual, isFields, items } from './object.ts'

/** The object after a JSON merge patch (RFC 7386). */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch
  const result: Fields = isFields(target) ? { ...target } : {}
  for (const key of Object.keys(patch)) {
    const value = patch[key]
    if (value === null) delete result[key]
    else define(result, key, mergePatch(Object.hasOwn(result, key) ? result[key] : undefined, value))
  }
  return result
}

/** The object after a JSON patch (RFC 6902). Throws 422 where an operation does not apply, as the server does. */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch')
  let result = copyOf(target)
  let copied = 0
  for (const operation of patch.map(fields)) {
    // Each may double what is there.
    if (operation.op === 'copy') copied += JSON.stringify(read(result, pointer(operation.from), true) ?? null).length
    if (copied > COPY_LIMIT)
      throw new StatusError(
        413,
        'RequestEntityTooLarge',
        `Unable to complete the copy, the accumulated size increase of copy is ${copied}, exceeding the limit ${COPY_LIMIT}`,
      )
    result = applyOperation(result, operation)
    if (depthOf(result) > MAX_DEPTH) throw tooDeep()
  }
  return result
}

/** How much a patch may copy, in characters of JSON: as much as a request may hold. */
const COPY_LIMIT = 3 * 1024 * 1024

function depthOf(value: unknown): number {
  const parts = Array.isArray(value) ? value : isFields(value) ? Object.values(value) : undefined
  return parts ? 1 + parts.reduce<number>((depth, part) => Math.max(depth, depthOf(part)), 0) : 0
}

const refuse = (message: string) =>
  new StatusError(422, 'Invalid', `the server rejected our request due to an error in our request: ${message}`, {})

function applyOperation(document: unknown, { op, path, from, value }: Fields): unknown {
  const target = pointer(path)
  switch (op) {
    case 'add':
      return write(document, target, copyOf(value), 'add')
    case 'replace':
      return write(document, target, copyOf(value), 'replace')
    case 'remove':
      return write(document, target, undefined, 'remove')
    case 'move': {
      const moved = read(document, pointer(from))
      return write(write(document, pointer(from), undefined, 'remove'), target, moved, 'add')
    }
    case 'copy':
      return write(document, target, copyOf(read(document, pointer(from))), 'add')
    case 'test':
      if (!isEqual(read(document, target, true) ?? null, value ?? null))
        throw refuse(`testing path ${String(path)} failed`)
      return document
    default:
      throw badRequest(`unexpected operation: ${String(op)}`)
  }
}

function pointer(path: unknown): string[] {
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/'))) throw refuse(`bad path ${String(path)}`)
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function read(document: unknown, path: string[], lenient = false): unknown {
  let here = document
  for (const part of path) {
    const next = Array.isArray(here)
      ? here[Number(part)]
      : isFields(here) && Object.hasOwn(here, part)
        ? here[part]
        : undefined
    if (next === undefined) {
      if (lenient) return undefined
      throw refuse(`missing path /${path.join('/')}`)
    }
    here = next
  }
  return here
}

function write(document: unknown, path: string[], value: unknown, how: 'add' | 'replace' | 'remove'): unknown {
  const last = path.at(-1)
  if (last === undefined) return value
  const parent = read(document, path.slice(0, -1))
  if (Array.isArray(parent)) writeItem(parent, last, value, how)
  else if (isFields(parent)) {
    // As the server does, which adds what is to be replaced and is not there.
    if (how === 'remove' && !Object.hasOwn(parent, last)) throw refuse(`missing path /${path.join('/')}`)
    if (how === 'remove') delete parent[last]
    else define(parent, last, value)
  } else throw refuse(`missing path /${path.join('/')}`)
  return document
}

function writeItem(list: unknown[], part: string, value: unknown, how: 'add' | 'replace' | 'remove'): void {
  const index = part === '-' && how === 'add' ? list.length : Number(part)
  const limit = how === 'add' ? list.length : list.length - 1
  if (!Number.isInteger(index) || index < 0 || index > limit) throw refuse(`invalid array index ${part}`)
  if (how === 'add') list.splice(index, 0, value)
  else if (how === 'remove') list.splice(index, 1)
  else list[index] = value
}

/**
 * What tells the items of a list apart in a strategic merge patch, from the `patchMergeKey` of the API's types; the
 * lists that are not here are replaced. `ports` depends on whose they are.
 */
const MERGE_KEYS = new Map(
  Object.entries({
    containers: 'name',
    initContainers: 'name',
    ephemeralContainers: 'name',
    volumes: 'name',
    volumeMounts: 'mountPath',
    volumeDevices: 'devicePath',
    env: 'name',
    hostAliases: 'ip',
    imagePullSecrets: 'name',
    secrets: 'name',
    topologySpreadConstraints: 'topologyKey',
    conditions: 'type',
    addresses: 'type',
    taints: 'key',
    ownerReferences: 'uid',
    podIPs: 'ip',
    drivers: 'name',
  }),
)
/** Lists of plain values that are merged as sets. */
const MERGED_SETS = new Set(['finalizers', 'podCIDRs'])

/** The object after a strategic merge patch, for the built-in kinds. */
export function strategicPatch(target: Fields, patch: Fields, kind: string): Fields {
  return mergeFields(target, patch, kind === 'Service' ? 'port' : 'containerPort')
}

function mergeFields(target: Fields, patch: Fields, portKey: string): Fields {
  if (patch.$patch === 'delete') return {}
  const result: Fields = patch.$patch === 'replace' ? {} : { ...target }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue
    if (value === null) delete result[key]
    else define(result, key, mergeValue(key, Object.hasOwn(result, key) ? result[key] : undefined, value, portKey))
  }
  for (const [key, value] of Object.entries(patch)) applyDirective(result, key, items(value), portKey)
  return result
}

function mergeValue(key: string, target: unknown, patch: unknown, portKey: string): unknown {
  if (isFields(patch)) return mergeFields(fields(target), patch, portKey)
  if (!Array.isArray(patch)) return patch
  if (MERGED_SETS.has(key)) return [...new Set([...items(target), ...patch])]
  const mergeKey = key === 'ports' ? portKey : MERGE_KEYS.get(key)
  return mergeKey === undefined ? patch : mergeList(items(target), patch, mergeKey, portKey)
}

function mergeList(target: unknown[], patch: unknown[], mergeKey: string, portKey: string): unknown[] {
  const changes = patch.map(fields)
  let result = changes.some((change) => change.$patch === 'replace') ? [] : [...target]
  for (const change of changes) {
    const id = change[mergeKey]
    const index = result.findIndex((item) => fields(item)[mergeKey] === id)
    if (change.$patch === 'delete') result = result.filter((item) => fields(item)[mergeKey] !== id)
    else if (change.$patch === 'replace') continue
    else if (index < 0) result.push(mergeFields({}, change, portKey))
    else result[index] = mergeFields(fields(result[index]), change, portKey)
  }
  return result
}

function applyDirective(result: Fields, key: string, values: unknown[], portKey: string): void {
  if (key === '$retainKeys') {
    for (const name of Object.keys(result)) if (!values.includes(name)) delete result[name]
    return
  }
  const [directive, name = ''] = key.split('/')
  if (directive === '$deleteFromPrimitiveList')
    result[name] = items(result[name]).filter((item) => !values.includes(item))
  if (directive === '$setElementOrder')
    result[name] = inOrder(items(result[name]), values, name === 'ports' ? portKey : MERGE_KEYS.get(name))
}

/** The items that the order names, in its order, and after them the others. */
function inOrder(list: unknown[], order: unknown[], mergeKey: string | undefined): unknown[] {
  const idOf = (item: unknown) => (mergeKey === undefined ? item : fields(item)[mergeKey])
  const rank = (item: unknown) => {
    const found = order.findIndex((ordered) => idOf(ordered) === idOf(item))
    return found < 0 ? order.length : found
  }
  return list
    .map((item) => ({ item, rank: rank(item) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
}
