const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const YEAR = 365 * DAY

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

/** A short span of time, such as the one in which a volume was unbound: `502 ms`, `1.5 s`, and from a minute on as `age`. */
export function span(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`
  return ms < MINUTE ? `${(ms / SECOND).toFixed(1)} s` : age(ms)
}

function inTwoUnits(ms: number, large: number, largeSign: string, small: number, smallSign: string): string {
  const rest = Math.floor((ms % large) / small)
  return `${Math.floor(ms / large)}${largeSign}${rest === 0 ? '' : `${rest}${smallSign}`}`
}
