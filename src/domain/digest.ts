import { createHash } from 'node:crypto'

/**
 * The JSON of `value` with the keys of every object in code unit order and no white space: equal values give equal
 * text, whatever order their keys were written in. Keys whose value is undefined are left out, as JSON does.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (isPlainObject(part) ? sortKeys(part) : part))
}

/** `sha256:` and the digest of the canonical JSON of `value`, in hexadecimal. */
export function digestOf(value: unknown): string {
  return `sha256:${createHash('sha256').update(canonicalJson(value)).digest('hex')}`
}

/** The first `length` hexadecimal digits of the SHA-256 of a text: tells apart what a shortened name no longer does. */
export function shortHash(text: string, length = 8): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length)
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// Without a prototype: a key named __proto__ is a key like any other.
function sortKeys(object: Record<string, unknown>): Record<string, unknown> {
  const sorted: Record<string, unknown> = Object.create(null)
  for (const key of Object.keys(object).sort()) sorted[key] = object[key]
  return sorted
}
