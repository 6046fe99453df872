import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { juicefsCommand } from '../../src/copy/juicefs.ts'
import type { MoverWork } from '../../src/copy/mover.ts'
import { JUICEFS, VERIFY } from '../../src/copy/script/scripts.ts'
import { plantTree } from '../laboratory/tree.ts'
import { runScript } from '../unit/copy/script.ts'

const binary = process.env.JUICIFY_TEST_JUICEFS
const skipped = binary ? '' : ' (needs JUICIFY_TEST_JUICEFS, the path of a juicefs)'

// No mount is needed: what went there is brought back, and compared with what it was.
describe.skipIf(!binary)(`copying with juicefs sync${skipped}`, () => {
  let root: string
  let metadata: string
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'juicify-'))
    for (const name of ['source', 'target', 'scratch', 'bin', 'blocks']) mkdirSync(path.join(root, name))
    symlinkSync(path.resolve(binary ?? ''), path.join(root, 'bin', 'juicefs'))
    metadata = `sqlite3://${root}/metadata.db`
    execFileSync(binary ?? '', ['format', '--storage', 'file', '--bucket', `${root}/blocks/`, metadata, 'test'])
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const pass = (changes: Partial<MoverWork> = {}) => {
    const work: MoverWork = {
      pass: 'catch-up',
      back: false,
      way: 'alone',
      leave: ['minio'],
      subdir: 'kubeflow',
      deletes: true,
      thorough: false,
      ...changes,
    }
    const args = juicefsCommand(work).filter((arg) => !arg.startsWith('--metrics'))
    return runScript(root, JUICEFS, { PASS: work.pass, juicify_fs: metadata, LEAVE: 'minio' }, args)
  }
  const bringBack = () => {
    renameSync(`${root}/source`, `${root}/original`)
    rmSync(`${root}/target`, { recursive: true })
    mkdirSync(`${root}/target`)
    mkdirSync(`${root}/source`)
    expect(pass({ back: true }).status).toBe(0)
    rmSync(`${root}/source`, { recursive: true })
    renameSync(`${root}/original`, `${root}/source`)
  }
  const differences = () => {
    const env = { CONTENT: 'content', TIMES: 'files', EXTRA: 'fail', LEAVE: 'minio' }
    const { differences } = runScript(root, VERIFY, env).told
    // the directory itself is no part of a sync, and on the way back there was no original to take it from
    return differences.filter((one) => one.path !== '.')
  }

  test('everything arrives as it was, after a warm copy and changes too', () => {
    plantTree(`${root}/source`, { files: 500, sparse: 1 << 20 })
    mkdirSync(`${root}/source/minio`)
    writeFileSync(`${root}/source/minio/stays`, 'stays')
    writeFileSync(`${root}/target/mounted`, 'stands for the mount')
    expect(pass({ pass: 'warm', deletes: false }).status).toBe(0)
    unlinkSync(`${root}/source/with space`)
    writeFileSync(`${root}/source/one`, 'changed')
    renameSync(`${root}/source/many/4`, `${root}/source/many/renamed`)
    expect(pass().status).toBe(0)
    bringBack()
    expect(differences()).toEqual([])
  })
})
