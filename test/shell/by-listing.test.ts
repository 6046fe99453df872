import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { programOf, VERIFY, VERIFY_AHEAD } from '../../src/copy/programs.ts'
import { juicefsSync } from '../../src/filesystem/juicefs/mover.ts'
import { runScript } from './script.ts'

const JUICEFS = programOf(juicefsSync, 'single')

describe.skipIf(process.platform !== 'linux')('a catch-up after a verification ahead of time', () => {
  const odd = ['with space', 'new\nline', 'line\n', 'back\\slash', "quo'te", '"', '-n', '*', '\\0101', '%s', 'tab\t']
  let root: string
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'juicify-'))
    for (const name of ['source', 'target', 'scratch', 'shared', 'bin']) mkdirSync(path.join(root, name))
    for (const name of [
      'a',
      'b',
      'alice/d/file',
      'alice/e/file',
      'bob/.bashrc',
      ...odd,
      ...odd.map((each) => `${each}.d/${each}`),
    ]) {
      mkdirSync(path.dirname(`${root}/source/${name}`), { recursive: true })
      writeFileSync(`${root}/source/${name}`, `content of ${name}`)
    }
    symlinkSync('a', `${root}/source/link`)
    execFileSync('cp', ['-a', `${root}/source/.`, `${root}/target`])
    // the files are old, as the tests' clock has it
    tool('date', 'exec /bin/date -d "+1 hour" "$@"')
    // the mover notes that it was asked, and does as it should
    tool(
      'juicefs',
      `for last do :; done
case $last in */leaving/to/) : >"\${last#file://}other"; exit ;; esac
echo "$@" >>"${root}/moved"
rm -rf "${root}/target"/* "${root}/target"/.[!.]*
cp -a "${root}/source/." "${root}/target"
echo "Found: 1, skipped: 0 (0 B), copied: 0 (1 B), failed: 0" >&2`,
    )
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const tool = (name: string, text: string) =>
    writeFileSync(`${root}/bin/${name}`, `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  const run = (script: string, env: Record<string, string>, args: string[] = []) => {
    rmSync(`${root}/scratch`, { recursive: true, force: true })
    mkdirSync(`${root}/scratch`)
    const rest = { TIMES: 'files', EXTRA: 'fail', ATTRIBUTES: 'kept', IN_USE: 'no', DELETE: 'yes' }
    return runScript(root, script, { ...rest, ...env }, args)
  }
  const ahead = () => {
    const { told } = run(VERIFY_AHEAD, { STAGE: 'verify-ahead', CONTENT: 'content', IN_USE: 'yes' })
    execFileSync('cp', ['-p', `${root}/shared/verified`, `${root}/kept`])
    return told.result?.get('digest') ?? ''
  }
  // a comparison that finds no difference takes it away
  const restore = () => execFileSync('cp', ['-p', `${root}/kept`, `${root}/shared/verified`])
  const catchUp = (VERIFIED: string, env: Record<string, string> = {}, args = ['--dirs']) => {
    if (existsSync(`${root}/kept`) && !existsSync(`${root}/shared/verified`)) restore()
    const { status, told } = run(JUICEFS, { STAGE: 'catch-up', CONTENT: 'metadata', VERIFIED, ...env }, args)
    return { status, told, copied: told.summaries.map((line) => /copied: (\d+)/.exec(line)?.[1]) }
  }
  const differences = (env: Record<string, string> = {}) =>
    run(VERIFY, { STAGE: 'verify', CONTENT: 'content', ...env }).told.differences
  const byMover = () => existsSync(`${root}/moved`)

  test('copies what changed, whatever its name, and asks no mover', () => {
    const digest = ahead()
    expect(catchUp(digest)).toMatchObject({ status: 0, copied: ['0'] })
    for (const name of odd) {
      appendFileSync(`${root}/source/${name}`, ' and more')
      writeFileSync(`${root}/source/${name}.d/${name} new`, 'new')
      mkdirSync(`${root}/source/${name}.new/deep/er`, { recursive: true })
      chmodSync(`${root}/source/${name}.new/deep`, 0o2750)
      writeFileSync(`${root}/source/${name}.new/deep/er/${name}`, 'new')
      symlinkSync(name, `${root}/source/${name}.new/deep/link`)
    }
    appendFileSync(`${root}/source/a`, ' and more')
    chmodSync(`${root}/source/a`, 0o4711)
    utimesSync(`${root}/source/b`, 5, 5)
    expect(catchUp(digest)).toMatchObject({ status: 0, copied: [String(4 * odd.length + 2)] })
    expect(byMover()).toBe(false)
    expect(differences()).toEqual([])
    expect(statSync(`${root}/target/a`).mode & 0o7777).toBe(0o4711)
  })

  test('takes away what is gone, and nothing of a place that held something before', () => {
    const digest = ahead()
    rmSync(`${root}/source/alice`, { recursive: true })
    for (const name of odd) rmSync(`${root}/source/${name}.d`, { recursive: true })
    rmSync(`${root}/source/link`)
    expect(catchUp(digest, { DELETE: 'no', EXTRA: 'ignore' })).toMatchObject({ status: 0, copied: ['0'] })
    expect(existsSync(`${root}/target/alice/d/file`)).toBe(true)
    expect(catchUp(digest)).toMatchObject({ status: 0, copied: ['0'] })
    expect(byMover()).toBe(false)
    expect(differences()).toEqual([])
  })

  test('leaves to the mover a place in which something stands that no copy brings', () => {
    const digest = ahead()
    execFileSync('mkfifo', [`${root}/target/alice/pipe`])
    expect(catchUp(digest)).toMatchObject({ status: 0 })
    expect(byMover()).toBe(true)
    expect(existsSync(`${root}/target/alice/pipe`)).toBe(false)
  })

  test('forgets what was equal when both sides are, and keeps it where they differ', () => {
    const digest = ahead()
    appendFileSync(`${root}/source/a`, ' and more')
    expect(catchUp(digest)).toMatchObject({ status: 0, copied: ['1'] })
    expect(existsSync(`${root}/shared/verified`)).toBe(false)
    appendFileSync(`${root}/source/a`, ' and more')
    // its last byte does not arrive
    tool('cp', '/bin/cp "$@" && for last do :; done && truncate -s -1 "$last/a"')
    const { told } = catchUp(digest)
    expect(told.differences).toHaveLength(1)
    expect(existsSync(`${root}/shared/verified`)).toBe(true)
  })

  test('finds what changed without another size or time, by the time that nobody can set, on either side', () => {
    const digest = ahead()
    for (const [side, name] of [
      ['source', 'a'],
      ['target', 'b'],
    ] as const) {
      const file = `${root}/${side}/${name}`
      const { atime, mtime, ctimeMs } = statSync(file)
      do {
        writeFileSync(file, `CONTENT of ${name}`)
        utimesSync(file, atime, mtime)
      } while (Math.floor(statSync(file).ctimeMs / 1000) === Math.floor(ctimeMs / 1000))
    }
    const { atime, mtime } = statSync(`${root}/source/alice/d/file`)
    writeFileSync(`${root}/source/other`, 'CONTENT of alice/d/file')
    utimesSync(`${root}/source/other`, atime, mtime)
    renameSync(`${root}/source/other`, `${root}/source/alice/d/file`)
    expect(catchUp(digest)).toMatchObject({ status: 0, copied: ['3'] })
    expect(byMover()).toBe(false)
    expect(differences()).toEqual([])
    expect(readFileSync(`${root}/target/a`, 'utf8')).toBe('CONTENT of a')
    expect(readFileSync(`${root}/target/b`, 'utf8')).toBe('content of b')
  })

  test('exchanges files, directories and links for each other, and writes through none', () => {
    const digest = ahead()
    const at = (name: string) => `${root}/source/${name}`
    for (const name of ['a', 'alice/d', 'alice/e', 'link', 'with space', 'line\n.d'])
      rmSync(at(name), { recursive: true })
    mkdirSync(at('a'))
    writeFileSync(at('a/.bashrc'), 'a’s')
    symlinkSync('../bob', at('alice/d'))
    writeFileSync(at('alice/e'), 'a file')
    mkdirSync(at('link'))
    writeFileSync(at('link/a'), 'in what was a link')
    symlinkSync('bob/.bashrc', at('with space'))
    writeFileSync(at('line\n.d'), 'a file')
    expect(catchUp(digest)).toMatchObject({ status: 0 })
    // and back again, now that there are links on the target
    for (const name of ['alice/d', 'with space']) rmSync(at(name))
    mkdirSync(at('alice/d'))
    writeFileSync(at('alice/d/.bashrc'), 'alice’s')
    writeFileSync(at('with space'), 'not bob’s')
    expect(catchUp(digest)).toMatchObject({ status: 0 })
    expect(byMover()).toBe(false)
    expect(differences()).toEqual([])
    expect(readFileSync(`${root}/target/bob/.bashrc`, 'utf8')).toBe('content of bob/.bashrc')
  })

  test('follows no link that somebody puts in the place of a directory meanwhile', () => {
    const digest = ahead()
    mkdirSync(`${root}/outside`)
    writeFileSync(`${root}/outside/file`, 'a secret')
    for (const name of ['alice/d/file', 'alice/e/file']) appendFileSync(`${root}/source/${name}`, ' and more')
    // right before the first file is copied, both directories on both sides are exchanged
    tool(
      'cp',
      `if [ "$1" = -R ] && mkdir "${root}/exchanged" 2>/dev/null; then
  for at in source/alice/d source/alice/e target/alice/d target/alice/e; do
    mv "${root}/$at" "${root}/$at.was"
    ln -s "${root}/outside" "${root}/$at"
  done
fi
exec /bin/cp "$@"`,
    )
    tool('juicefs', `case "$*" in *leaving*) : >"${root}/scratch/leaving/to/other"; exit ;; esac; exit 5`)
    expect(catchUp(digest).status).not.toBe(0)
    expect(existsSync(`${root}/exchanged`)).toBe(true)
    expect(readdirSync(`${root}/outside`)).toEqual(['file'])
    expect(readFileSync(`${root}/outside/file`, 'utf8')).toBe('a secret')
    expect(readFileSync(`${root}/target/alice/d.was/file`, 'utf8')).toBe('content of alice/d/file and more')
    expect(readFileSync(`${root}/target/alice/e.was/file`, 'utf8')).toBe('content of alice/e/file')
  })

  test('waits for no FIFO, and takes away what it has taken the place of', () => {
    const digest = ahead()
    rmSync(`${root}/source/a`)
    execFileSync('mkfifo', [`${root}/source/a`])
    expect(catchUp(digest)).toMatchObject({ status: 0 })
    expect(byMover()).toBe(false)
    expect(existsSync(`${root}/target/a`)).toBe(false)
    expect(differences()).toEqual([])
  })

  test('sets owners and modes of what did not change besides, and gives a link no other’s', () => {
    const digest = ahead()
    chmodSync(`${root}/source/alice`, 0o1711)
    chmodSync(`${root}/target/b`, 0o600)
    chmodSync(`${root}/target/bob`, 0o2777)
    expect(catchUp(digest)).toMatchObject({ status: 0 })
    expect(byMover()).toBe(false)
    expect(differences()).toEqual([])
    expect(statSync(`${root}/target/alice`).mode & 0o7777).toBe(0o1711)
    expect(lstatSync(`${root}/target/link`).isSymbolicLink()).toBe(true)
    expect(readlinkSync(`${root}/target/link`)).toBe('a')
  })

  test('does not write into another name of a file that the place had before', () => {
    linkSync(`${root}/target/a`, `${root}/target/theirs`)
    const digest = ahead()
    appendFileSync(`${root}/source/a`, ' and more')
    expect(catchUp(digest, { DELETE: 'no', EXTRA: 'ignore' })).toMatchObject({ status: 0 })
    expect(byMover()).toBe(false)
    expect(readFileSync(`${root}/target/theirs`, 'utf8')).toBe('content of a')
    expect(differences({ EXTRA: 'ignore' })).toEqual([])
  })

  test('compares both sides in whole afterwards, as the verification would', () => {
    const digest = ahead()
    appendFileSync(`${root}/source/a`, ' and more')
    rmSync(`${root}/source/alice`, { recursive: true })
    execFileSync('mkfifo', [`${root}/source/fifo`])
    const { told } = catchUp(digest)
    restore()
    const { result, left } = run(VERIFY, { STAGE: 'verify', CONTENT: 'content', VERIFIED: digest }).told
    expect(result?.get('missing')).toBe('0')
    expect(result?.get('left')).toBe('1')
    expect([told.result, told.left]).toEqual([result, left])
    expect(existsSync(`${root}/shared/verified`)).toBe(false)
  })

  test('tells what has not come as it is, and what somebody has made meanwhile', () => {
    const digest = ahead()
    appendFileSync(`${root}/source/a`, ' and more')
    tool(
      'cp',
      `/bin/cp "$@"
