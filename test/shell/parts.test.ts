import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { programOf, VERIFY } from '../../src/copy/programs.ts'
import { rsync, rsyncCommand } from '../../src/copy/rsync.ts'
import { juicefsSync } from '../../src/filesystem/juicefs/mover.ts'
import { runScript, runTogether, standInForJuicefs } from './script.ts'

const RSYNC_PART = programOf(rsync, 'split')
const JUICEFS_PART = programOf(juicefsSync, 'split')

const missing = process.platform !== 'linux' || process.getuid?.() !== 0

// The scripts as this machine's own tools run them; the cluster's tests have busybox's.
describe.skipIf(missing)('a directory that is split over several Jobs', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'juicify-'))
    for (const name of ['source', 'target', 'bin', 'shared']) mkdirSync(path.join(root, name))
    writeFileSync(`${root}/bin/sleep`, '#!/bin/sh\nexec /bin/sleep 0.2\n', { mode: 0o755 })
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const write = (name: string | Buffer, content = 'x') => {
    const at = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name)])
    mkdirSync(path.dirname(at.toString('latin1')), { recursive: true })
    writeFileSync(at, content)
  }
  const copy = (jobs: number, { stage = 'catch-up', exclude = '' } = {}) => {
    const deletes = stage !== 'warm'
    const work = { layout: 'split', exclude: exclude ? [exclude] : [] } as const
    const args = rsyncCommand({ ...work, deletes, thorough: false })
    const env = {
      STAGE: stage,
      EXCLUDE: exclude,
      DELETE: deletes ? 'yes' : 'no',
      IN_USE: stage === 'warm' ? 'yes' : 'no',
    }
    return runTogether(root, RSYNC_PART, jobs, env, args)
  }
  const verify = (jobs: number, env: Record<string, string> = {}) =>
    runTogether(root, VERIFY, jobs, { STAGE: 'verify', CONTENT: 'content', TIMES: 'all', EXTRA: 'fail', ...env })
  const sum = (results: Awaited<ReturnType<typeof verify>>, key: string) =>
    results.reduce((total, { told }) => total + Number(told.result?.get(key)), 0)
  const statuses = (results: Awaited<ReturnType<typeof verify>>) => results.map(({ status }) => status)
  const different = (...flags: string[]) =>
    execFileSync('rsync', ['-rlptgoHcni', '--delete', ...flags, `${root}/source/`, `${root}/target/`], {
      encoding: 'latin1',
    })

  /** Directories of which one weighs more than all others, odd names at two depths, links, and what stays. */
  const plant = () => {
    for (const name of [
      'a b',
      'new\nline',
      'line\n',
      'tab\t\v\f\r',
      '\\0101',
      '%s',
      '-n',
      '*',
      ' ',
      'quote\'"$(x)',
      '[a]?',
    ]) {
      write(`source/${name}`, name)
      write(`source/large/below/${name}/${name}`, name)
    }
    write(Buffer.concat([Buffer.from('source/'), Buffer.from([0x69, 0xff, 0xfe, 0x80])]))
    write(`source/${'x'.repeat(255)}`)
    for (let i = 0; i < 60; i++) write(`source/large/many/${i}/file`, String(i))
    for (let i = 0; i < 4; i++) write(`source/small ${i}/file`, String(i))
    mkdirSync(`${root}/source/empty`)
    symlinkSync('large', `${root}/source/link`)
    linkSync(`${root}/source/large/many/7/file`, `${root}/source/same as 7`)
    linkSync(`${root}/source/large/many/7/file`, `${root}/source/small 3/same as 7`)
    write('source/large/minio/stays')
    chmodSync(`${root}/source/large`, 0o2751)
    for (const name of ['large/many', 'large', 'small 1', '']) utimesSync(`${root}/source/${name}`, 5, 5)
  }

  test('is copied in whole, each entry once, as one would have done it', async () => {
    const jobs = 4
    plant()
    expect(statuses(await copy(jobs, { stage: 'warm', exclude: 'large/minio' }))).toEqual(Array(jobs).fill(0))
    expect(different('--exclude=/large/minio')).toBe('')
    expect(existsSync(`${root}/target/large/minio`)).toBe(false)
    const inode = (name: string) => statSync(`${root}/target/${name}`).ino
    expect([inode('same as 7'), inode('small 3/same as 7')]).toEqual(Array(2).fill(inode('large/many/7/file')))

    // what is on the target only goes, wherever it is, but for what stays; what changed its type does too
    for (const name of ['gone', 'gone dir/below/x', 'large/gone\n', 'large/many/gone/x', 'large/many/5/gone'])
      write(`target/${name}`)
    write('target/large/minio/theirs')
    rmSync(`${root}/target/small 2`, { recursive: true })
    write('target/small 2', 'was a file')
    rmSync(`${root}/target/large/many/8/file`)
    write('target/large/many/8/file/was a directory')
    write('source/new/file')
    const again = await copy(jobs, { exclude: 'large/minio' })
    expect(statuses(again)).toEqual(Array(jobs).fill(0))
    expect(sum(again, 'copied')).toBe(3)
    expect(different('--exclude=/large/minio')).toBe('')
    expect(readdirSync(`${root}/target/large/minio`)).toEqual(['theirs'])
  })

  test('is compared in whole, on both sides', async () => {
    plant()
    execFileSync('cp', ['-a', `${root}/source/.`, `${root}/target`])
    const equal = await verify(4, { EXCLUDE: 'large/minio' })
    expect(statuses(equal)).toEqual([0, 0, 0, 0])
    expect([sum(equal, 'missing'), sum(equal, 'changed'), sum(equal, 'extra')]).toEqual([0, 0, 0])
    const found = (...tests: string[]) =>
      execFileSync('find', ['.', '-path', './large/minio', '-prune', '-o', ...tests, '-print0'], {
        cwd: `${root}/source`,
        encoding: 'latin1',
      }).split('\0').length - 1
    expect(sum(equal, 'files')).toBe(found('-type', 'f'))
    expect(sum(equal, 'target-directories')).toBe(found('-type', 'd'))
    // what one Job alone would say of the target is said by one of them
    const env = { STAGE: 'verify', CONTENT: 'content', TIMES: 'all', EXTRA: 'fail', EXCLUDE: 'large/minio' }
    mkdirSync(`${root}/scratch`)
    const alone = runScript(root, VERIFY, env).told.result?.get('holds')
    expect(equal.map(({ told }) => told.result?.get('holds'))).toEqual([alone, '', '', ''])
    expect(alone).toMatch(/^[0-9a-f]{64}$/)
    // nobody has it all
    expect(equal.every(({ told }) => Number(told.result?.get('files')) < found('-type', 'f') / 2)).toBe(true)

    write('target/extra')
    write('target/large/extra/below')
    write('target/large/many/3/file', 'changed')
    rmSync(`${root}/target/large/many/4`, { recursive: true })
    rmSync(`${root}/target/small 0`, { recursive: true })
    symlinkSync('small 1', `${root}/target/small 0`)
    chmodSync(`${root}/target/large`, 0o700)
    const unequal = await verify(4, { EXCLUDE: 'large/minio', TIMES: 'files' })
    const differences = unequal.flatMap(({ told }) => told.differences).map(({ path, what }) => [path, what])
    expect(Object.fromEntries(differences)).toMatchObject({
      extra: 'extra',
      large: ['mode'],
      'large/extra': 'extra',
      'large/extra/below': 'extra',
      'large/many/4': 'missing',
      'large/many/4/file': 'missing',
      'small 0': ['type'],
      'small 0/file': 'missing',
    })
    expect(differences).toHaveLength(9)
  })

  test('a large directory that is a link on the target is not written through, nor taken for one that is there', async () => {
    plant()
    execFileSync('cp', ['-a', `${root}/source/.`, `${root}/target`])
    execFileSync('mv', [`${root}/target/large`, `${root}/elsewhere`])
    symlinkSync(`${root}/elsewhere`, `${root}/target/large`)
    const results = await verify(3)
    expect(statuses(results)).toEqual([0, 0, 0])
    expect(sum(results, 'changed')).toBeGreaterThan(0)
    expect(sum(results, 'missing')).toBeGreaterThan(120)

    rmSync(`${root}/elsewhere/many/1`, { recursive: true })
    expect(statuses(await copy(3))).toEqual([0, 0, 0])
    expect(different()).toBe('')
    expect(existsSync(`${root}/elsewhere/many/1`)).toBe(false)
    expect(existsSync(`${root}/elsewhere/many/2/file`)).toBe(true)
  })

  test('a tool that is missing never makes two directories equal', async () => {
    write('source/file', 'content')
    write('source/directory/file', 'content')
    for (const tool of ['stat', 'sort', 'awk', 'find', 'xargs']) {
      writeFileSync(`${root}/bin/${tool}`, '#!/bin/sh\nexit 127\n', { mode: 0o755 })
      const results = await verify(2)
      const [missing, changed] = [sum(results, 'missing'), sum(results, 'changed')]
      expect(statuses(results).some((status) => status !== 0) || !(missing === 0 && changed === 0), tool).toBe(true)
      rmSync(`${root}/bin/${tool}`)
    }
  })

  test('names of one file stay together, and nothing is lost where that leaves a Job without a part', async () => {
    for (const name of ['a/1', 'b/2', 'c/3']) write(`source/${name}`)
    for (const name of ['b/1', 'c/1']) linkSync(`${root}/source/a/1`, `${root}/source/${name}`)
    expect(statuses(await copy(3))).toEqual([0, 0, 0])
    expect(statSync(`${root}/target/a/1`).nlink).toBe(3)
    expect(statSync(`${root}/target/c/1`).ino).toBe(statSync(`${root}/target/a/1`).ino)
    expect(different()).toBe('')
  })

  test('parts are not believed to be the whole where that was not counted', async () => {
    write('source/file')
    write('target/file')
    const uncounted = 'case $(readlink /proc/$$/fd/1) in */all.*) exit 1 ;; esac'
    writeFileSync(`${root}/bin/wc`, `#!/bin/sh\n${uncounted}\nexec /usr/bin/wc "$@"\n`, { mode: 0o755 })
    const [first] = await verify(2)
    expect([first?.status, first?.told.result]).toEqual([75, undefined])
  })

  test('an empty directory and one with a single file are split as well', async () => {
    expect(statuses(await copy(2))).toEqual([0, 0])
    expect(sum(await verify(2), 'files')).toBe(0)
    write('source/only')
    expect(statuses(await copy(2))).toEqual([0, 0])
    expect(sum(await verify(2), 'target-files')).toBe(1)
  })

  test('one that is empty all of a sudden takes nothing away from its copy', async () => {
    write('target/one/file')
    expect((await copy(2)).map(({ status }) => status)).toEqual([73, 68])
    expect(readdirSync(`${root}/target/one`)).toEqual(['file'])
    expect(statuses(await copy(2, { stage: 'warm' }))).toEqual([0, 0])
  })

  test('the others stop where one has failed, and say which', async () => {
    write('source/one/file')
    write('source/two/file')
    writeFileSync(`${root}/bin/rsync`, '#!/bin/sh\nif [ "$NODE" = 0 ]; then exit 12; fi\nexec /usr/bin/rsync "$@"\n', {
      mode: 0o755,
    })
    const [first, second] = await copy(2)
    expect([first?.status, second?.status, second?.told.failed]).toEqual([12, 68, 'the Job on node0 failed'])
  })

  test('a copy of which nothing arrived has failed', async () => {
    write('source/one/file')
    write('source/two/file')
    writeFileSync(`${root}/bin/rsync`, '#!/bin/sh\n', { mode: 0o755 })
    const [first] = await copy(2)
    expect([first?.status, first?.told.failed]).toEqual([66, 'nothing was copied, although there is something to copy'])
  })

  test('an owner and a FIFO on the node are not lost on the way back', async () => {
    write('source/one/file')
    write('source/two/file')
    mkdirSync(`${root}/target/one`)
    for (const name of ['fifo', 'one/odd [*] fifo']) execFileSync('mkfifo', [`${root}/target/${name}`])
    expect(statuses(await copy(2))).toEqual([0, 0])
    expect(lstatSync(`${root}/target/fifo`).isFIFO()).toBe(true)
    expect(lstatSync(`${root}/target/one/odd [*] fifo`).isFIFO()).toBe(true)
  })

  test('a FIFO goes with its directory, and gives way to what has its name on the other side', async () => {
    for (const name of ['gone [*]', 'stays']) {
      mkdirSync(`${root}/target/${name}`)
      execFileSync('mkfifo', [`${root}/target/${name}/fifo`])
    }
    write('source/stays/fifo', 'is a file now')
    expect(statuses(await copy(2))).toEqual([0, 0])
    expect(different()).toBe('')
  })

  describe('by juicefs sync', () => {
    /** What each Job is told to leave out and to take, in the order in which it asks. */
    const rules = async (jobs: number) => {
      standInForJuicefs(
        root,
        `for arg do printf '%s\\0' "$arg"; done >"${root}/args.$NODE"
cp -a "${root}/source/." "${root}/target/"
echo "Found: 1, skipped: 0, copied: 0, failed: 0" >&2`,
      )
      const results = await runTogether(root, JUICEFS_PART, jobs, { STAGE: 'catch-up' }, ['--dirs', 'FROM', 'TO'])
      expect(statuses(results)).toEqual(Array(jobs).fill(0))
      return Array.from({ length: jobs }, (_, job) =>
        readFileSync(`${root}/args.${job}`, 'utf8').split('\0').slice(2, -4),
      )
    }

    test('each Job has patterns for its part, and the first takes what nobody else does', async () => {
      for (let i = 0; i < 11; i++) write(`source/[big] a=b\n/${i}/file`, 'x'.repeat(2 << 20))
      write('source/back\\slash\n/file', 'x'.repeat(3 << 19))
      write('source/tiny')
      const [first = [], second = []] = await rules(2)
      const words = (all: string[]) => all.flatMap((word, i) => (i % 2 === 0 ? [`${word.slice(2)} ${all[i + 1]}`] : []))
      const theirs = words(second).filter((rule) => rule.startsWith('include') && rule !== 'include /[[]big] a=b\n')
      expect(words(first).sort()).toEqual(theirs.map((rule) => rule.replace('include', 'exclude')).sort())
      expect(theirs.length).toBeGreaterThan(3)
      expect(words(second)).toContain('include /[[]big] a=b\n')
      expect(words(second).slice(-2)).toEqual(['exclude /[[]big] a=b\n/*', 'exclude /*'])
      expect([...words(first), ...theirs].join()).toContain('/back[\\\\]slash\n')
    })

    test('of many entries the heaviest are dealt out, so that patterns stay few', async () => {
      for (let i = 0; i < 300; i++) write(`source/${i}`)
      const [first = [], second = []] = await rules(2)
      expect([first.length, second.length]).toEqual([2 * 100, 2 * 101])
    })
  })
})
