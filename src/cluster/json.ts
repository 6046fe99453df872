import { parse, stringify } from 'lossless-json'

/** A number token with more digits than a double may hold. Strings may match too: that only costs time. */
const LONG_NUMBER = /[[:,\s]-?\d{16}/

/**
 * Parses JSON as the server sent it without losing a digit: integers are numbers where a number holds them exactly
 * and bigints beyond that. Throws SyntaxError.
 */
export function parseJson(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text)
  return parse(text, null, { parseNumber, onDuplicateKey: ({ newValue }) => newValue })
}

/** The JSON text of a value that may hold bigints; what parseJson read comes out as it went in. */
export function stringifyJson(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, null, indent)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return stringify(value, null, indent) ?? 'null'
  }
}

function parseNumber(text: string): number | bigint {
  const number = Number(text)
  return Number.isSafeInteger(number) || !/^-?\d+$/.test(text) ? number : BigInt(text)
}
