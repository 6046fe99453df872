import type { FileSystem } from '../domain/filesystem.ts'
import { LABEL } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import { RECORD_KIND, RECORD_PART_KIND } from '../domain/own-kinds.ts'
import { whatIsRead } from './what-is-read.ts'

/** Stands for a value of which nothing may be known. */
const HIDDEN = 'hidden'

/** The Secret with the same keys, blank ones blank; of the addresses their hosts, which a plan follows to what the file system depends on. */
export function withoutValues(secret: KubeObject, fileSystem: FileSystem): KubeObject {
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

/**
 * The records, and the ConfigMaps that those of 0.1.0 are in, with what is read of the objects in them: they hold manifests
 * of pods, to make those again. One that is in parts is put together; parts that no record names are left out.
 */
export function recordsRead(objects: (ConfigMap | RecordObject)[], fileSystem: FileSystem): KubeObject[] {
  const ours = objects.filter((each): each is RecordObject => isOwn(each))
  const configMaps = objects.filter((each): each is ConfigMap => !isOwn(each))
  return [...ownRecordsRead(ours, fileSystem), ...earlierRecordsRead(configMaps, fileSystem)]
}

function ownRecordsRead(objects: RecordObject[], fileSystem: FileSystem): KubeObject[] {
  const texts = new Map(objects.map(({ metadata, spec }) => [metadata.name, spec?.text]))
  return objects.flatMap(({ apiVersion, kind, metadata, spec, state }) => {
    if (!spec || spec.text !== undefined || !state) return []
    const { content, parts = [], ...rest } = spec
    const own = content === undefined ? parts.flatMap((name) => texts.get(name) ?? []) : [content]
    // nobody can read that one
    if (own.length < (content === undefined ? parts.length : 1)) return []
    const read = JSON.stringify(objectsRead(JSON.parse(own.join('')), fileSystem))
    const { name, uid, creationTimestamp, labels } = metadata
    const about = { name, ...(uid ? { uid } : {}), ...(creationTimestamp ? { creationTimestamp } : {}), labels }
    return [
      { apiVersion, kind, metadata: about, spec: { ...rest, content: read }, state: stateRead(state) },
    ] as KubeObject[]
  })
}

function isOwn({ kind }: KubeObject): boolean {
  return kind === RECORD_KIND.kind || kind === RECORD_PART_KIND.kind
}

function earlierRecordsRead(configMaps: ConfigMap[], fileSystem: FileSystem): KubeObject[] {
  const read = (record: string) => JSON.stringify(objectsRead(JSON.parse(record), fileSystem))
  const byName = new Map(configMaps.map((each) => [each.metadata.name, each]))
  const heads = configMaps.filter(({ metadata, data }) => metadata.labels?.[LABEL.group] && data?.part === undefined)
  return heads.flatMap((head) => {
    const { 'record.json': record, 'state.json': state, parts, volumes = '' } = head.data ?? {}
    const common = {
      volumes,
      ...(state === undefined ? {} : { 'state.json': JSON.stringify(stateRead(JSON.parse(state))) }),
    }
    if (record !== undefined) return [withData(head, { ...common, 'record.json': read(record) })]
    if (parts === undefined) return [withData(head, common)]
    const names = parts.split('\n')
    const own = names.flatMap((name) => byName.get(name) ?? [])
    // nobody can read that one
    if (own.length < names.length) return []
    const text = read(own.map((each) => each.data?.part ?? '').join(''))
    const size = Math.ceil(text.length / own.length)
    return [
      withData(head, { ...common, parts }),
      ...own.map((each, i) => withData(each, { part: text.slice(i * size, (i + 1) * size) })),
    ]
  })
}

function withData({ apiVersion, kind, metadata }: ConfigMap, data: Record<string, string>): ConfigMap {
  const { name, namespace, uid, creationTimestamp, labels, annotations } = metadata
  const own = Object.entries({ uid, creationTimestamp, labels, annotations }).filter(([, value]) => value !== undefined)
  return { apiVersion, kind, metadata: { name, namespace, ...Object.fromEntries(own) }, data }
}

/** Not who wrote it, nor why it failed, in which another's log may be. */
function stateRead({ failure, ...read }: { failure?: string }): object {
  return { ...read, by: HIDDEN, ...(failure === undefined ? {} : { failure: HIDDEN }) }
}

/** A record of today, or a part of one. */
interface RecordObject extends KubeObject {
  spec?: { content?: string; parts?: string[]; text?: string; [field: string]: unknown }
  state?: { failure?: string }
}

interface ConfigMap extends KubeObject {
  data?: Record<string, string>
}

/** A value in which every object of a cluster has what is read of it. */
function objectsRead(value: unknown, fileSystem: FileSystem): unknown {
  if (Array.isArray(value)) return value.map((each) => objectsRead(each, fileSystem))
  if (typeof value !== 'object' || value === null) return value
  if (isObject(value)) return whatIsRead(value, fileSystem)
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, objectsRead(part, fileSystem)]))
}

function isObject(value: object): value is KubeObject {
  return 'apiVersion' in value && 'kind' in value && 'metadata' in value && !('migration' in value)
}
