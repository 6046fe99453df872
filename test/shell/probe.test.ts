import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import PROBE from '../../src/probe/probe.sh'

let folder: string
let outside: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'probe-'))
  outside = mkdtempSync(path.join(tmpdir(), 'probe-'))
})
afterEach(() => {
  for (const each of [folder, outside]) rmSync(each, { recursive: true, force: true })
})

interface Ended {
  code: number
  log: string
  /** What its pod's status holds. */
  words: string
}

/** Runs the script as the pod of that number would, with this directory in place of the volume. */
function pod(index: number, volume: string, { count = 2, left = '', seconds = 60 } = {}): Promise<Ended> {
  const own = mkdtempSync(path.join(outside, 'pod-'))
  const words = path.join(own, 'termination-log')
  writeFileSync(words, '')
  const script = PROBE.replaceAll('/probe/', `${volume}/`)
    .replaceAll('/scratch/', `${own}/`)
    .replaceAll('/dev/termination-log', words)
  const env = {
    ...process.env,
    RUN: 'abc',
    INDEX: `${index}`,
    COUNT: `${count}`,
    SECONDS_TO_WAIT: `${seconds}`,
    LEFT: left,
  }
  return new Promise((resolve) => {
    execFile('sh', ['-c', script], { env }, (error, stdout) =>
      resolve({ code: error ? Number(error.code) : 0, log: stdout, words: readFileSync(words, 'utf8') }),
    )
  })
}

describe('what a probe’s pods run', () => {
  test('tells of each other node when it answered, and leaves nothing behind', async () => {
    utimesSync(folder, 1_600_000_000.5, 1_600_000_000.5)
    const [first, ...others] = await Promise.all([0, 1, 2].map((index) => pod(index, folder, { count: 3 })))
    expect(first?.log).toMatch(
      /^juicify room [1-9]\d* \d+ \d+\njuicify empty\njuicify answered 1 \d+\njuicify answered 2 \d+\n$/,
    )
    expect(first?.words).toBe(first?.log)
    expect([first, ...others].map((each) => each?.code)).toEqual([0, 0, 0])
    expect(readdirSync(folder)).toEqual([])
    expect(statSync(folder).mtimeMs).toBe(1_600_000_000_500)
  })

  test('fails on both sides where the nodes do not share the volume', async () => {
    const places = ['a', 'b'].map((name) => path.join(folder, name))
    for (const place of places) mkdirSync(place)
    const [first, second] = await Promise.all(places.map((place, index) => pod(index, place, { seconds: 1 })))
    expect(first).toMatchObject({ code: 82, log: expect.stringContaining('did not see within 1 s that the pod of') })
    expect(second).toMatchObject({
      code: 82,
      log: expect.stringContaining('did not see within 1 s what the first node'),
    })
  })

  test('says so where it may not write', async () => {
    const words = 'juicify failed it cannot write\n'
    expect(await pod(1, path.join('/proc', 'nowhere'), { seconds: 1 })).toEqual({ code: 81, log: words, words })
  })

  test('takes away what killed probes have left', async () => {
    mkdirSync(path.join(folder, '.juicify-probe-old'))
    mkdirSync(path.join(folder, 'theirs'))
    await Promise.all([pod(0, folder, { left: 'old' }), pod(1, folder)])
    expect(existsSync(path.join(folder, '.juicify-probe-old'))).toBe(false)
    expect(readdirSync(folder)).toEqual(['theirs'])
  })
})
