import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OPEN_FILES } from '../../src/copy/programs.ts'
import { runScript } from './script.ts'

const canUnshare = spawnSync('unshare', ['--mount', 'true']).status === 0

describe.skipIf(process.platform !== 'linux')('who has something of an old directory open', () => {
  let root: string
  let started: ChildProcess[]
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'juicify-'))
    for (const name of ['source', 'scratch', 'elsewhere']) mkdirSync(path.join(root, name))
    started = []
  })
  afterEach(() => {
    for (const child of started) child.kill('SIGKILL')
    rmSync(root, { recursive: true, force: true })
  })
  const source = (name: string) => path.join(root, 'source', name)

  /** A process that goes on once it says that it is ready, until it is killed. */
  async function goesOn(script: string, cwd = '/', before: string[] = []): Promise<number> {
    const [command = '', ...words] = [...before, 'sh', '-c', `${script}\necho ready; read -r _`]
    const child = spawn(command, words, { cwd, stdio: ['pipe', 'pipe', 'inherit'] })
    started.push(child)
    await once(child.stdout, 'data')
    return child.pid ?? 0
  }
  const look = (env = {}) => {
    const { status, told } = runScript(root, OPEN_FILES, env)
    const mine = new Set(started.map(({ pid }) => pid))
    const found = told.open.filter(({ pid }) => mine.has(pid))
    return { status, count: Number(told.result?.get('processes')), found: found.sort((a, b) => a.pid - b.pid) }
  }

  test('is nobody, where nobody has', async () => {
    writeFileSync(source('a'), '')
    await goesOn(`exec 3<'${root}/elsewhere'`)
    expect(look()).toEqual({ status: 0, count: 0, found: [] })
  })

  test('is told with what it has open, or is in; other names and links lead to the same', async () => {
    mkdirSync(source('日 志'))
    writeFileSync(source('日 志/out'), '')
    const writer = await goesOn(`exec 3>>'${source('日 志/out')}'`)
    const inside = await goesOn('', source('日 志'))
    const { status, count, found } = look()
    expect([status, count]).toEqual([0, 2])
    expect(found).toEqual(
      [
        { pid: writer, command: 'sh', how: 'fd', path: '日 志/out' },
        { pid: inside, command: 'sh', how: 'cwd', path: '日 志' },
      ]
        .sort((a, b) => a.pid - b.pid)
        .map((each) => expect.objectContaining(each)),
    )
  })

  test('is told of what was deleted and is open still, and not of what has not moved', async () => {
    mkdirSync(source('minio'))
    for (const name of ['log', 'minio/log']) writeFileSync(source(name), '')
    const writer = await goesOn(`exec 3>>'${source('log')}'`)
    await goesOn(`exec 3>>'${source('minio/log')}'`)
    unlinkSync(source('log'))
    unlinkSync(source('minio/log'))
    expect(look({ EXCLUDE: 'minio' }).found).toEqual([expect.objectContaining({ pid: writer, how: 'fd', path: 'log' })])
  })

  test.skipIf(!canUnshare)('is told where the directory has another name in its mount namespace, or none', async () => {
    mkdirSync(source('home'))
    writeFileSync(source('home/kept'), '')
    writeFileSync(source('home/gone'), '')
    const mount = `mount --bind '${source('home')}' '${root}/elsewhere'`
    const private_ = ['unshare', '--mount', '--propagation', 'private']
    const [kept, gone] = await Promise.all([
      goesOn(`${mount} && exec 3<'${root}/elsewhere/kept'`, '/', private_),
      goesOn(`${mount} && exec 3<'${root}/elsewhere/gone' && rm '${root}/elsewhere/gone'`, '/', private_),
    ])
    expect(look().found.map(({ pid, path }) => [pid, path])).toEqual(
      [
        [kept, 'home/kept'],
        [gone, 'home/gone'],
      ].sort((a, b) => Number(a[0]) - Number(b[0])),
    )
  })

  test('is told of a library that was loaded, which has no descriptor', async () => {
    const libraries = readFileSync('/proc/self/maps', 'utf8').match(/\/\S+\/libm\S*\.so\S*/)
    copyFileSync(libraries?.[0] ?? '', source('lib.so'))
    const user = await goesOn('', '/', ['env', `LD_PRELOAD=${source('lib.so')}`])
    expect(look().found).toEqual([expect.objectContaining({ pid: user, how: 'map', path: 'lib.so' })])
  })
})
