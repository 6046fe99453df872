import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
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
import { VERIFY, VERIFY_AHEAD } from '../../src/copy/programs.ts'
import { runScript } from './script.ts'

describe.skipIf(process.platform !== 'linux')('a verification ahead of time', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'juicify-'))
    for (const name of ['source', 'target', 'scratch', 'shared', 'bin']) mkdirSync(path.join(root, name))
    for (const name of ['a', 'b', 'with space', 'new\nline', 'back\\slash'])
      writeFileSync(`${root}/source/${name}`, `content of ${name}`)
    execFileSync('cp', ['-a', `${root}/source/.`, `${root}/target`])
    // the files are old, as the tests' clock has it, and each that is read is noted
    writeFileSync(`${root}/bin/date`, '#!/bin/sh\nexec /bin/date -d "+1 hour" "$@"\n', { mode: 0o755 })
    writeFileSync(
      `${root}/bin/sha256sum`,
      `#!/bin/sh
if [ $# -gt 0 ]; then printf '%s\\n' "$@" >>"${root}/read"; exec /usr/bin/sha256sum "$@"; fi
tee -a "${root}/read" | /usr/bin/sha256sum
`,
      { mode: 0o755 },
    )
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const run = (script: string, env: Record<string, string>) => {
    for (const name of ['scratch', 'read']) rmSync(`${root}/${name}`, { recursive: true, force: true })
    mkdirSync(`${root}/scratch`)
    const { status, told } = runScript(root, script, {
      CONTENT: 'content',
      TIMES: 'all',
      EXTRA: 'fail',
      ATTRIBUTES: 'kept',
      ...env,
    })
    const read = existsSync(`${root}/read`) ? readFileSync(`${root}/read`, 'utf8') : ''
    return { status, told, read, result: Object.fromEntries(told.result ?? []) }
  }
  // as if it were later: the kernel's time of it is the only one that cannot be set back
  const changeUnseen = (file: string, content = 'CONTENT of a') => {
    const { atime, mtime, ctimeMs } = statSync(file)
    const second = () => Math.floor(statSync(file).ctimeMs / 1000)
    do {
      writeFileSync(file, content)
      utimesSync(file, atime, mtime)
    } while (second() === Math.floor(ctimeMs / 1000))
  }
  const ahead = () => run(VERIFY_AHEAD, { STAGE: 'verify-ahead', IN_USE: 'yes' })
  const verify = (VERIFIED: string) => run(VERIFY, { STAGE: 'verify', IN_USE: 'no', VERIFIED })

  test('spares the verification every file that nobody has touched since', () => {
    const first = ahead()
    expect(first.status).toBe(0)
    expect(first.result).toMatchObject({ files: '5', of: '5' })
    const { result, read } = verify(first.result.digest ?? '')
    expect(result).toMatchObject({ missing: '0', changed: '0', extra: '0', files: '5' })
    expect(read).not.toContain('content of')
    expect(read).not.toMatch(/^\.\/\//m)
    expect(existsSync(`${root}/shared/verified`)).toBe(false)
  })

  test('does not hide a change that keeps size and times, on either side', () => {
    for (const side of ['source', 'target']) {
      const { result } = ahead()
      changeUnseen(`${root}/${side}/a`, side.toUpperCase().padEnd(12))
      const second = verify(result.digest ?? '')
      expect(second.result).toMatchObject({ missing: '0', changed: '1', extra: '0' })
      expect(second.told.differences).toEqual([{ path: 'a', what: ['content'] }])
      expect(second.read).toMatch(/^\.\/\/a$/m)
      expect(second.read).not.toMatch(/^\.\/\/b$/m)
      // what a comparison after another copy goes by
      expect(existsSync(`${root}/shared/verified`)).toBe(true)
      execFileSync('cp', ['-a', `${root}/source/a`, `${root}/target/a`])
    }
  })

  test('reads again what was touched, whatever it is called, and takes it as it is', () => {
    const { result } = ahead()
    for (const name of ['with space', 'new\nline', 'back\\slash'])
      changeUnseen(`${root}/source/${name}`, `CONTENT of ${name}`)
    execFileSync('cp', ['-a', `${root}/source/with space`, `${root}/target/with space`])
    const { told, read } = verify(result.digest ?? '')
    expect(told.differences).toEqual([
      { path: 'back\\\\slash', what: ['content'] },
      { path: 'new\\x0aline', what: ['content'] },
    ])
    expect(read).toMatch(/^\.\/\/with space$/m)
    expect(read).not.toMatch(/^\.\/\/[ab]$/m)
  })

  test('does not hide a file that was exchanged for another one of the same size and times', () => {
    const { result } = ahead()
    const { atime, mtime } = statSync(`${root}/source/a`)
    writeFileSync(`${root}/source/other`, 'CONTENT of a')
    utimesSync(`${root}/source/other`, atime, mtime)
    renameSync(`${root}/source/other`, `${root}/source/a`)
    expect(verify(result.digest ?? '').told.differences).toContainEqual({ path: 'a', what: ['content'] })
  })

  test('still compares owners, modes and what is missing or too much', () => {
    const { result } = ahead()
    const { atime, mtime } = statSync(`${root}/source`)
    chmodSync(`${root}/source/a`, 0o600)
    rmSync(`${root}/source/b`)
    writeFileSync(`${root}/source/c`, 'new')
    utimesSync(`${root}/source`, atime, mtime)
    expect(verify(result.digest ?? '').result).toMatchObject({ missing: '1', changed: '1', extra: '1' })
  })

  test('remembers no file that differs, and none that was changed a moment ago', () => {
    writeFileSync(`${root}/target/a`, 'CONTENT of a')
    expect(ahead().result).toMatchObject({ files: '4', of: '5' })
    rmSync(`${root}/bin/date`)
    writeFileSync(`${root}/source/b`, 'content of b')
    execFileSync('cp', ['-a', `${root}/source/b`, `${root}/target/b`])
    expect(Number(ahead().result.files)).toBeLessThan(4)
  })

  test('is believed only where its list is the one that was told', () => {
    const { result } = ahead()
    changeUnseen(`${root}/target/a`)
    const list = readFileSync(`${root}/shared/verified`, 'utf8')
    const { ino, size, mtimeMs, ctimeMs } = statSync(`${root}/target/a`)
    const forged = list.replace(/^a .*$/m, (line) => {
      const words = line.split(' ').slice(0, 6)
      return [...words, ino, size, Math.floor(mtimeMs / 1000), Math.floor(ctimeMs / 1000)].join(' ')
    })
    writeFileSync(`${root}/shared/verified`, forged)
    expect(verify(result.digest ?? '').result).toMatchObject({ changed: '1' })
    appendFileSync(`${root}/target/b`, '!')
    rmSync(`${root}/shared/verified`)
    expect(verify(result.digest ?? '').result).toMatchObject({ changed: '2' })
  })

  test('neither waits for nor follows what somebody has put in its place', () => {
    execFileSync('mkfifo', [`${root}/shared/verified`, `${root}/shared/verified.part`])
    expect(verify('0'.repeat(64)).result).toMatchObject({ missing: '0', changed: '0', extra: '0' })
    rmSync(`${root}/shared/verified`, { force: true })
    writeFileSync(`${root}/precious`, 'precious')
    rmSync(`${root}/shared/verified.part`)
    symlinkSync(`${root}/precious`, `${root}/shared/verified.part`)
    expect(ahead().result).toMatchObject({ files: '5' })
    expect(readFileSync(`${root}/precious`, 'utf8')).toBe('precious')
  })

  test('follows up links without a process for each, where find can tell where they lead', () => {
    for (const side of ['source', 'target']) symlinkSync('no where\n', `${root}/${side}/link\n`)
    symlinkSync('source', `${root}/source/other`)
    symlinkSync('target', `${root}/target/other`)
    writeFileSync(`${root}/bin/readlink`, `#!/bin/sh\necho >>"${root}/asked"; exec /usr/bin/readlink "$@"\n`, {
      mode: 0o755,
    })
    const compared = () => run(VERIFY, { STAGE: 'verify', IN_USE: 'no', TIMES: 'files' }).told.differences
    expect(compared()).toEqual([{ path: 'other', what: ['target'] }])
    expect(existsSync(`${root}/asked`)).toBe(false)
    writeFileSync(
      `${root}/bin/find`,
      '#!/bin/sh\ncase "$*" in *-printf*) echo "find: unrecognized: -printf" >&2; exit 1; esac\nexec /usr/bin/find "$@"\n',
      { mode: 0o755 },
    )
    expect(compared()).toEqual([{ path: 'other', what: ['target'] }])
    expect(existsSync(`${root}/asked`)).toBe(true)
  })

  test('remembers nothing where a server keeps the times', () => {
    writeFileSync(
      `${root}/bin/stat`,
      '#!/bin/sh\nif [ "$1" = -f ]; then echo 6969; else exec /usr/bin/stat "$@"; fi\n',
      {
        mode: 0o755,
      },
    )
    expect(ahead().result).toMatchObject({ files: '0', of: '5' })
  })
})
