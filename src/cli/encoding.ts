import { type Refusal, refused } from '../domain/failure.ts'
import { shellWord } from '../domain/shell.ts'
import { messages } from '../words/messages.ts'

/** The text of a file's bytes, which have to be UTF-8. Throws Refusal naming the encoding that they seem to be in. */
export function decodeText(bytes: Uint8Array, file: string): string {
  const utf16 = utf16Of(bytes)
  if (utf16) throw otherEncoding(file, utf16, 'UTF-16')
  // TextDecoder takes a byte order mark off
  const text = decoded(bytes, 'utf-8')
  if (text !== undefined) return text
  const line = lineOfFirstFault(bytes)
  if (decoded(bytes, 'gb18030') !== undefined) throw otherEncoding(`${file}:${line}`, 'GBK (GB 18030)', 'GB18030')
  throw otherEncoding(`${file}:${line}`)
}

/** @param encoding what it seems to be, and `name`, what iconv calls that */
function otherEncoding(place: string, encoding?: string, name = 'ITS-ENCODING'): Refusal {
  const file = place.replace(/:\d+$/, '')
  const convert = `iconv -f ${name} -t UTF-8 ${shellWord(file)}`
  return refused(messages().refusal.otherEncoding(place, encoding, convert))
}

/** Which UTF-16 or UTF-32 it is, by its byte order mark, or by the zeros that ASCII has in it. */
function utf16Of(bytes: Uint8Array): string | undefined {
  const [first, second, third, fourth] = bytes
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? 'UTF-32' : 'UTF-16 (little endian)'
  if (first === 0xfe && second === 0xff) return 'UTF-16 (big endian)'
  const head = bytes.subarray(0, 4)
  if (bytes.length < 4 || !head.includes(0)) return undefined
  if (first !== 0 && second === 0) return third === 0 ? 'UTF-32' : 'UTF-16 (little endian)'
  if (first === 0) return second === 0 ? 'UTF-32' : 'UTF-16 (big endian)'
  return undefined
}

function decoded(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function lineOfFirstFault(bytes: Uint8Array): number {
  const NEWLINE = 0x0a
  let [line, start] = [1, 0]
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    if (decoded(bytes.subarray(start, end), 'utf-8') === undefined) return line
    start = end + 1
    line++
  }
  return line
}
