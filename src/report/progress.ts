import { size } from '../domain/quantity.ts'
import { messages } from '../words/messages.ts'
import { age } from './amounts.ts'

/** How far a Job is; what its mover does not say is absent. */
export interface JobProgress {
  bytes?: number
  files?: number
  failed?: number
  percent?: number
  /** Bytes a second. */
  rate?: number
  /** Seconds. */
  left?: number
}

/** `1,204 files, 1.5 GiB, 45%, 117 MiB/s, 12s left`, of several Jobs together; what not all of them say is left out. */
export function progressText(jobs: JobProgress[]): string {
  const [files, bytes, rate] = (['files', 'bytes', 'rate'] as const).map((key) => sum(jobs.map((job) => job[key])))
  const failed = jobs.reduce((total, job) => total + (job.failed ?? 0), 0)
  const left = jobs.map((job) => job.left)
  const percent = percentOf(jobs)
  return [
    files === undefined ? '' : messages().files(files),
    bytes === undefined ? '' : size(bytes),
    failed ? messages().progress.failed(failed.toLocaleString('en-US')) : '',
    percent === undefined ? '' : `${percent}%`,
    rate === undefined ? '' : `${size(rate)}/s`,
    sum(left) === undefined
      ? ''
      : messages().progress.left(age(Math.max(...left.map((seconds) => seconds ?? 0)) * 1000)),
  ]
    .filter((part) => part !== '')
    .join(', ')
}

function sum(amounts: (number | undefined)[]): number | undefined {
  return amounts.reduce<number | undefined>(
    (total, amount) => (total === undefined || amount === undefined ? undefined : total + amount),
    amounts.length > 0 ? 0 : undefined,
  )
}

/** Each Job weighs as much as it has to do. */
function percentOf(jobs: JobProgress[]): number | undefined {
  const [only] = jobs
  if (jobs.length < 2) return only?.percent
  const whole = sum(jobs.map(({ bytes, percent }) => (bytes && percent ? (bytes * 100) / percent : undefined)))
  const done = sum(jobs.map(({ bytes }) => bytes))
  return whole && done !== undefined ? Math.floor((100 * done) / whole) : undefined
}
