import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UNUSED } from '../../src/copy/programs.ts'
import { runScript } from './script.ts'

describe.skipIf(process.platform !== 'linux')('what was changed in an old directory', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'juicify-'))
    for (const name of ['source', 'scratch']) mkdirSync(path.join(root, name))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))
  const source = (name: string) => path.join(root, 'source', name)
  /** As if the swap had been an hour before the files were made, or an hour after. */
  const look = (was: 'before' | 'after', env = {}) => {
    const since = Math.floor(Date.now() / 1000) + (was === 'before' ? -3600 : 3600)
    const { status, told } = runScript(root, UNUSED, { SINCE: String(since), ...env })
    return { status, changed: Number(told.result?.get('changed')), names: told.changed.sort(), told }
  }

  test('is told by what nobody can set back, whatever its name and kind; FIFOs are not opened', () => {
    mkdirSync(source('a dir'))
    writeFileSync(source('a dir/数\n据\\'), '')
    utimesSync(source('a dir/数\n据\\'), 1, 1)
    symlinkSync('/nowhere', source('link'))
    spawnSync('mkfifo', [source('fifo')])
    expect(look('before')).toMatchObject({
      status: 0,
      changed: 4,
      names: ['a dir', 'a dir/数\\x0a据\\\\', 'fifo', 'link'],
    })
    expect(look('after')).toMatchObject({ status: 0, changed: 0, names: [] })
  })

  test('is told of a directory from which something was taken, and not of the one whose parts were moved away', () => {
    mkdirSync(source('kept'))
    writeFileSync(source('kept/gone'), '')
    unlinkSync(source('kept/gone'))
    expect(look('before').names).toEqual(['kept'])
    renameSync(source('kept'), path.join(root, 'kept'))
    expect(look('before')).toMatchObject({ status: 0, changed: 0 })
  })

  test('does not count what has not moved, and names no more than twenty of many', () => {
    mkdirSync(source('minio'))
    writeFileSync(source('minio/x'), '')
    expect(look('before', { EXCLUDE: 'minio' }).changed).toBe(0)
    for (let i = 0; i < 30; i++) writeFileSync(source(`${i}`), '')
    const { changed, names } = look('before', { EXCLUDE: 'minio' })
    expect([changed, names.length]).toEqual([30, 20])
  })

  test('is not known where one entry cannot be looked at, unless it has gone meanwhile', () => {
    mkdirSync(path.join(root, 'bin'))
    writeFileSync(source('changed'), '')
    for (const [complaint, status] of [
      ['Input/output error', 74],
      ['File name too long', 74],
      ['No such file or directory', 0],
    ] as const) {
      const program = `#!/bin/sh\necho "stat: cannot statx './/deep': ${complaint}" >&2\nPATH=\${PATH#*:} exec stat "$@"\n`
      writeFileSync(path.join(root, 'bin/stat'), program, { mode: 0o755 })
      expect([complaint, look('before').status]).toEqual([complaint, status])
    }
  })

  test('is not known where the directory cannot be read, or shows the file system itself', () => {
    rmSync(path.join(root, 'source'), { recursive: true })
    expect(look('before').status).toBe(74)
    mkdirSync(path.join(root, 'source'))
    writeFileSync(source('.accesslog'), '')
    const { told } = look('before', { OWN_FILES: '.accesslog', OWN_INODES: '*' })
    expect(told.result?.get('covered')).toBe('yes')
  })
})
