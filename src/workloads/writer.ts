import { MANAGER } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'

/** Who has changed an object, as its managed fields tell it. */
export interface Writer {
  /** As the client calls itself: `keda`, `argocd-controller`. */
  manager: string
  /** RFC 3339. */
  time?: string
}

interface ManagedFields {
  manager?: string
  time?: string
  subresource?: string
  fieldsV1?: unknown
}

const REPLICAS = ['spec', 'replicas']
const RETENTION = ['spec', 'persistentVolumeClaimRetentionPolicy']

/** The last to set `spec.replicas`, by whichever way; juicify itself apart. Undefined where nobody is known to have. */
export function scaledBy(object: KubeObject): Writer | undefined {
  return newest(byOthers(object).filter(({ fieldsV1 }) => holds(fieldsV1, REPLICAS)))
}

/** All who have set a StatefulSet's policy for its claims; juicify itself apart. */
export function retentionSetBy(object: KubeObject): string[] {
  return byOthers(object).flatMap(({ manager, fieldsV1 }) => (manager && holds(fieldsV1, RETENTION) ? [manager] : []))
}

/** The last to change what people write of it, and not its status; juicify itself apart. */
export function changedBy(object: KubeObject): Writer | undefined {
  return newest(byOthers(object).filter(({ subresource }) => subresource !== 'status'))
}

/**
 * An entry of an object's managed fields, where it tells who has scaled it or set its policy for claims, with nothing else
 * that it says; else undefined.
 */
export function ofWriter(entry: unknown): unknown {
  const { manager, time, subresource, fieldsV1 } = (entry ?? {}) as ManagedFields
  const told = [REPLICAS, RETENTION].filter((path) => holds(fieldsV1, path))
  if (told.length === 0) return undefined
  return {
    manager,
    ...(time === undefined ? {} : { time }),
    ...(subresource === undefined ? {} : { subresource }),
    fieldsV1: { 'f:spec': Object.fromEntries(told.map(([, field]) => [`f:${field}`, {}])) },
  }
}

function byOthers({ metadata }: KubeObject): ManagedFields[] {
  return ((metadata.managedFields ?? []) as ManagedFields[]).filter(({ manager }) => manager !== MANAGER)
}

function holds(fields: unknown, [first, ...rest]: string[]): boolean {
  if (first === undefined) return true
  const below = (fields as Record<string, unknown> | null | undefined)?.[`f:${first}`]
  return below !== undefined && holds(below, rest)
}

function newest(entries: ManagedFields[]): Writer | undefined {
  const [last] = entries.toSorted((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1))
  if (last?.manager === undefined) return undefined
  return { manager: last.manager, ...(last.time === undefined ? {} : { time: last.time }) }
}
