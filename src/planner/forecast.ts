import { moverOf } from '../copy/movers.ts'
import { type Forecast, type Pace, type Range, weightOf } from '../domain/forecast.ts'
import type { Migration } from '../domain/migration.ts'
import type { PlannedCopy, PlannedGroup } from '../domain/plan.ts'
import { fileSystemOf } from '../filesystem/registry.ts'

/** Of what was copied while it was in use, or ahead of time, so much has changed until it is copied again. */
const CHANGED: Range = { low: 0, high: 0.05 }

/**
 * What is to be expected of a group: how much is copied, for how long, and how long its workloads stand still. Undefined
 * where nobody has read one of its directories.
 */
export function forecastOf(
  group: Pick<PlannedGroup, 'copies' | 'steps' | 'workloads'>,
  pace: Pace,
  { copy, target }: Pick<Migration, 'copy' | 'target'>,
): Forecast | undefined {
  const amounts = group.copies.map(amountOf)
  if (amounts.includes(undefined)) return undefined
  const known = amounts.filter((amount) => amount !== undefined)
  const total = (key: keyof Amount) => known.reduce((sum, amount) => sum + amount[key], 0)
  const [files, bytes, entries] = [total('files'), total('bytes'), total('entries')]
  const has = (step: PlannedGroup['steps'][number]) => group.steps.includes(step)
  const unread = group.copies.filter((one) => copy.verify !== 'metadata' && !isReadAhead(one))
  const readLate = unread.reduce((sum, copy) => sum + weightOf(amountOf(copy) ?? NOTHING), 0)
  const jobs = group.copies.length
  const weight = weightOf({ files, bytes })
  const changed = shareOf(perSecond(weight, pace.copy))
  // the last copy and the verification each list both sides; what is slow for one of them is for the other
  const most = Number(has('catch-up')) + Number(has('verify'))
  // where little has changed, one Job does both
  const isOne = most === 2 && unread.length === 0 && moverOf(copy, fileSystemOf(target)).goesByListing
  const passes: Range = { low: isOne ? 1 : most, high: most }
  const down: Range[] = [
    ...(has('stop') ? [pace.stop] : []),
    scaled(pace.job, times(passes, jobs)),
    scaled(perSecond(entries, pace.list), passes),
    scaled(changed, passes),
    // both sides are read, side by side, and nothing is written
    ...(has('verify')
      ? [{ low: perSecond(readLate, pace.copy).low / 2, high: perSecond(readLate, pace.copy).high }]
      : []),
    ...(has('join') ? [pace.job, pace.job] : []),
    ...(has('swap') ? [pace.swap] : []),
    ...(has('probe') ? [pace.probe] : []),
    ...(has('start') ? [pace.start] : []),
  ]
  const stops = group.workloads.some(({ quiesce, stopped }) => quiesce === 'stop' && !stopped)
  return {
    basis: pace.basis,
    files,
    bytes,
    // what is in use is compared right after it was copied
    ...(jobs > 0
      ? { copy: rounded(sumOf([times(pace.job, 2 * jobs), addedUp(group.copies.map((copy) => copying(copy, pace)))])) }
      : {}),
    ...(stops ? { down: rounded(sumOf(down)) } : {}),
  }
}

/** Of many groups: all that is copied, one after the other at the worst; and the shortest and the longest downtime of a group. */
export function forecastOfAll(
  forecasts: Forecast[],
  atOnce: number,
): { files: number; bytes: number; copy?: Range; down?: Range } {
  const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0)
  const copies = forecasts.flatMap(({ copy }) => (copy ? [copy] : []))
  const downs = forecasts.flatMap(({ down }) => (down ? [down] : []))
  const lows = copies.map(({ low }) => low)
  return {
    files: sum(forecasts.map(({ files }) => files)),
    bytes: sum(forecasts.map(({ bytes }) => bytes)),
    ...(copies.length > 0
      ? { copy: { low: Math.max(...lows, sum(lows) / atOnce), high: sum(copies.map(({ high }) => high)) } }
      : {}),
    ...(downs.length > 0
      ? { down: { low: Math.min(...downs.map(({ low }) => low)), high: Math.max(...downs.map(({ high }) => high)) } }
      : {}),
  }
}

interface Amount {
  files: number
  bytes: number
  entries: number
}

const NOTHING: Amount = { files: 0, bytes: 0, entries: 0 }

function amountOf({ measured }: PlannedCopy): Amount | undefined {
  if (!measured || 'failure' in measured) return undefined
  return measured.nodes.reduce(
    (sum, { files, bytes, directories, links }) => ({
      files: sum.files + files,
      bytes: sum.bytes + bytes,
      entries: sum.entries + files + directories + links,
    }),
    NOTHING,
  )
}

/** What is merged, split or goes to the root is read when everything stands still (copy/stage.ts, isVerifiedAhead). */
function isReadAhead({ nodes, parts, subdir }: PlannedCopy): boolean {
  return nodes.length === 1 && (parts?.length ?? 1) === 1 && subdir !== ''
}

/** How long a first copy takes; of what was copied ahead of time only what is missing and what has changed is copied. */
function copying(copy: PlannedCopy, { copy: rate, list }: Pace): Range {
  const amount = amountOf(copy) ?? NOTHING
  const all = perSecond(weightOf(amount), rate)
  const ahead = copiedAhead(copy)
  if (ahead === 0) return all
  const listing = perSecond(amount.entries, list)
  return {
    low: listing.low + all.low * (1 - ahead),
    high: listing.high + all.high * Math.min(1, 1 - ahead + CHANGED.high),
  }
}

/** How much of a directory is at its place already, put there by an earlier copy: from 0 to 1. */
function copiedAhead({ measured }: PlannedCopy): number {
  if (!measured || 'failure' in measured || measured.place.state !== 'copied') return 0
  const space = measured.nodes.reduce((sum, node) => sum + node.space, 0)
  return space === 0 ? 1 : Math.min(1, measured.place.space / space)
}

function perSecond(amount: number, { low, high }: Range): Range {
  return { low: amount / high, high: amount / low }
}

function shareOf({ low, high }: Range): Range {
  return { low: low * CHANGED.low, high: high * CHANGED.high }
}

function times({ low, high }: Range, factor: number): Range {
  return { low: low * factor, high: high * factor }
}

/** That often: each end by the count's own. */
function scaled({ low, high }: Range, count: Range): Range {
  return { low: low * count.low, high: high * count.high }
}

/** What goes at the same pace is slow together. */
function addedUp(ranges: Range[]): Range {
  return ranges.reduce((sum, { low, high }) => ({ low: sum.low + low, high: sum.high + high }), { low: 0, high: 0 })
}

/**
 * What has nothing to do with each other is not at its slowest all at once: beyond what each takes by and large (the geometric
 * mean of its range) their excesses add up as independent ones do. At their fastest they may all be: a small group often is.
 */
function sumOf(ranges: Range[]): Range {
  const usual = ranges.map(({ low, high }) => Math.sqrt(low * high))
  const excess = ranges.map(({ high }, index) => high - (usual[index] ?? 0))
  return { low: addedUp(ranges).low, high: usual.reduce((sum, each) => sum + each, 0) + Math.hypot(...excess) }
}

/** In whole seconds, and never a point. */
function rounded({ low, high }: Range): Range {
  return { low: Math.floor(low), high: Math.max(Math.ceil(high), Math.floor(low) + 1) }
}
