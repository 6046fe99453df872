import type { SampleResult } from '../copy/result.ts'
import { type Pace, type Range, weightOf } from '../domain/forecast.ts'
import type { StepName } from '../domain/plan.ts'
import { historyOf, type StepSpan } from './read-history.ts'
import type { GroupRecord } from './record.ts'

/*
 * What is expected where nobody has seen better; at its fastest on small clusters whose nodes have all images. Pods get 30 s to terminate by default; a Job's pod has to be scheduled and
 * to mount the file system, and is noticed when it has ended; a probe is two pods, one after the other; a workload is ready
 * when its image is there and its program up. Listing goes by what docs/benchmarks.md has measured.
 */
const UNKNOWN = {
  job: { low: 2, high: 30 },
  list: { low: 300, high: 20_000 },
  stop: { low: 1, high: 60 },
  swap: { low: 0.5, high: 15 },
  probe: { low: 2, high: 60 },
  start: { low: 2, high: 120 },
} satisfies Partial<Pace>

/** A sample is copied file by file, and read again by nobody: movers may take more time, or be at several files at once. */
const OF_SAMPLE: Range = { low: 0.3, high: 6 }
/** What was seen is repeated by and large. */
const AGAIN: Range = { low: 1 / 1.5, high: 1.5 }
/** Less than that is copied in less time than its Job takes to begin: it does not tell how fast copies are. */
const TELLING = 64 * 1024 * 1024
/** The same of entries that are listed. */
const MANY_ENTRIES = 10_000

/** The pace of a cluster of which nothing is known but a sample. */
export function paceOfSample({ files, bytes, seconds, listed }: SampleResult): Pace {
  const copy = weightOf({ files, bytes }) / Math.max(seconds, 0.05)
  return {
    ...UNKNOWN,
    basis: 'sample',
    copy: { low: copy * OF_SAMPLE.low, high: copy * OF_SAMPLE.high },
    ...(listed > 0
      ? { list: { low: Math.min(listed / 4, UNKNOWN.list.low), high: Math.max(listed * 2, UNKNOWN.list.high) } }
      : {}),
  }
}

/** The pace that a cluster's records tell; undefined where none of them has copied and compared anything. */
export function paceOfRecords(records: GroupRecord[]): Pace | undefined {
  const groups = records.map(passesOf).filter((passes) => passes !== undefined)
  const copies = groups.flatMap(({ copy }) => (copy ? [copy] : []))
  if (copies.length === 0) return undefined
  const compared = groups.flatMap(({ compare }) => (compare ? [compare] : []))
  const few = compared.filter(({ entries }) => entries < MANY_ENTRIES)
  const many = compared.filter(({ entries }) => entries >= MANY_ENTRIES)
  // for each directory there is a Job of the last copy, and one of the verification
  const job = seen(few.map(({ seconds, jobs }) => seconds / jobs)) ?? UNKNOWN.job
  const telling = copies.filter(({ weight }) => weight >= TELLING)
  const used = telling.length > 0 ? telling : copies
  const rates = used.map(({ weight, seconds, jobs }) => weight / Math.max(1, seconds - jobs * job.low))
  const copy = seen(rates) ?? { low: 1, high: 1 }
  const listed = many.map(({ entries, seconds, jobs }) => (2 * entries) / Math.max(1, seconds - jobs * job.low))
  const steps = (name: StepName) => seen(groups.flatMap(({ steps }) => steps.get(name) ?? []))
  return {
    basis: 'history',
    groups: groups.length,
    // where all were small it could have been much faster
    copy: telling.length > 0 ? copy : { low: copy.low, high: copy.high * 10 },
    list: seen(listed) ?? UNKNOWN.list,
    job,
    stop: steps('stop') ?? UNKNOWN.stop,
    swap: steps('swap') ?? UNKNOWN.swap,
    probe: steps('probe') ?? UNKNOWN.probe,
    start: steps('start') ?? UNKNOWN.start,
  }
}

/** From the least to the most that was seen, and something beside it: the next time it is a little otherwise. */
function seen(numbers: number[]): Range | undefined {
  if (numbers.length === 0) return undefined
  return { low: Math.min(...numbers) * AGAIN.low, high: Math.max(...numbers) * AGAIN.high }
}

interface Passes {
  copy?: { weight: number; seconds: number; jobs: number }
  compare?: { entries: number; seconds: number; jobs: number }
  /** Seconds of each step that was done at once; where it was done more than once, of the last time. */
  steps: Map<StepName, number>
}

function passesOf(record: GroupRecord): Passes | undefined {
  const history = historyOf(record)
  const steps = new Map(history.steps.flatMap((step) => (isDone(step) ? [[step.step, secondsOf(step)] as const] : [])))
  if (steps.size === 0) return undefined
  const directories = record.kept.group.copies.length
  const copied = history.copied.filter(({ step, back }) => step === 'copy' && !back)
  // a resumed copy reports twice
  const once = copied.length === directories && directories > 0
  const weight = copied.reduce((sum, { files, bytes = 0 }) => sum + weightOf({ files, bytes }), 0)
  const copySeconds = steps.get('copy')
  const [catchUp, verify] = [steps.get('catch-up'), steps.get('verify')]
  const entries = history.verified
    .filter(({ attempt }) => attempt === 1)
    .reduce((sum, { source }) => sum + source.files + source.directories + source.links, 0)
  return {
    ...(once && copySeconds !== undefined && weight > 0
      ? { copy: { weight, seconds: copySeconds, jobs: 2 * directories } }
      : {}),
    ...(catchUp !== undefined && verify !== undefined && directories > 0
      ? { compare: { entries, seconds: catchUp + verify, jobs: 2 * directories } }
      : {}),
    steps,
  }
}

function isDone({ undo, outcome, until }: StepSpan): boolean {
  return !undo && outcome === 'done' && until !== undefined
}

function secondsOf({ from, until = from }: StepSpan): number {
  return (until - from) / 1000
}
