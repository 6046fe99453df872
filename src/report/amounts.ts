const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY

/**
 * `1 volume`, `2 volumes`, `1,204 entries`.
 * @param plural what more than one, or none, is called; the noun and an s where not given
 */
export function count(amount: number, noun: string, plural = `${noun}s`): string {
  return `${amount.toLocaleString('en')} ${amount === 1 ? noun : plural}`
}

/** The first five, and how many more there are: `a; b; and 2 more pods`. */
export function listOf(items: string[], noun: string): string {
  const more = items.length - 5
  return [...items.slice(0, 5), ...(more > 0 ? [`and ${count(more, `more ${noun}`)}`] : [])].join('; ')
}

/**
 * A span of time as kubectl prints ages, with two units at most: `90s`, `5m30s`, `3h5m`, `3d2h`, `2y10d`.
 * The limits are those of k8s.io/apimachinery's duration.HumanDuration.
 * @param ms milliseconds; less than nothing, as with clocks that differ, counts as nothing
 */
export function age(ms: number): string {
  if (ms < 2 * MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))}s`
  if (ms < 10 * MINUTE) return inTwoUnits(ms, MINUTE, 'm', SECOND, 's')
  if (ms < 3 * HOUR) return `${Math.floor(ms / MINUTE)}m`
  if (ms < 8 * HOUR) return inTwoUnits(ms, HOUR, 'h', MINUTE, 'm')
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)}h`
  if (ms < 8 * DAY) return inTwoUnits(ms, DAY, 'd', HOUR, 'h')
  if (ms < 2 * YEAR) return `${Math.floor(ms / DAY)}d`
  if (ms < 8 * YEAR) return inTwoUnits(ms, YEAR, 'y', DAY, 'd')
  return `${Math.floor(ms / YEAR)}y`
}

/** How long a volume was away: as `age`, but to a tenth of a second below a minute, and in milliseconds below one. */
export function awayTime(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)}ms`
  return ms < MINUTE ? `${(ms / SECOND).toFixed(1)}s` : age(ms)
}

function inTwoUnits(ms: number, large: number, largeSign: string, small: number, smallSign: string): string {
  const rest = Math.floor((ms % large) / small)
  return `${Math.floor(ms / large)}${largeSign}${rest === 0 ? '' : `${rest}${smallSign}`}`
}

/** `17:04:05`, by the clock of whoever reads it. */
export function timeOfDay(at: string | Date): string {
  return new Date(at).toTimeString().slice(0, 8)
}

/** `2026-11-26 17:04`, by the clock of whoever reads it. */
export function dateAndTime(at: string | Date): string {
  // Sweden writes dates as ISO 8601 does
  return new Date(at).toLocaleString('sv').slice(0, 16)
}
