import {
  chmodSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openLog } from '../../../src/cli/log-file.ts'
import { writeText } from '../../../src/cli/text-file.ts'

// The folder that a plan, a report or a log is written to may be one that colleagues write to as well.

const ANOTHER = 65_534

let folder: string
let victim: string
const at = (name: string) => path.join(folder, 'shared', name)

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'juicify-shared-'))
  victim = path.join(folder, 'victim')
  writeFileSync(victim, 'mine')
  mkdirSync(at(''))
  chmodSync(at(''), 0o1777)
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** Only root can have links of other people's. */
describe.runIf(process.geteuid?.() === 0)('in a folder that others may write to', () => {
  beforeEach(() => {
    symlinkSync(victim, at('friday'))
    lchownSync(at('friday'), ANOTHER, ANOTHER)
  })

  test('a link of another user leads no plan, report or log to a file of ours', async () => {
    await expect(writeText(at('friday'), 'a plan')).rejects.toThrow(`${at('friday')} is a symbolic link`)
    await expect(writeText(at('friday'), 'a report', { mode: 0o600 }, '--report')).rejects.toThrow('symbolic link')
    expect(() => openLog('apply', at('friday'), { keep: true })).toThrow('symbolic link')
    expect(readFileSync(victim, 'utf8')).toBe('mine')
  })

  test('it is followed where only its owner writes to the folder: then nobody else put it there', async () => {
    chmodSync(at(''), 0o755)
    lchownSync(at(''), ANOTHER, ANOTHER)
    await writeText(at('friday'), 'a plan')
    expect(readFileSync(victim, 'utf8')).toBe('a plan')
  })

  test('what nobody else may read is not written to a file of another user', async () => {
    writeFileSync(at('kubeconfig'), '')
    lchownSync(at('kubeconfig'), ANOTHER, ANOTHER)
    await expect(writeText(at('kubeconfig'), 'a token', { mode: 0o600 })).rejects.toThrow('belongs to another user')
    expect(readFileSync(at('kubeconfig'), 'utf8')).toBe('')
  })
})

test('a link of one’s own is followed, by a log too', async () => {
  symlinkSync(victim, at('latest'))
  await writeText(at('latest'), 'a plan')
  const log = openLog('apply', at('latest'), { keep: true })
  log.say('begun')
  log.close()
  expect(readFileSync(victim, 'utf8')).toMatch(/^a plan.*begun\n$/)
})

test('what nobody else may read is so too where the file was there before, and is all that is in it', async () => {
  writeFileSync(at('kubeconfig'), 'something longer than what comes', { mode: 0o644 })
  chmodSync(at('kubeconfig'), 0o644)
  await writeText(at('kubeconfig'), 'a token', { mode: 0o600 })
  expect(statSync(at('kubeconfig')).mode & 0o777).toBe(0o600)
  expect(readFileSync(at('kubeconfig'), 'utf8')).toBe('a token')
})

test('a large plan, which comes in pieces, is written in whole', async () => {
  await writeText(at('plan.yaml'), ['a plan', ' in pieces'])
  expect(readFileSync(at('plan.yaml'), 'utf8')).toBe('a plan in pieces')
})
