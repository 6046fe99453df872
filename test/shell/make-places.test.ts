import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MAKE_PLACES } from '../../src/copy/programs.ts'
import { runScript } from './script.ts'

describe.skipIf(process.platform !== 'linux')('the directories of volumes, where a mount makes none', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'juicify-'))
    for (const name of ['target', 'scratch', 'bin']) mkdirSync(path.join(root, name))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))
  const make = (...places: string[]) => runScript(root, MAKE_PLACES, { PLACES: places.join('\n') })
  const at = (place: string) => path.join(root, 'target', place)

  test('are made with all that is above them, and what is there stays as it is', () => {
    mkdirSync(at('a'), { mode: 0o700 })
    writeFileSync(at('a/file'), 'kept')
    const { status, told } = make('a/b/c', 'a', '-n/*', 'with space/数据', 'a/b')
    expect(status).toBe(0)
    expect(told.result?.get('made')).toBe('6')
    expect(['a/b/c', '-n/*', 'with space/数据'].map((place) => existsSync(at(place)))).toEqual([true, true, true])
    expect(readdirSync(at('a')).sort()).toEqual(['b', 'file'])
    expect([statSync(at('a')).mode & 0o777, statSync(at('a/b')).mode & 0o777]).toEqual([0o700, 0o755])
    expect(make('a/b/c', '-n/*').told.result?.get('made')).toBe('0')
  })

  test('are never made behind a link, nor where something else is', () => {
    symlinkSync(root, at('link'))
    writeFileSync(at('file'), '')
    for (const place of ['link/escaped', 'link', 'file', 'file/below']) {
      const { status, told } = make('first', place)
      expect([place, status]).toEqual([place, 80])
      expect(told.failed).toContain(place)
    }
    expect(readdirSync(root)).not.toContain('escaped')
    expect(readdirSync(at('.')).sort()).toEqual(['file', 'first', 'link'])
  })

  test('are not made behind a link that somebody puts in the place of one at that moment', () => {
    mkdirSync(path.join(root, 'elsewhere'))
    writeFileSync(
      path.join(root, 'bin/mkdir'),
      `#!/bin/sh\nfor last do :; done\nif [ "$last" = a ]; then exec ln -s "${root}/elsewhere" a; fi\nexec /bin/mkdir "$@"\n`,
      { mode: 0o755 },
    )
    const { status, told } = make('a/b')
    expect([status, told.failed]).toEqual([80, 'a/b: a link is on the way'])
    expect(readdirSync(path.join(root, 'elsewhere'))).toEqual([])
  })
})
