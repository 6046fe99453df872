import type { FileSystem } from '../domain/filesystem.ts'
import type { KubeObject } from '../domain/object.ts'

/** Stands for a value of which nothing may be known. */
const HIDDEN = 'hidden'

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** What goes on inside containers: no plan asks for it, and people put passwords there. */
const INSIDE = new Set([
  'env',
  'envFrom',
  'command',
  'args',
  'arguments',
  'source',
  'script',
  'lifecycle',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  // what a container said last, and what others say of it
  'message',
])

/** Maps whose keys people choose: one of them may be called `env`. */
const CHOSEN = new Set(['labels', 'matchLabels', 'annotations', 'selector', 'nodeSelector'])

/** The object as a snapshot keeps it: with its uid and its status, without values of Secrets, and without bulk. */
export function reduced(object: KubeObject, fileSystem: FileSystem): KubeObject {
  switch (object.kind) {
    case 'Secret':
      return withoutValues(object, fileSystem)
    case 'PersistentVolume':
    case 'PersistentVolumeClaim':
      // a plan holds them in whole
      return object
    case 'Node':
      return withoutImages(object)
    case 'ConfigMap':
      return object
    default:
      return withoutInside(object, fileSystem.driver.containers)
  }
}

/** The same keys, blank ones blank; of the addresses their hosts, which a plan follows to what the file system stands on. */
function withoutValues(secret: KubeObject, fileSystem: FileSystem): KubeObject {
  const { data = {} } = secret as { data?: Record<string, string> }
  const hidden = Object.entries(data).map(([key, encoded]) => {
    const value = Buffer.from(encoded, 'base64').toString('utf8').trim()
    return [
      key,
      Buffer.from(value === '' ? '' : (fileSystem.secret?.withoutSecret(key, value) ?? HIDDEN)).toString('base64'),
    ]
  })
  const { name, namespace, uid } = secret.metadata
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, ...(uid === undefined ? {} : { uid }) },
    type: secret.type,
    data: Object.fromEntries(hidden),
  }
}

function withoutImages(node: KubeObject): KubeObject {
  const { images, ...status } = (node.status ?? {}) as Record<string, unknown>
  return { ...node, status }
}

/**
 * The ConfigMaps of juicify's namespace, their records reduced too: those hold manifests of pods, to make them again. One
 * that is in parts is cut anew into as many; parts that no record names are left out.
 */
export function reducedRecords(configMaps: ConfigMap[]): KubeObject[] {
  const parts = new Map(
    configMaps.flatMap((each) => (each.data?.part === undefined ? [] : [[each.metadata.name, each]])),
  )
  return configMaps.flatMap((head) => {
    const { data = {} } = head
    if (data['record.json'] !== undefined)
      return [{ ...head, data: { ...data, 'record.json': reducedText(data['record.json']) } }]
    if (data.parts === undefined) return data.part === undefined ? [head] : []
    const names = data.parts.split('\n')
    const own = names.flatMap((name) => parts.get(name) ?? [])
    // nobody can read that one
    if (own.length < names.length) return []
    const text = reducedText(own.map((each) => each.data?.part ?? '').join(''))
    const size = Math.ceil(text.length / own.length)
    return [head, ...own.map((each, i) => ({ ...each, data: { part: text.slice(i * size, (i + 1) * size) } }))]
  })
}

interface ConfigMap extends KubeObject {
  data?: Record<string, string>
}

function reducedText(record: string): string {
  return JSON.stringify(withoutKeys(JSON.parse(record), []))
}

function withoutInside(object: KubeObject, kept: readonly string[]): KubeObject {
  const { [LAST_APPLIED]: _, ...annotations } = object.metadata.annotations ?? {}
  const metadata = { ...object.metadata, ...(object.metadata.annotations ? { annotations } : {}) }
  return { ...(withoutKeys(object, kept) as KubeObject), metadata }
}

/** @param kept the containers that stay as they are: a file system's driver, whose flags and settings `check` reads */
function withoutKeys(value: unknown, kept: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((each) => withoutKeys(each, kept))
  if (typeof value !== 'object' || value === null) return value
  if ('name' in value && typeof value.name === 'string' && kept.includes(value.name)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) => {
      if (CHOSEN.has(key)) return [[key, part]]
      return INSIDE.has(key) ? [] : [[key, withoutKeys(part, kept)]]
    }),
  )
}
