import { size } from '../domain/quantity.ts'
import { age, count } from './amounts.ts'

/** How far a Job is; what its mover does not say is absent. */
export interface JobProgress {
  bytes?: number
  files?: number
  percent?: number
  /** Bytes a second. */
  rate?: number
  /** Seconds. */
  left?: number
}

/** `1,204 files, 1.5 GiB, 45%, 117 MiB/s, 12s left`, of several Jobs together; what not all of them say is left out. */
export function progressText(jobs: JobProgress[]): string {
  const [files, bytes, rate] = (['files', 'bytes', 'rate'] as const).map((key) => sum(jobs.map((job) => job[key])))
  const left = jobs.map((job) => job.left)
  const percent = percentOf(jobs)
  return [
    files === undefined ? '' : count(files, 'file'),
    bytes === undefined ? '' : size(bytes),
    percent === undefined ? '' : `${percent}%`,
    rate === undefined ? '' : `${size(rate)}/s`,
    sum(left) === undefined ? '' : `${age(Math.max(...left.map((seconds) => seconds ?? 0)) * 1000)} left`,
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
