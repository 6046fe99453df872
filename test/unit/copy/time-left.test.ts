import { expect, test } from 'vitest'
import { readingProgress } from '../../../src/copy/progress.ts'
import { TimeLeft } from '../../../src/copy/time-left.ts'

test('a verification that has hardly begun to read does not say that it takes hours', () => {
  // 20 s of listing, and a first file
  expect(readingProgress('listed=90000 read=1 bytes=4096 of=10000000 seconds=20')).not.toHaveProperty('left')
  expect(readingProgress('listed=90000 read=9 bytes=500000 of=10000000 seconds=20')).toHaveProperty('left', 380)
})

test('the time left is right within a factor of two, whatever came before the reading, and however the rate changes', () => {
  const left = new TimeLeft()
  // listed for 60 s, then 1% a second, and from the half on twice as fast
  const at = (second: number) => Math.min(100, second < 60 ? 0 : second < 110 ? second - 60 : 50 + 2 * (second - 110))
  const ends = 135
  let told = 0
  for (let second = 0; second <= 130; second += 2) {
    const percent = at(second)
    const { left: seconds } = left.of({ percent, bytes: percent * 1e9, of: 100e9, left: 28_800 }, second * 1000)
    // what the program guesses is believed by nobody
    expect(seconds).not.toBe(28_800)
    if (seconds === undefined) continue
    told++
    expect.soft(seconds, `after ${second} s`).toBeGreaterThan((ends - second) / 2)
    expect.soft(seconds, `after ${second} s`).toBeLessThanOrEqual(2 * (ends - second))
  }
  expect(told).toBeGreaterThan(20)
})

test('where the whole is not known, or nothing moves, no time is told', () => {
  const left = new TimeLeft()
  expect(left.of({ files: 12 }, 0)).toEqual({ files: 12 })
  for (const second of [0, 20, 40]) expect(left.of({ percent: 7, left: 3 }, second * 1000)).toEqual({ percent: 7 })
  // the whole grows while it is listed
  expect(left.of({ percent: 3 }, 60_000)).toEqual({ percent: 3 })
  expect(left.of({ percent: 13 }, 80_000)).toEqual({ percent: 13, left: 174 })
})
