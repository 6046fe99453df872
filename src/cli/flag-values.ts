import { Refusal, refused } from '../domain/failure.ts'
import { messages } from '../words/messages.ts'
import type { Expected } from '../words/refusals.en.ts'

// Texts for yargs, numbers for us: what it reads as a number itself it hands over as NaN where it is none, and what was
// typed is lost. A flag that was given twice comes as a list, and is left to `onlyOnce`.

type Coerce = (given: string) => number

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** The longest that a timer of Node's can be: 24 days, which stands for "no limit". */
const NO_LIMIT = 2 ** 31 - 1

/** Reads durations as kubectl does, `1h30m`, or `0`; milliseconds come out. */
export function duration(flag: string): Coerce {
  return reader(flag, { is: 'duration' }, milliseconds)
}

/** Reads --request-timeout as kubectl does: a duration, or seconds without a unit; 0 is no limit. */
export function requestTimeout(flag: string): Coerce {
  return reader(flag, { is: 'duration-or-none' }, (text) => {
    const found = /^\d+$/.test(text) ? Number(text) * 1000 : milliseconds(text)
    return found === 0 ? NO_LIMIT : found === undefined ? undefined : Math.min(found, NO_LIMIT)
  })
}

/** Reads a whole number between two others, both included; `example` is one of them. */
export function wholeNumber(flag: string, range: { least: number; most?: number; example: number }): Coerce {
  const { least, most = Number.MAX_SAFE_INTEGER } = range
  return reader(flag, { is: 'whole-number', ...range }, (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
    return number >= least && number <= most ? number : undefined
  })
}

function reader(flag: string, expected: Expected, read: (text: string) => number | undefined): Coerce {
  return handedOn((given) => {
    if (Array.isArray(given)) return given as never
    const value = read(String(given))
    if (value !== undefined) return value
    throw refused(messages().refusal.invalid(flag, String(given), expected))
  })
}

/**
 * Reads a value for yargs, which keeps no more of what is thrown than the message: a refusal takes the value's place, and
 * `refusedValue` finds it when the line is read.
 */
export function handedOn<T>(read: (given: string) => T): (given: string) => T {
  return (given) => {
    try {
      return read(given)
    } catch (error) {
      if (error instanceof Refusal) return error as never
      throw error
    }
  }
}

/** The first value of a command line that was refused. */
export function refusedValue(argv: Record<string, unknown>): Refusal | undefined {
  return Object.values(argv).find((value) => value instanceof Refusal)
}

function milliseconds(text: string): number | undefined {
  if (text === '0') return 0
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)
  return [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? 's'] ?? 0), 0)
}
