import { chmodSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CompileCache } from '../../../src/cli/compile-cache.ts'

const source = Buffer.from('40 + 2')
const script = new Script(source.toString())
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compile-cache-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const cacheOf = (text: Buffer, command?: string) => new CompileCache(text, command, folder)

describe('what was compiled', () => {
  test('is kept, and found again for the same source and command', () => {
    cacheOf(source, 'plan').write(script)
    const cachedData = cacheOf(source, 'plan').read()
    expect(new Script(source.toString(), { ...(cachedData && { cachedData }) }).cachedDataRejected).toBe(false)
  })

  test('is not taken for another source of the same length, which V8 would take it for', () => {
    cacheOf(source, 'plan').write(script)
    expect(cacheOf(Buffer.from('41 + 2'), 'plan').read()).toBeUndefined()
  })

  test('is not taken where somebody else can write it', () => {
    cacheOf(source).write(script)
    const [name = ''] = readdirSync(folder)
    chmodSync(join(folder, name), 0o666)
    expect(cacheOf(source).read()).toBeUndefined()
  })

  test('is named by no word of a command line that leads elsewhere', () => {
    cacheOf(source, '../../etc/passwd').write(script)
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^[0-9a-f]{64}-.*-other$/)])
  })

  test('of another version goes after a month, and nothing that is not ours', () => {
    const [old, recent, foreign] = [`${'a'.repeat(64)}-1-x64-plan`, `${'b'.repeat(64)}-1-x64-plan`, 'notes.txt']
    for (const name of [old, recent, foreign]) writeFileSync(join(folder, name), '')
    utimesSync(join(folder, old), 0, 0)
    utimesSync(join(folder, foreign), 0, 0)
    cacheOf(source).write(script)
    expect(readdirSync(folder)).toEqual(expect.arrayContaining([recent, foreign]))
    expect(readdirSync(folder)).not.toContain(old)
  })
})
