import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BRING_MISSING, VERIFY } from '../../src/copy/programs.ts'
import { runScript } from './script.ts'

describe.skipIf(process.platform !== 'linux')('what a place lacks', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'juicify-'))
    for (const name of ['source', 'target', 'scratch', 'bin']) mkdirSync(path.join(root, name))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const bring = () => {
    const { status, told } = runScript(root, BRING_MISSING, { CONTENT: 'metadata', STAGE: 'bring', IN_USE: 'yes' })
    expect(status).toBe(0)
    return Object.fromEntries(told.result ?? [])
  }
  const plant = (name: string, text: string, seconds = 1_000_000_000) => {
    mkdirSync(path.dirname(`${root}/${name}`), { recursive: true })
    writeFileSync(`${root}/${name}`, text)
    utimesSync(`${root}/${name}`, seconds, seconds)
  }
  const text = (name: string) => readFileSync(`${root}/target/${name}`, 'utf8')

  test('is brought with owner, mode and time, whatever it is called, and nothing that is there is overwritten', () => {
    const names = ['a b', 'new\nline', 'line\n', 'tab\t', '\\0101', '-n', '*', "quo'te", 'deep/er/file']
    for (const name of names) plant(`source/${name}`, name)
    symlinkSync('nowhere\n', `${root}/source/link\n`)
    plant('source/both', 'yesterday', 2_000_000_000)
    plant('target/both', 'what users have written since', 1_000_000_000)
    plant('target/deep/only here', 'stays')
    const found = bring()
    expect(found).toMatchObject({ brought: String(names.length + 2), left: '0' })
    for (const name of names) expect(text(name)).toBe(name)
    expect(statSync(`${root}/target/a b`).mtimeMs).toBe(1_000_000_000_000)
    expect(statSync(`${root}/target/a b`).mode).toBe(statSync(`${root}/source/a b`).mode)
    expect(readlinkSync(`${root}/target/link\n`)).toBe('nowhere\n')
    expect(text('both')).toBe('what users have written since')
    expect(text('deep/only here')).toBe('stays')
    expect(readdirSync(`${root}/target`).filter((name) => name.startsWith('.juicify'))).toEqual([])
    expect(bring()).toMatchObject({ brought: '0', left: '0' })
  })

  test('is brought through no link, and counted where it cannot be brought', () => {
    mkdirSync(`${root}/elsewhere`)
    mkdirSync(`${root}/target/bob`)
    plant('source/alice/d/.bashrc', 'alice')
    plant('source/alice/out/x', 'alice')
    mkdirSync(`${root}/target/alice`)
    symlinkSync('../bob', `${root}/target/alice/d`)
    symlinkSync(`${root}/elsewhere`, `${root}/target/alice/out`)
    plant('source/alice/file/x', 'a directory here')
    plant('target/alice/file', 'a file there')
    expect(bring()).toMatchObject({ brought: '0', left: '3' })
    expect(readdirSync(`${root}/target/bob`)).toEqual([])
    expect(readdirSync(`${root}/elsewhere`)).toEqual([])
    expect(lstatSync(`${root}/target/alice/d`).isSymbolicLink()).toBe(true)
    expect(text('alice/file')).toBe('a file there')
  })

  const tool = (name: string, program: string) =>
    writeFileSync(`${root}/bin/${name}`, `#!/bin/sh\n${program}\n`, { mode: 0o755 })
  const outside = () => readdirSync(`${root}/outside`).map((name) => readFileSync(`${root}/outside/${name}`, 'utf8'))

  test('is brought neither from nor to what somebody puts in the place of a directory meanwhile', () => {
    for (const side of ['from', 'to']) {
      rmSync(`${root}/outside`, { recursive: true, force: true })
      for (const name of ['source', 'target']) rmSync(`${root}/${name}`, { recursive: true })
      plant('outside/secret', 'nobody else’s')
      plant('source/alice/secret', 'alice')
      mkdirSync(`${root}/target/alice`, { recursive: true })
      const at = `${root}/${side === 'from' ? 'source' : 'target'}/alice`
      // right after it was looked at
      tool(
        'stat',
        `/usr/bin/stat "$@"; case $2 in '%u:%g %a %Y') mv "${at}" "${at}.was" && ln -s "${root}/outside" "${at}" ;; esac`,
      )
      expect(bring()).toMatchObject({ brought: '0', left: '1' })
      rmSync(`${root}/bin/stat`)
      expect([side, outside()]).toEqual([side, ['nobody else’s']])
      expect([side, readdirSync(`${root}/target/alice`)]).toEqual([side, side === 'from' ? [] : ['secret']])
    }
  })

  test('is put into no directory that a link leads to, which somebody makes in its place at that moment', () => {
    mkdirSync(`${root}/outside`)
    plant('source/file', 'alice')
    symlinkSync('nowhere', `${root}/source/link`)
    tool('ln', `for last do :; done\n[ -L "$last" ] || /bin/ln -s "${root}/outside" "$last"\nexec /bin/ln "$@"`)
    expect(bring()).toMatchObject({ brought: '0', left: '2' })
    expect(outside()).toEqual([])
    expect(['file', 'link'].map((name) => readlinkSync(`${root}/target/${name}`))).toEqual([
      `${root}/outside`,
      `${root}/outside`,
    ])
  })

  test('is put into no directory that somebody makes in its place', () => {
    plant('source/file', 'alice')
    tool('touch', `mkdir "${root}/target/file"; exec /usr/bin/touch "$@"`)
    expect(bring()).toMatchObject({ brought: '0', left: '1' })
    expect(readdirSync(`${root}/target`)).toEqual(['file'])
    expect(readdirSync(`${root}/target/file`)).toEqual([])
  })

  test('is written into nothing that is there already, by whichever name it comes', () => {
    plant('outside/secret', 'nobody else’s')
    plant('source/file', 'alice')
    mkdirSync(`${root}/target`, { recursive: true })
    symlinkSync(`${root}/outside/secret`, `${root}/target/.juicify-guessed`)
    tool('cat', `case $1 in /proc/*/uuid) echo guessed ;; *) exec /bin/cat "$@" ;; esac`)
    expect(bring()).toMatchObject({ brought: '0', left: '1' })
    expect(outside()).toEqual(['nobody else’s'])
  })

  // only root can give a directory away
  test.skipIf(process.getuid?.() !== 0)(
    'gives nobody a directory that somebody has put in the place of a new one',
    () => {
      plant('source/alice/work/x', 'alice')
      chownSync(`${root}/source/alice/work`, 1000, 1000)
      for (const name of ['alice', 'bob']) mkdirSync(`${root}/target/${name}`)
      chownSync(`${root}/target/bob`, 77, 78)
      // as if alice had moved it there right after it was made
      writeFileSync(`${root}/bin/mkdir`, `#!/bin/sh\nexec mv -T "${root}/target/bob" "$1"\n`, { mode: 0o755 })
      bring()
      expect(statSync(`${root}/target/alice/work`)).toMatchObject({ uid: 77, gid: 78 })
    },
  )

  test.each([
    ['cannot be read', 'Input/output error', 74],
    ['is gone meanwhile', 'No such file or directory', 0],
    ['is gone meanwhile, on another client', 'Stale file handle', 0],
  ])('is not taken to be all of it where something of the directory %s', (_, complaint, expected) => {
    for (const name of ['a', 'odd', 'z']) plant(`source/${name}`, name)
    tool(
      'stat',
      `for last do :; done
case $* in S,* | *' S,'*) ;; *) exec /usr/bin/stat "$@" ;; esac
n=$#
while [ $n -gt 0 ]; do
  case $1 in */odd) echo "stat: cannot statx '$1': ${complaint}" >&2 ;; *) set -- "$@" "$1" ;; esac
  shift
  n=$((n - 1))
done
/usr/bin/stat "$@"`,
    )
    const env = { CONTENT: 'metadata', TIMES: 'all', EXTRA: 'ignore', IN_USE: 'yes' }
    for (const [program, STAGE] of [
      [VERIFY, 'join'],
      [VERIFY, 'compare'],
      [BRING_MISSING, 'bring'],
    ] as const) {
      const { status, told } = runScript(root, program, { ...env, STAGE })
      expect([STAGE, status]).toEqual([STAGE, expected])
      if (expected !== 0) expect(told.failed).toMatch(/the source could not be read in whole: .*Input\/output error/)
    }
  })

  test('is counted with what it has older, and nothing else', () => {
    plant('source/missing', 'x')
    plant('source/newer here', 'x', 2_000_000_000)
    plant('target/newer here', 'y', 1_000_000_000)
    plant('source/newer there', 'x', 1_000_000_000)
    plant('target/newer there', 'y', 2_000_000_000)
    plant('target/only there', 'z')
    const env = { CONTENT: 'metadata', STAGE: 'join', TIMES: 'all', EXTRA: 'ignore', IN_USE: 'yes' }
    const { status, told } = runScript(root, VERIFY, env)
    expect(status).toBe(0)
    expect(Object.fromEntries(told.result ?? [])).toMatchObject({ missing: '1', changed: '1', extra: '0' })
    expect(told.differences.map((each) => each.path).sort()).toEqual(['missing', 'newer here'])
    expect(existsSync(`${root}/target/missing`)).toBe(false)
  })
})
