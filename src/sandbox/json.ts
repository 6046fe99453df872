import { isSafeNumber, LosslessNumber, parse, stringify } from 'lossless-json'

/** Once a number came that a double cannot hold, everything is written by the slower writer that keeps it. */
let exact = false

/** Reads JSON; whole numbers that a double would round are kept as they are. */
export function parseJson(content: string): unknown {
  if (!/[0-9]{16}/.test(content)) return JSON.parse(content)
  return parse(content, undefined, (digits) => {
    if (isSafeNumber(digits)) return Number(digits)
    exact = true
    return new LosslessNumber(digits)
  })
}

/** Writes JSON. */
export function writeJson(value: unknown): string {
  return (exact ? stringify(value) : JSON.stringify(value)) ?? 'null'
}
