import { createHash } from 'node:crypto'
import { compareText } from './text.ts'

/**
 * The JSON of `value` with the keys of every object in code unit order and no white space: equal values give equal
 * text, whatever order their keys were written in. Keys whose value is undefined are left out, as JSON does; bigints
 * are written as the integers they are.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const entries = Object.entries(value).filter(([, part]) => part !== undefined)
  entries.sort(([a], [b]) => compareText(a, b))
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonicalJson(part)}`).join(',')}}`
}

/** `sha256:` and the digest of the canonical JSON of `value`, in hexadecimal. */
export function digestOf(value: unknown): string {
  return `sha256:${createHash('sha256').update(canonicalJson(value)).digest('hex')}`
}

/** The first `length` hexadecimal digits of the SHA-256 of a text: tells apart what a shortened name no longer does. */
export function shortHash(text: string, length = 8): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length)
}
