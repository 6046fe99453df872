import { createHash } from 'node:crypto'

/** A uid that is the same for the same words. */
export function uidOf(...words: string[]): string {
  const hex = digest(words)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** Letters as the server puts them behind a generated name, the same for the same words. */
export function suffixOf(length: number, ...words: string[]): string {
  // The alphabet of k8s.io/apimachinery/pkg/util/rand: no vowels, and nothing that looks like another.
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
  const bytes = createHash('sha256').update(words.join('\0')).digest()
  return [...bytes.subarray(0, length)].map((byte) => alphabet[byte % alphabet.length]).join('')
}

function digest(words: string[]): string {
  return createHash('sha256').update(words.join('\0')).digest('hex')
}
