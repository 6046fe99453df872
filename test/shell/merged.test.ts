import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { programOf, VERIFY } from '../../src/copy/programs.ts'
import { rsync, rsyncCommand } from '../../src/copy/rsync.ts'
import { runTogether } from './script.ts'

const RSYNC_MERGED = programOf(rsync, 'merged')

const missing = process.platform !== 'linux' || process.getuid?.() !== 0

// The scripts as this machine's own tools run them; the cluster's tests have busybox's.
describe.skipIf(missing)('a directory that two nodes have', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'juicify-'))
    for (const name of ['source.0', 'source.1', 'target', 'bin', 'shared']) mkdirSync(path.join(root, name))
    writeFileSync(`${root}/bin/sleep`, '#!/bin/sh\nexec /bin/sleep 0.2\n', { mode: 0o755 })
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const write = (node: number, name: string, content: string) => {
    writeFileSync(`${root}/source.${node}/${name}`, content)
    utimesSync(`${root}/source.${node}/${name}`, 1000, 1000)
  }
  const merged = { LAYOUT: 'merged', IN_USE: 'no' }
  const copy = (env: Record<string, string> = {}) => {
    const thorough = env.CONTENT === 'content'
    const args = rsyncCommand({
      layout: 'merged',
      exclude: [],
      deletes: true,
      thorough,
    })
    const rest = { ...merged, STAGE: 'catch-up', DELETE: 'yes', CONTENT: 'metadata', ...env }
    return runTogether(root, RSYNC_MERGED, 2, rest, args)
  }
  const verify = (env: Record<string, string> = {}) =>
    runTogether(root, VERIFY, 2, {
      ...merged,
      STAGE: 'verify',
      CONTENT: 'content',
      TIMES: 'files',
      EXTRA: 'fail',
      ...env,
    })
  const statuses = (results: Awaited<ReturnType<typeof copy>>) => results.map(({ status }) => status)
  const numbers = ([first]: Awaited<ReturnType<typeof copy>>) =>
    ['missing', 'changed', 'extra', 'files'].map((key) => first?.told.result?.get(key))

  test('is not equal to its copy where a node could not tell in whole what it has', async () => {
    write(0, 'first', '1')
    for (let i = 0; i < 9; i++) write(1, `second ${i}`, '2')
    expect(statuses(await copy())).toEqual([0, 0])
    expect(numbers(await verify())).toEqual(['0', '0', '0', '10'])

    // the place where the nodes meet is full: what is written there is cut off
    const full = '#!/bin/sh\nfor to do :; done\ncase $to in *list.1.part) head -n 2 "$1" >"$to"; exit 1 ;; esac\n'
    writeFileSync(`${root}/bin/cp`, `${full}exec /bin/cp "$@"\n`, { mode: 0o755 })
    expect(statuses(await copy())).not.toContain(0)
    expect(readdirSync(`${root}/target`)).toHaveLength(10)
    expect(statuses(await verify({ EXTRA: 'ignore' }))).not.toContain(0)
  })

  test('is not merged from half of what the nodes have told', async () => {
    write(0, 'first', '1')
    write(1, 'second', '2')
    execFileSync('cp', ['-a', `${root}/source.0/first`, `${root}/target/first`])
    // sort is killed while it writes what the nodes have together
    const killed =
      '#!/bin/sh\n/usr/bin/sort "$@" >"$0.$$"\nif grep -q "^second .* 1$" "$0.$$"; then head -n 2 "$0.$$"; exit 137; fi\ncat "$0.$$"\n'
    writeFileSync(`${root}/bin/sort`, killed, { mode: 0o755 })
    expect(statuses(await copy())).not.toContain(0)
    expect(statuses(await verify())[0]).not.toBe(0)
  })

  test('takes nothing away from its copy where it is empty on all of them all of a sudden', async () => {
    writeFileSync(`${root}/target/file`, 'precious')
    expect(statuses(await copy())).toEqual([73, 68])
    expect(readdirSync(`${root}/target`)).toEqual(['file'])
    write(1, 'other', 'x')
    expect(statuses(await copy())).toEqual([0, 0])
    expect(readdirSync(`${root}/target`)).toEqual(['other'])
  })

  test('a file that differs in nothing but its content is seen by those who read it, and both are kept', async () => {
    write(0, 'file', 'one')
    write(1, 'file', 'two')
    expect(statuses(await copy())).toEqual([0, 0])
    const [first] = await verify()
    expect(first?.told.conflicts).toEqual([{ path: 'file', taken: 'node0', left: 'node1', differsIn: 'content' }])

    const [again] = await copy({ CONTENT: 'content', ON_CONFLICT: 'keep-both' })
    expect(again?.told.conflictCount).toBe(1)
    expect(readdirSync(`${root}/target`).sort()).toEqual(['file', 'file.node1'])
    expect(readFileSync(`${root}/target/file.node1`, 'utf8')).toBe('two')
    expect(numbers(await verify({ ON_CONFLICT: 'keep-both' }))).toEqual(['0', '0', '0', '2'])
  })
})
