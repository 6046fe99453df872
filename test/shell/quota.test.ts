import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileSystemOf } from '../../src/filesystem/registry.ts'
import { migration } from '../laboratory/migration.ts'
import { runScript } from './script.ts'

const { quotas } = fileSystemOf({ ...migration().target, quota: 'capacity' })

/**
 * As juicefs 1.3.1 does it: a quota is a file of what it shows, in a directory that is there; one that cannot be asked has a
 * file `down`.
 */
const FAKE = `#!/bin/sh
[ "$1 $3 $4" = "quota redis://:secret@host/1 --path" ] || exit 9
[ ! -e "$FS/down" ] || { echo '2026/11/27 05:00:00.000000 juicefs[7] <FATAL>: Meta is not available: redis://:secret@host/1?password=secret: dial tcp: refused [x.go:1]' >&2; exit 1; }
[ -d "$FS$5" ] || { echo "2026/11/27 05:00:00.000000 juicefs[7] <FATAL>: resolve dir $5: no such file or directory [main.go:31]" >&2; exit 1; }
quota=$FS$5/quota
case $2 in
  set) [ "$6" = --capacity ] && printf '%s.0 GiB' "$7" >"$quota" ;;
  delete) rm -f "$quota" ;;
  get)
    [ -e "$quota" ] || { echo "2026/11/27 05:00:00.000000 juicefs[7] <FATAL>: no quota for inode 5 path $5 [main.go:31]" >&2; exit 1; }
    printf '+---+\\n|  Path |  Size | Used | Use%% | Inodes | IUsed | IUse%% |\\n+---+\\n| %s | %s | %s | %s | unlimited | 3 | |\\n+---+\\n' "$5" "$(cat "$quota")" "$(cat "$FS$5/used" 2>/dev/null || echo 0 B)" "$(cat "$FS$5/percent" 2>/dev/null || echo 0%)"
    ;;
esac
`

describe.skipIf(process.platform !== 'linux')('the quotas of directories', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'juicify-'))
    for (const name of ['bin', 'scratch', 'dev', 'fs', 'fs/a', 'fs/b/c'])
      mkdirSync(path.join(root, name), { recursive: true })
    writeFileSync(path.join(root, 'bin/juicefs'), FAKE)
    chmodSync(path.join(root, 'bin/juicefs'), 0o755)
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const at = (name: string) => path.join(root, 'fs', name)
  const run = (what: string, ...lines: string[]) => {
    const env = { DO: what, QUOTAS: lines.join('\n'), META: 'redis://:secret@host/1', FS: path.join(root, 'fs') }
    const { status, told } = runScript(root, quotas?.program ?? '', env)
    const places = told.records.flatMap(({ word, text }) => (word === 'quota' ? [text] : []))
    return { status, told, places }
  }

  test('are told, and set where there are none', () => {
    writeFileSync(at('b/c/quota'), '9.0 GiB')
    expect(run('look', '5 a', '1 b/c', '2 gone').places).toEqual(['0 none - -', '1 there 9.0_GiB 0_B', '2 missing - -'])
    const { status, places } = run('set', '5 a', '1 b/c', '2 gone')
    expect(status).toBe(0)
    expect(places).toEqual(['0 set 5.0_GiB 0_B', '1 there 9.0_GiB 0_B', '2 missing - -'])
    expect([readFileSync(at('a/quota'), 'utf8'), readFileSync(at('b/c/quota'), 'utf8')]).toEqual(['5.0 GiB', '9.0 GiB'])
    expect(existsSync(at('gone'))).toBe(false)
  })

  test('do not stay on a directory that holds as much already', () => {
    writeFileSync(at('a/used'), '6.1 GiB')
    writeFileSync(at('a/percent'), '122%')
    expect(run('set', '5 a').places).toEqual(['0 full - 6.1_GiB'])
    expect(existsSync(at('a/quota'))).toBe(false)
  })

  test('are taken away where they are still what they were, and nowhere else', () => {
    writeFileSync(at('a/quota'), '5.0 GiB')
    writeFileSync(at('b/quota'), '7.0 GiB')
    const { places } = run('remove', '5.0_GiB a', '5.0_GiB b', '5.0_GiB b/c')
    expect(places).toEqual(['0 removed - -', '1 changed 7.0_GiB 0_B', '2 none - -'])
    expect([existsSync(at('a/quota')), readFileSync(at('b/quota'), 'utf8')]).toEqual([false, '7.0 GiB'])
  })

  test('are not believed to be none where the metadata engine is away', () => {
    writeFileSync(at('down'), '')
    for (const what of ['look', 'set', 'remove']) {
      const { status, told, places } = run(what, '5 a')
      expect([status, places]).toEqual([86, []])
      expect(told.failed).toContain('Meta is not available')
      expect(told.failed).not.toContain('secret')
    }
  })
})
