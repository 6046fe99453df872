import type { Forecast, Range } from '../domain/forecast.ts'
import { size } from '../domain/quantity.ts'
import { messages } from '../words/messages.ts'
import { age } from './amounts.ts'

/** `4m to 11m`, of seconds; `up to 2m` where it may be nothing at all. */
export function rangeText({ low, high }: Range): string {
  const [least, most] = [age(low * 1000), age(high * 1000)]
  const says = messages().forecast
  if (low < 1) return says.upTo(most)
  return least === most ? least : says.range(least, most)
}

/** What is expected of a group, or of all: `12.3 GiB in 45,000 files, copied in 4m to 11m, workloads stopped for 30s to 2m`. */
export function forecastWords({ files, bytes, copy, down }: Omit<Forecast, 'basis'>, each = false): string {
  const says = messages().forecast
  return [
    ...(copy ? [says.amount(size(bytes), files), says.copied(rangeText(copy))] : []),
    ...(down ? [says.down(rangeText(down), each)] : []),
  ].join(', ')
}

/** What a forecast was made from, for the end of a sentence. */
export function basisWords({ basis, groups }: { basis: Forecast['basis']; groups?: number }): string {
  const says = messages().forecast
  return basis === 'sample' ? says.fromSample : says.fromHistory(groups)
}
