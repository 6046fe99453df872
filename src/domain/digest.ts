import { createHash } from 'node:crypto'

/** Characters digested at a time, so that a large value never exists as one string. */
const PIECE = 1 << 16

/**
 * The JSON of `value` with the keys of every object in code unit order and no white space: equal values give equal
 * text, whatever order their keys were written in. Keys whose value is undefined are left out, as JSON does; bigints
 * are written as the integers they are.
 */
export function canonicalJson(value: unknown): string {
  let text = ''
  writeCanonical(value, (part) => {
    text += part
  })
  return text
}

/** `sha256:` and the digest of the canonical JSON of `value`, in hexadecimal. */
export function digestOf(value: unknown): string {
  const hash = createHash('sha256')
  let text = ''
  writeCanonical(value, (part) => {
    text += part
    if (text.length < PIECE) return
    hash.update(text)
    text = ''
  })
  return `sha256:${hash.update(text).digest('hex')}`
}

function writeCanonical(value: unknown, write: (part: string) => void): void {
  if (typeof value === 'bigint') write(value.toString())
  else if (typeof value !== 'object' || value === null) write(JSON.stringify(value) ?? 'null')
  else if (Array.isArray(value)) {
    write('[')
    for (const [i, part] of value.entries()) {
      if (i > 0) write(',')
      writeCanonical(part, write)
    }
    write(']')
  } else {
    let before = '{'
    // without a comparison of one's own, sort goes by code units
    for (const key of Object.keys(value).sort()) {
      const part = (value as Record<string, unknown>)[key]
      if (part === undefined) continue
      write(`${before}${JSON.stringify(key)}:`)
      writeCanonical(part, write)
      before = ','
    }
    write(before === '{' ? '{}' : '}')
  }
}

/** The first `length` hexadecimal digits of the SHA-256 of a text: tells apart what a shortened name no longer does. */
export function shortHash(text: string, length = 8): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length)
}
