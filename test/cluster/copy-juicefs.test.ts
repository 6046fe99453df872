import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
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
import { CHECK_PLACE, ESTIMATE, programOf, VERIFY } from '../../src/copy/programs.ts'
import { rsyncCommand, rsync as rsyncMover } from '../../src/copy/rsync.ts'
import type { MoverWork } from '../../src/domain/mover.ts'
import { juicefsCommand, juicefsSync } from '../../src/filesystem/juicefs/mover.ts'
import { plantTree } from '../laboratory/tree.ts'
import { runScript, runTogether } from '../shell/script.ts'

const RSYNC = programOf(rsyncMover, 'single')
const JUICEFS_PART = programOf(juicefsSync, 'split')
const JUICEFS = programOf(juicefsSync, 'single')

const binary = process.env.JUICIFY_TEST_JUICEFS
const skipped = binary ? '' : ' (needs JUICIFY_TEST_JUICEFS, the path of a juicefs)'

/** A file system with a mount, and a directory that goes there and comes back. */
describe.skipIf(!binary)(`copying with juicefs sync${skipped}`, () => {
  let root: string
  let metadata: string
  let node: string
  let mounted: string
  const juicefs = (...args: string[]) => execFileSync(binary ?? '', args, { stdio: 'ignore' })
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'juicify-'))
    node = `${root}/there/source`
    mounted = `${root}/there/target`
    for (const name of ['there/source', 'there/target', 'back/source', 'bin', 'scratch', 'blocks', 'cache'])
      mkdirSync(path.join(root, name), { recursive: true })
    symlinkSync(path.resolve(binary ?? ''), path.join(root, 'bin', 'juicefs'))
    for (const way of ['there', 'back'])
      for (const name of ['bin', 'scratch']) symlinkSync(`${root}/${name}`, `${root}/${way}/${name}`)
    metadata = `sqlite3://${root}/metadata.db`
    juicefs('format', '--storage', 'file', '--bucket', `${root}/blocks/`, metadata, 'test')
    const own = ['--no-usage-report', '--cache-dir', `${root}/cache`, '--log', `${root}/mount.log`]
    // what another client has done is seen at once
    const caches = ['--attr-cache=0', '--entry-cache=0', '--dir-entry-cache=0']
    for (const at of [mounted, `${root}/back/source`])
      juicefs('mount', '-d', ...own, ...caches, '--subdir', 'kubeflow', metadata, at)
    plantTree(node, { files: 500, sparse: 1 << 20 })
    mkdirSync(`${node}/minio`)
    writeFileSync(`${node}/minio/stays`, 'stays')
  })
  afterEach(() => {
    for (const at of [mounted, `${root}/back/source`]) juicefs('umount', at)
    rmSync(root, { recursive: true, force: true })
  })

  const LEAVE = ['minio', 'many/5']
  const WORK: MoverWork = {
    layout: 'single',
    exclude: LEAVE,
    deletes: true,
    thorough: false,
  }
  /** On the way back the node's directory is where the target is mounted. */
  const passed = (back: boolean, run: () => ReturnType<typeof runScript>) => {
    if (back) renameSync(node, `${root}/back/target`)
    const { status, told } = run()
    if (back) renameSync(`${root}/back/target`, node)
    expect(told.failed ?? (status === 0 ? 'done' : told.others)).toBe('done')
  }
  const sync = ({ stage = 'catch-up', deletes = true } = {}) => {
    const back = stage === 'back'
    const args = juicefsCommand({ ...WORK, deletes }).filter((arg) => !arg.startsWith('--metrics'))
    const env = { STAGE: stage, EXCLUDE: LEAVE.join('\n') }
    passed(back, () => runScript(path.join(root, back ? 'back' : 'there'), JUICEFS, env, args))
  }
  const differences = () => {
    const env = { CONTENT: 'content', TIMES: 'files', EXTRA: 'fail', EXCLUDE: LEAVE.join('\n') }
    const { told } = runScript(path.join(root, 'there'), VERIFY, env)
    return told.failed ?? told.differences
  }

  test('everything arrives as it was, and what stays is left alone', () => {
    sync()
    expect(differences()).toEqual([])
    expect([existsSync(`${mounted}/minio`), existsSync(`${mounted}/many/5`)]).toEqual([false, false])
  })

  test('a place where nothing is yet is empty, in spite of the files that JuiceFS has on every mount', () => {
    const there = path.join(root, 'there')
    expect(runScript(there, CHECK_PLACE, {})).toMatchObject({ status: 0 })
    const { told } = runScript(there, ESTIMATE, { PLACE: `${mounted}`, ATTRIBUTES: 'lost' })
    expect(told.result?.get('place')).toBe('empty')
    writeFileSync(`${mounted}/file`, 'x')
    expect(runScript(there, CHECK_PLACE, {}).told.failed).toBe('the target is not empty: file')
  })

  test('rsync does the same through the mount, there and back', () => {
    const rsync = (back: boolean) => {
      const work: MoverWork = {
        layout: 'single',
        exclude: LEAVE,
        deletes: true,
        thorough: true,
      }
      const env = { STAGE: back ? 'back' : 'catch-up', DELETE: 'yes', EXCLUDE: LEAVE.join('\n') }
      return passed(back, () => runScript(path.join(root, back ? 'back' : 'there'), RSYNC, env, rsyncCommand(work)))
    }
    rsync(false)
    expect(differences()).toEqual([])
    writeFileSync(`${mounted}/one`, 'changed')
    rmSync(`${mounted}/with space`)
    rsync(true)
    expect(differences()).toEqual([])
    expect(readFileSync(`${node}/minio/stays`, 'utf8')).toBe('stays')
  })

  test('Jobs that share a directory bring what one would', async () => {
    // what is mounted in a Job is a link here
    const command = juicefsCommand({ ...WORK, layout: 'split' })
      .filter((arg) => !arg.startsWith('--metrics'))
      .map((arg) => arg.replace('file:///source/', `file://${node}/`).replace('file:///target/', `file://${mounted}/`))
    const env = { STAGE: 'catch-up', EXCLUDE: LEAVE.join('\n') }
    mkdirSync(`${root}/there/shared`)
    for (const { status, told } of await runTogether(path.join(root, 'there'), JUICEFS_PART, 3, env, command))
      expect(told.failed ?? (status === 0 ? 'done' : told.others)).toBe('done')
    // whose owner the directory itself gets
    expect(differences()).toEqual([{ path: '.', what: expect.anything() }])
  })

  test('a link that has become a directory meanwhile is not written through', () => {
    for (const name of ['alice', 'bob']) mkdirSync(`${node}/${name}`)
    writeFileSync(`${node}/bob/.bashrc`, 'of bob')
    const outside = `${root}/outside`
    mkdirSync(outside)
    symlinkSync('../bob', `${node}/alice/relative`)
    symlinkSync(outside, `${node}/alice/absolute`)
    sync({ deletes: false, stage: 'warm' })
    expect(lstatSync(`${mounted}/alice/relative`).isSymbolicLink()).toBe(true)
    for (const name of ['relative', 'absolute']) {
      rmSync(`${node}/alice/${name}`)
      mkdirSync(`${node}/alice/${name}`)
      writeFileSync(`${node}/alice/${name}/.bashrc`, 'of alice')
    }
    sync({ deletes: false, stage: 'warm' })
    expect(readFileSync(`${mounted}/bob/.bashrc`, 'utf8')).toBe('of bob')
    expect(readdirSync(outside)).toEqual([])
    expect(readFileSync(`${mounted}/alice/relative/.bashrc`, 'utf8')).toBe('of alice')
    sync()
    expect(differences()).toEqual([])
  })

  test('what changed after a warm copy, in whatever way, is as it is on the node', () => {
    for (const name of ['overwritten', 'older', 'touched', 'becomes a directory', 'becomes a link'])
      writeFileSync(`${node}/${name}`, 'before')
    for (const name of ['becomes a file', 'becomes a link too']) {
      mkdirSync(`${node}/${name}`)
      writeFileSync(`${node}/${name}/inside`, 'before')
    }
    symlinkSync('one', `${node}/led`)
    symlinkSync('one', `${node}/becomes no link`)
    sync({ deletes: false, stage: 'warm' })

    const { atime, mtime } = statSync(`${node}/overwritten`)
    writeFileSync(`${node}/overwritten`, 'behind')
    utimesSync(`${node}/overwritten`, atime, mtime)
    writeFileSync(`${node}/older`, 'restored from a backup')
    for (const name of ['older', 'touched']) utimesSync(`${node}/${name}`, 1_000_000_000, 1_000_000_000)
    chmodSync(`${node}/shared`, 0o700)
    chownSync(`${node}/shared`, 77, 78)
    chmodSync(`${node}/many/1/file 1.txt`, 0o640)
    lchownSync(`${node}/good`, 77, 78)
    for (const [name, target] of [
      ['led', 'two'],
      ['becomes a link', 'two'],
      ['becomes a link too', 'nowhere'],
    ] as const) {
      rmSync(`${node}/${name}`, { recursive: true })
      symlinkSync(target, `${node}/${name}`)
    }
    for (const name of ['becomes a file', 'becomes no link']) {
      rmSync(`${node}/${name}`, { recursive: true })
      writeFileSync(`${node}/${name}`, 'after')
    }
    rmSync(`${node}/becomes a directory`)
    mkdirSync(`${node}/becomes a directory`)
    writeFileSync(`${node}/becomes a directory/inside`, 'after')
    rmSync(`${node}/with space`)
    renameSync(`${node}/many/4`, `${node}/many/renamed`)
    sync()
    expect(differences()).toEqual([])
  })

  test('brought back to the node, it deletes there what was deleted, and nothing that was never copied', () => {
    sync()
    writeFileSync(`${mounted}/one`, 'changed')
    rmSync(`${mounted}/with space`)
    rmSync(`${mounted}/many/6`, { recursive: true })
    mkdirSync(`${mounted}/new`, { mode: 0o751 })
    writeFileSync(`${mounted}/new/file`, 'new')
    sync({ stage: 'back' })
    expect(differences()).toEqual([])
    expect(readFileSync(`${node}/minio/stays`, 'utf8')).toBe('stays')
    expect(readdirSync(`${node}/many/5`)).not.toEqual([])
    expect(lstatSync(`${node}/fifo`).isFIFO()).toBe(true)
  })
})