if [ "$1" = -R ]; then
  printf 'CONTENT of a and more' >"${root}/target/a"
  touch -r "${root}/source/a" "${root}/target/a"
  echo >"${root}/source/late"
fi`,
    )
    const { status, told } = catchUp(digest)
    expect(status).toBe(0)
    expect(told.differences).toEqual([
      { path: 'a', what: ['content'] },
      { path: 'late', what: 'missing' },
    ])
    // what a comparison after another copy goes by
    expect(existsSync(`${root}/shared/verified`)).toBe(true)
  })

  test('lists each side once, and of what was brought a second time nothing but that and the directories above it', () => {
    const digest = ahead()
    tool(
      'stat',
      `case $2 in S,*) echo "$(basename "$PWD") $(($# - 2))" >>"${root}/listed" ;; esac; exec /usr/bin/stat "$@"`,
    )
    const listed = () => {
      const lines = readFileSync(`${root}/listed`, 'utf8').trim().split('\n')
      rmSync(`${root}/listed`)
      return lines.sort()
    }
    const equal = () => {
      const { told } = catchUp(digest)
      expect(['missing', 'changed', 'extra'].map((key) => told.result?.get(key))).toEqual(['0', '0', '0'])
      return listed()
    }
    const whole = equal()
    expect(whole.map((line) => line.split(' ')[0])).toEqual(['source', 'target'])
    chmodSync(`${root}/source`, 0o700)
    expect(equal()).toEqual([...whole, 'source 1', 'target 1'].sort())
    expect(statSync(`${root}/target`).mode & 0o777).toBe(0o700)
    appendFileSync(`${root}/source/alice/d/file`, ' and more')
    // the file, d, alice and the directory itself
    expect(equal()).toEqual([...whole, 'source 4', 'target 4'].sort())
    expect(byMover()).toBe(false)
  })

  test('compares what is in a directory that somebody puts in the place of a file that is being brought', () => {
    const digest = ahead()
    appendFileSync(`${root}/source/a`, ' and more')
    tool(
      'cp',
      `if [ "$1" = -R ]; then rm ./a; mkdir ./a; echo inner >./a/inner; fi
