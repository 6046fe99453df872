import { canonicalJson } from './digest.ts'

/** A field in which two values differ; absent is undefined. */
export interface FieldDifference {
  /** Its path, `spec.capacity.storage`. */
  field: string
  was: unknown
  is: unknown
}

/** The leaves in which two values differ, by their paths below `field`. Lists are leaves. */
export function leafDifferences(was: unknown, is: unknown, field = ''): FieldDifference[] {
  if (canonicalJson(was ?? null) === canonicalJson(is ?? null)) return []
  if (!isRecord(was) || !isRecord(is)) return [{ field, was, is }]
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort()
  return keys.flatMap((key) => leafDifferences(was[key], is[key], field === '' ? key : `${field}.${key}`))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
