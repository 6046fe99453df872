import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SAMPLE } from '../../src/copy/programs.ts'
import { SAMPLE_PREFIX } from '../../src/domain/names.ts'
import { runScript } from './script.ts'

describe.skipIf(process.platform !== 'linux')('a sample of a directory', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'juicify-'))
    for (const name of ['source', 'target', 'scratch', 'bin']) mkdirSync(path.join(root, name))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))
  const sample = (every = 1, env = {}) =>
    runScript(root, SAMPLE, { EVERY: String(every), PREFIX: SAMPLE_PREFIX, ...env })
  const source = (name: string) => path.join(root, 'source', name)
  const target = (name = '') => path.join(root, 'target', name)
  const number = (told: ReturnType<typeof sample>['told'], key: string) => Number(told.result?.get(key))

  test('is copied, timed, and taken away again, whatever its files are called', () => {
    mkdirSync(source('-n/with space'), { recursive: true })
    for (const name of ['-n/a', '-n/with space/*', '数据', 'stays'].entries())
      writeFileSync(source(name[1]), 'x'.repeat(name[0]))
    writeFileSync(source('large'), Buffer.alloc(5 * 1024 * 1024))
    const { status, told } = sample(1, { EXCLUDE: 'stays' })
    expect(status).toBe(0)
    expect(number(told, 'files')).toBe(4)
    // of a large file a piece tells enough
    expect(number(told, 'bytes')).toBe(0 + 1 + 2 + 4 * 1024 * 1024)
    expect(number(told, 'ms')).toBeGreaterThanOrEqual(0)
    expect(number(told, 'listed')).toBe(4)
    expect(readdirSync(target())).toEqual([])
    expect(readFileSync(source('数据'), 'utf8')).toBe('xx')
  })

  test('is of the whole directory, and of no more than 200 files', () => {
    for (let i = 0; i < 500; i++) writeFileSync(source(`${i}`), '')
    expect(number(sample(10).told, 'files')).toBe(50)
    expect(number(sample(1).told, 'files')).toBe(200)
    expect(readdirSync(target())).toEqual([])
  })

  test('takes away what one that was killed has left, and nothing of anybody else’s', () => {
    const own = `${SAMPLE_PREFIX}node1-7`
    mkdirSync(target(own))
    writeFileSync(target(`${own}/12`), 'left')
    mkdirSync(target('people'))
    writeFileSync(target('people/12'), 'theirs')
    // by one who may write at the root of the file system
    symlinkSync(target('people'), target(`${SAMPLE_PREFIX}link`))
    mkdirSync(target(`${SAMPLE_PREFIX}theirs`))
    writeFileSync(target(`${SAMPLE_PREFIX}theirs/notes.txt`), 'theirs')
    writeFileSync(source('a'), 'a')
    expect(sample().status).toBe(0)
    expect(existsSync(target(own))).toBe(false)
    expect(readFileSync(target('people/12'), 'utf8')).toBe('theirs')
    expect(readFileSync(target(`${SAMPLE_PREFIX}theirs/notes.txt`), 'utf8')).toBe('theirs')
  })

  test('does not wait for what a tenant puts in the place of a file at that moment', () => {
    for (const name of ['a', 'swapped', 'z']) writeFileSync(source(name), name)
    // between the look at a file and its opening
    writeFileSync(
      path.join(root, 'bin', 'head'),
      `#!/bin/sh
for last do :; done
case $last in *swapped) rm "$last"; mkfifo "$last" ;; esac
PATH=\${PATH#*:} exec head "$@"
`,
      { mode: 0o755 },
    )
    // as long as a writer may take to come; nobody waits for that here
    writeFileSync(
      path.join(root, 'bin', 'timeout'),
      `#!/bin/sh
shift
case $* in *swapped*) limit=0.1 ;; *) limit=60 ;; esac
export PATH="\${PATH#*:}"
case $1 in head) shift; set -- "\${0%/*}/head" "$@" ;; esac
PATH=\${0%/*}:$PATH exec "$(command -v timeout)" $limit "$@"
`,
      { mode: 0o755 },
    )
    const { status, told } = sample()
    expect(status).toBe(0)
    expect(number(told, 'files')).toBe(2)
    expect(readdirSync(target())).toEqual([])
  })

  test('that cannot be made says so, and leaves nothing', () => {
    expect(sample().status).toBe(85)
    writeFileSync(source('a'), 'a')
    rmSync(target(), { recursive: true })
    writeFileSync(target(), 'no directory')
    expect(sample().status).toBe(85)
  })
})