/bin/cp "$@"
if [ "$1" = -R ]; then echo other >"${root}/target/a/inner"; fi`,
    )
    const { told } = catchUp(digest)
    expect(told.result?.get('changed')).toBe('1')
    expect(told.differences.map(({ path }) => path)).toEqual(['a/inner'])
  })

  test.each(['verified.source', 'verified.target', 'source', 'target.held'])(
    'takes no part for the whole where a tool fails at the listing %s',
    (side) => {
      const digest = ahead()
      appendFileSync(`${root}/source/a`, ' and more')
      tool(
        'awk',
        `case "$*" in *"/by.touched "*"/${side}") echo >"${root}/failed"; exit 1 ;; esac; exec /usr/bin/awk "$@"`,
      )
      const { told } = catchUp(digest)
      expect(existsSync(`${root}/failed`)).toBe(true)
      restore()
      rmSync(`${root}/bin/awk`)
      const { result } = run(VERIFY, { STAGE: 'verify', CONTENT: 'content', VERIFIED: digest }).told
      expect(told.result).toEqual(result)
    },
  )

  describe('leaves all of it to the mover', () => {
    test('where what is remembered is not what was told, or is gone', () => {
      const digest = ahead()
      appendFileSync(`${root}/shared/verified`, '\n')
      expect(catchUp(digest)).toMatchObject({ status: 0 })
      expect(byMover()).toBe(true)
      rmSync(`${root}/moved`)
      for (const name of ['kept', 'shared/verified']) rmSync(`${root}/${name}`, { force: true })
      expect(catchUp(digest)).toMatchObject({ status: 0 })
      expect(byMover()).toBe(true)
    })

    test('where there is much of it', () => {
      const digest = ahead()
      for (let i = 0; i < 2100; i++) writeFileSync(`${root}/source/bob/${i}`, '')
      expect(catchUp(digest)).toMatchObject({ status: 0 })
      expect(byMover()).toBe(true)
      expect(differences()).toEqual([])
    })

    test('where it is more than what a limited bandwidth should be passed by with', () => {
      const digest = ahead()
      execFileSync('truncate', ['-s', '65M', `${root}/source/bob/large`])
      expect(catchUp(digest)).toMatchObject({ status: 0, copied: ['1'] })
      expect(byMover()).toBe(false)
      rmSync(`${root}/target/bob/large`)
      expect(catchUp(digest, {}, ['--dirs', '--bwlimit=800'])).toMatchObject({ status: 0 })
      expect(byMover()).toBe(true)
    })

    test('where a tool fails, or is killed half way', () => {
      const digest = ahead()
      for (const name of ['a', 'alice/d/file']) appendFileSync(`${root}/source/${name}`, ' and more')
      rmSync(`${root}/source/bob`, { recursive: true })
      mkdirSync(`${root}/source/new`)
      const half = `/usr/bin/sort "$@" >"$0.$$"
