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

/** As deep as objects and lists may lie within each other. Go's JSON takes ten times as much, and no manifest a tenth. */
export const MAX_DEPTH = 1000

/** True if objects and lists lie deeper within each other in a JSON text than they may. */
export function isTooDeep(content: string): boolean {
  let depth = 0
  for (const [token] of content.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}]/gs)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    if (depth > MAX_DEPTH) return true
  }
  return false
}

/** Writes JSON. */
export function writeJson(value: unknown): string {
  return (exact ? stringify(value) : JSON.stringify(value)) ?? 'null'
}
