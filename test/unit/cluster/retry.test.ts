import { expect, test } from 'vitest'
import { type Attempt, type AttemptOutcome, pauseBeforeRetry, retryAfterSeconds } from '../../../src/cluster/retry.ts'

const answered = (status: number, retryAfter?: number): AttemptOutcome => ({ type: 'answered', status, retryAfter })
const refused: AttemptOutcome = { type: 'unanswered', trouble: 'connect', sent: false }
const broken: AttemptOutcome = { type: 'unanswered', trouble: 'lost', sent: true }
const silent: AttemptOutcome = { type: 'unanswered', trouble: 'timeout', sent: true }
const certificate: AttemptOutcome = { type: 'unanswered', trouble: 'certificate', sent: false }

function retried(outcome: AttemptOutcome, attempt: Partial<Attempt> = {}): boolean {
  const usual = { repeatable: true, tries: 1, elapsed: 0, budget: 120_000, known: true }
  return pauseBeforeRetry({ ...usual, outcome, ...attempt }, 0.5) !== undefined
}

test('what only reads is tried again after every passing trouble', () => {
  for (const outcome of [
    answered(429),
    answered(500),
    answered(502),
    answered(503),
    answered(504),
    refused,
    broken,
    silent,
  ]) {
    expect(retried(outcome), JSON.stringify(outcome)).toBe(true)
  }
})

test('a change is tried again only where the server surely did not make it', () => {
  const again = [answered(429), answered(503, 1), refused]
  const never = [answered(500), answered(500, 1), answered(502), answered(503), answered(504), broken, silent]
  for (const outcome of again) expect(retried(outcome, { repeatable: false }), JSON.stringify(outcome)).toBe(true)
  for (const outcome of never) expect(retried(outcome, { repeatable: false }), JSON.stringify(outcome)).toBe(false)
})

test('a no stays a no', () => {
  for (const status of [400, 401, 403, 404, 409, 410, 422, 501])
    expect(retried(answered(status)), String(status)).toBe(false)
  expect(retried(certificate)).toBe(false)
})

test('a server that never answered is given up soon, one that did is waited for', () => {
  expect(retried(refused, { known: false, tries: 2 })).toBe(true)
  expect(retried(refused, { known: false, tries: 3 })).toBe(false)
  expect(retried(silent, { known: false })).toBe(false)
  expect(retried(refused, { known: false, tries: 2, elapsed: 10_000 })).toBe(false)
  expect(retried(answered(503), { known: false, tries: 3 })).toBe(false)
  expect(retried(refused, { known: true, tries: 9, elapsed: 60_000 })).toBe(true)
})

test('there is an end to it', () => {
  expect(retried(refused, { elapsed: 119_999 })).toBe(false)
  expect(retried(answered(429, 3600))).toBe(false)
})

test('the pauses grow, differ by chance, and are never shorter than the server asks', () => {
  const pause = (tries: number, random: number, outcome: AttemptOutcome = refused) =>
    pauseBeforeRetry({ outcome, repeatable: true, tries, elapsed: 0, budget: 120_000, known: true }, random) ?? 0
  expect(pause(3, 0.5)).toBeGreaterThan(pause(2, 0.5))
  expect(pause(2, 0.9)).toBeGreaterThan(pause(2, 0.1))
  expect(pause(30, 1)).toBeLessThanOrEqual(10_000)
  expect(pause(1, 0, answered(429, 7))).toBeGreaterThanOrEqual(7000)
})

test('Retry-After is a number of seconds or a date', () => {
  const now = Date.parse('2026-11-23T10:00:00Z')
  expect(retryAfterSeconds('5', now)).toBe(5)
  expect(retryAfterSeconds('Mon, 23 Nov 2026 10:00:09 GMT', now)).toBe(9)
  expect(retryAfterSeconds('Mon, 23 Nov 2026 09:00:00 GMT', now)).toBe(0)
  expect(retryAfterSeconds('soon', now)).toBeUndefined()
  expect(retryAfterSeconds(undefined, now)).toBeUndefined()
})