if grep -q ' [STU]$' "$0.$$"; then head -n 3 "$0.$$"; exit 137; fi
cat "$0.$$"`
      for (const [name, text] of [
        ['sort', half],
        ['cp', 'case $1 in -R) exit 1 ;; esac; exec /bin/cp "$@"'],
        ['rmdir', 'exit 1'],
        ['mkdir', `case $* in *new*) exit 1 ;; esac; exec /bin/mkdir "$@"`],
        ['chown', `case $* in *-h*new*) exit 1 ;; esac; exec /bin/chown "$@"`],
      ] as const) {
        execFileSync('sh', ['-c', `rm -rf '${root}/target' && cp -a '${root}/source' '${root}/target'`])
        writeFileSync(`${root}/target/a`, 'older')
        mkdirSync(`${root}/target/bob`)
        rmSync(`${root}/target/new`, { recursive: true })
        tool(name, text)
        expect(catchUp(digest), name).toMatchObject({ status: 0 })
        expect(byMover(), name).toBe(true)
        rmSync(`${root}/bin/${name}`)
        rmSync(`${root}/moved`)
        expect(differences(), name).toEqual([])
      }
    })

    test('of a source that is empty all of a sudden neither takes anything away', () => {
      const digest = ahead()
      rmSync(`${root}/source`, { recursive: true })
      mkdirSync(`${root}/source`)
      expect(catchUp(digest)).toMatchObject({ status: 73 })
      expect(readFileSync(`${root}/target/a`, 'utf8')).toBe('content of a')
      expect(byMover()).toBe(false)
    })

    test('while the directory is in use, and on the way back', () => {
      const digest = ahead()
      for (const STAGE of ['warm', 'back']) {
        expect(catchUp(digest, { STAGE })).toMatchObject({ status: 0 })
        expect(byMover()).toBe(true)
        rmSync(`${root}/moved`)
      }
    })
  })
})
