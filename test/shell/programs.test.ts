import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CHECK_PLACE, programOf, VERIFY } from '../../src/copy/programs.ts'
import { rsync } from '../../src/copy/rsync.ts'
import { juicefsSync } from '../../src/filesystem/juicefs/mover.ts'
import { runScript, runTogether, standInForJuicefs } from './script.ts'

const RSYNC_MERGED = programOf(rsync, 'merged')
const RSYNC = programOf(rsync, 'single')
const JUICEFS = programOf(juicefsSync, 'single')

// The scripts as this machine's own tools run them; the cluster's tests have busybox's.
describe.skipIf(process.platform !== 'linux')('in a Job', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'juicify-'))
    for (const name of ['source', 'target', 'scratch', 'bin']) mkdirSync(path.join(root, name))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const run = (script: string, env: Record<string, string>) => runScript(root, script, env)
  const verify = (env: Record<string, string> = {}) =>
    run(VERIFY, { CONTENT: 'content', TIMES: 'all', EXTRA: 'fail', ...env })

  test('juicefs sync that finds no room says so, by what is free and not by what a log holds', () => {
    const bin = (name: string, text: string) =>
      writeFileSync(`${root}/bin/${name}`, `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    // it leaves out what it is told to leave out, and then copies nothing
    bin(
      'juicefs',
      `case "$*" in *leaving*) cp "${root}/scratch/leaving/from/other" "${root}/scratch/leaving/to/";; *) echo 'No space left on device' >&2; exit 1;; esac`,
    )
    bin('stat', `case "$1" in -f) case "$3" in '%a %S') echo "$FREE 1"; exit;; esac;; esac; exec /usr/bin/stat "$@"`)
    writeFileSync(`${root}/source/large`, Buffer.alloc(200_000))
    const sync = (free: number) => runScript(root, JUICEFS, { STAGE: 'warm', FREE: String(free) }, ['--dirs'])
    expect(sync(4096)).toMatchObject({
      status: 77,
      told: { failed: expect.stringContaining('its quota is reached: 4096') },
    })
    expect(sync(100_000)).toMatchObject({ status: 77 })
    expect(sync(1_000_000)).toMatchObject({ status: 1 })
    // what is there already needs no room
    writeFileSync(`${root}/target/large`, '')
    expect(sync(100_000)).toMatchObject({ status: 1 })
  })

  test('a verification finds equal what cp has copied, whatever the names', () => {
    for (const name of ['a b', 'new\nline', 'line\n', 'tab\t\v\f\r', '\\0101', '%s', '-n', '*', ' ', './/x']) {
      mkdirSync(path.dirname(`${root}/source/${name}`), { recursive: true })
      writeFileSync(`${root}/source/${name}`, name)
    }
    writeFileSync(Buffer.concat([Buffer.from(`${root}/source/`), Buffer.from([0xff, 0xfe, 0x01])]), 'odd')
    symlinkSync('nowhere\n', `${root}/source/link\n`)
    execFileSync('cp', ['-a', `${root}/source/.`, `${root}/target`])
    const { status, told } = verify()
    expect(status).toBe(0)
    expect(Object.fromEntries(told.result ?? [])).toMatchObject({
      missing: '0',
      changed: '0',
      extra: '0',
      files: '11',
      links: '1',
    })

    writeFileSync(`${root}/target/new\nline`, 'NEW\nLINE')
    utimesSync(`${root}/source/new\nline`, 5, 5)
    utimesSync(`${root}/target/new\nline`, 5, 5)
    expect(verify().told.differences).toEqual([{ path: 'new\\x0aline', what: ['content'] }])
    expect(verify({ CONTENT: 'metadata' }).told.differences).toEqual([])
  })

  test('a verification leaves out what stays', () => {
    mkdirSync(`${root}/source/minio/below`, { recursive: true })
    utimesSync(`${root}/source`, 5, 5)
    utimesSync(`${root}/target`, 5, 5)
    expect(Object.fromEntries(verify({ EXCLUDE: 'minio\nother' }).told.result ?? [])).toMatchObject({ missing: '0' })
    expect(Object.fromEntries(verify().told.result ?? [])).toMatchObject({ missing: '2' })
  })

  const canTell = ['getfattr', 'perl'].some((tool) => spawnSync(tool, ['--version']).status === 0)
  test.runIf(canTell)('a verification counts and names what the mover leaves behind, attributes included', () => {
    writeFileSync(`${root}/source/a note`, 'x')
    execFileSync('mkfifo', [`${root}/source/fifo`])
    const set = 'import os, sys; os.setxattr(sys.argv[1], "user.note", b"lost")'
    execFileSync('python3', ['-c', set, `${root}/source/a note`])
    const { told } = verify({ ATTRIBUTES: 'lost' })
    expect(told.result?.get('left')).toBe('2')
    expect(told.left.examples).toEqual([
      { kind: 'fifo', path: 'fifo' },
      { kind: 'attributes', path: 'a note' },
    ])
    expect(verify().told.left.examples).toEqual([{ kind: 'fifo', path: 'fifo' }])
  })

  test('what a place held is told by what anybody could miss', () => {
    const holds = () => verify({ CONTENT: 'metadata' }).told.result?.get('holds')
    mkdirSync(`${root}/target/directory`)
    writeFileSync(`${root}/target/file`, 'content')
    let before = holds()
    expect(before).toMatch(/^[0-9a-f]{64}$/)
    utimesSync(`${root}/target/directory`, 5, 5)
    expect(holds()).toBe(before)
    for (const change of [
      () => writeFileSync(`${root}/target/new`, ''),
      () => rmSync(`${root}/target/new`),
      () => chmodSync(`${root}/target/directory`, 0o700),
      () => rmSync(`${root}/target/file`),
    ]) {
      change()
      const after = holds()
      expect(after).not.toBe(before)
      before = after
    }
  })

  test('a tool that is missing never makes two directories equal', () => {
    writeFileSync(`${root}/source/file`, 'content')
    for (const tool of ['stat', 'sha256sum', 'sort', 'awk', 'find', 'xargs', 'sed']) {
      writeFileSync(`${root}/bin/${tool}`, '#!/bin/sh\nexit 127\n', { mode: 0o755 })
      const { status, told } = verify()
      const counts = told.result && ['missing', 'changed'].map((key) => told.result?.get(key))
      expect(status !== 0 || counts === undefined || !counts.every((count) => count === '0'), tool).toBe(true)
      rmSync(`${root}/bin/${tool}`)
    }
  })

  test('a tool that is killed half way never does either', () => {
    for (const name of ['a', 'b']) writeFileSync(`${root}/source/${name}`, name)
    // of the last comparison, the first lines only
    const half = `#!/bin/sh
/usr/bin/sort "$@" >"$0.$$"
if grep -q ' [ST]$' "$0.$$"; then head -n 1 "$0.$$"; exit 137; fi
cat "$0.$$"
`
    for (const sort of [half, half.replace('head -n 1', 'head -n 0')]) {
      writeFileSync(`${root}/bin/sort`, sort, { mode: 0o755 })
      const { status, told } = verify({ EXTRA: 'ignore' })
      expect([status, told.result, told.failed]).toEqual([75, undefined, expect.stringContaining('in whole')])
    }
  })

  describe('before a first copy', () => {
    const check = () => run(CHECK_PLACE, { DIGEST: '' })

    test('a place is empty where nothing is in it', () => {
      expect(check().told.result?.get('empty')).toBe('yes')
      writeFileSync(`${root}/target/a\nb`, '')
      expect(check()).toMatchObject({ status: 67, told: { failed: 'the target is not empty: a?b' } })
    })

    test('a place is a copy that was begun only where nothing in it is older than that', () => {
      const since = (seconds: number) => run(CHECK_PLACE, { SINCE: String(Math.floor(Date.now() / 1000) + seconds) })
      expect(since(-60).told.result?.get('empty')).toBe('yes')
      expect(since(60).told.result?.get('empty')).toBe('yes')
      mkdirSync(`${root}/target/d`)
      writeFileSync(`${root}/target/d/a\nb`, '')
      symlinkSync('nowhere', `${root}/target/link`)
      // the time of last modification, which anybody can set, tells nothing
      for (const time of [0, 4_000_000_000]) utimesSync(`${root}/target/d/a\nb`, time, time)
      expect(since(-60).told.result?.get('empty')).toBe('no')
      expect(since(60)).toMatchObject({
        status: 87,
        told: { failed: expect.stringMatching(/older than the note that it is a copy: (.*d\/a\\0012b|.*link)/) },
      })
    })

    test('what goes while a begun copy is looked at is not missed, and what cannot be looked at is nobody’s', () => {
      writeFileSync(`${root}/target/there`, '')
      const tool = (name: string, code: string) =>
        writeFileSync(`${root}/bin/${name}`, `#!/bin/sh\n${code}\n`, { mode: 0o755 })
      const check = () => run(CHECK_PLACE, { SINCE: '1' })
      tool('stat', `/usr/bin/stat "$@" './/gone by now'`)
      expect(check()).toMatchObject({ status: 0 })
      tool('stat', `/usr/bin/stat "$@"; echo "stat: cannot statx 'x': Input/output error" >&2; exit 1`)
      expect(check()).toMatchObject({ status: 74 })
      tool('stat', 'exit 127')
      expect(check()).toMatchObject({ status: 74 })
    })

    test('a place that cannot be looked into is not taken for an empty one', () => {
      writeFileSync(`${root}/target/precious`, 'x')
      for (const [tool, code] of [
        ['find', 'exit 127'],
        ['find', "printf './/\\0'; echo 'find: Input/output error' >&2; exit 1"],
        ['tr', 'exit 127'],
        ['sed', 'exit 127'],
        ['wc', 'exit 127'],
        ['grep', 'exit 127'],
      ] as const) {
        writeFileSync(`${root}/bin/${tool}`, `#!/bin/sh\n${code}\n`, { mode: 0o755 })
        const { status, told } = check()
        expect(status, tool).not.toBe(0)
        expect(told.result, tool).toBeUndefined()
        rmSync(`${root}/bin/${tool}`)
      }
    })
  })

  test.runIf(canTell)('attributes are not taken off the node by a file system that has none', () => {
    writeFileSync(`${root}/source/file`, 'x')
    writeFileSync(`${root}/target/file`, 'x')
    for (const side of ['source', 'target']) utimesSync(`${root}/${side}/file`, 5, 5)
    const attribute = (side: string, code: string) =>
      execFileSync('python3', ['-c', `import os, sys; f = sys.argv[1]; ${code}`, `${root}/${side}/file`]).toString()
    attribute('target', 'os.setxattr(f, "user.note", b"kept")')
    const args = ['-rlptgo', '--stats']
    const back = () => runScript(root, RSYNC, { STAGE: 'back', DELETE: 'yes' }, args)
    expect(back().status).toBe(0)
    expect(attribute('target', 'print(os.getxattr(f, "user.note"))')).toContain('kept')
    attribute('source', 'os.setxattr(f, "user.note", b"new")')
    expect(back().status).toBe(0)
    expect(attribute('target', 'print(os.getxattr(f, "user.note"))')).toContain('new')
  })

  test('a side that is empty all of a sudden takes nothing away from the other one', () => {
    mkdirSync(`${root}/source/directory`)
    writeFileSync(`${root}/target/file`, 'precious')
    for (const [script, tool] of [
      [RSYNC, 'rsync'],
      [JUICEFS, 'juicefs'],
    ] as const) {
      writeFileSync(`${root}/bin/${tool}`, `#!/bin/sh\nrm -r '${root}/target/file'\n`, { mode: 0o755 })
      for (const PASS of ['catch-up', 'back'])
        expect(run(script, { PASS, DELETE: 'yes' })).toMatchObject({
          status: 73,
          told: { failed: 'the source is empty, so everything copied before would be deleted' },
        })
      expect(readFileSync(`${root}/target/file`, 'utf8')).toBe('precious')
    }
  })

  describe('on top of a mount of JuiceFS', () => {
    beforeEach(() => {
      writeFileSync(
        `${root}/bin/stat`,
        `#!/bin/sh
case "$*" in "-c %i "*/target/.config) echo 9223372032559808516; exit ;; esac
PATH=\${PATH#*:} exec stat "$@"
`,
        { mode: 0o755 },
      )
      writeFileSync(`${root}/target/.config`, 'what JuiceFS tells of itself')
    })

    test('its own files are not taken for what is there, copied, compared or deleted', () => {
      expect(run(CHECK_PLACE, {})).toMatchObject({ status: 0 })
      writeFileSync(`${root}/source/file`, 'x')
      const { status } = runScript(root, RSYNC, { STAGE: 'catch-up', DELETE: 'yes' }, ['-a', '--delete'])
      expect([status, existsSync(`${root}/target/.config`)]).toEqual([0, true])
      expect(verify().told.differences).toEqual([])
    })

    test('where a file system shows none of its own, a file of such a name is people’s', () => {
      const { told } = run(CHECK_PLACE, { OWN_FILES: '', OWN_INODES: '' })
      expect(told.failed).toBe('the target is not empty: .config')
    })

    test('nor is one whose inode is not one of its own', () => {
      expect(run(CHECK_PLACE, { OWN_INODES: '1???????????????????' }).told.failed).toBe(
        'the target is not empty: .config',
      )
    })

    test('what they would hide is not copied, but told', () => {
      writeFileSync(`${root}/source/.config`, 'of a user')
      for (const LEAVE of ['', 'other']) {
        const { status, told } = run(RSYNC, { STAGE: 'warm', LEAVE })
        expect([status, told.failed]).toEqual([76, expect.stringContaining('has a .config of its own')])
      }
      expect(run(RSYNC, { STAGE: 'warm', EXCLUDE: 'other\n.config' }).told.failed).toBeUndefined()
    })

    test('nor by one of several nodes, and the others do not wait for it', async () => {
      for (const name of ['shared', 'source.1']) mkdirSync(`${root}/${name}`)
      writeFileSync(`${root}/source/file`, 'x')
      writeFileSync(`${root}/source.1/.config`, 'of a user')
      const results = await runTogether(root, RSYNC_MERGED, 2, { STAGE: 'warm', CONTENT: 'metadata' })
      expect(results.map(({ status }) => status)).toEqual([68, 76])
    })
  })

  test('a copy that runs out of space or quota says so by its exit code, and no name of a file does', () => {
    writeFileSync(`${root}/source/file`, 'x')
    const copy = (code: number, line: string) => {
      writeFileSync(`${root}/line`, `${line}\n`)
      writeFileSync(`${root}/bin/rsync`, `#!/bin/sh\ncat ${root}/line >&2\nexit ${code}\n`, { mode: 0o755 })
      return run(RSYNC, { STAGE: 'catch-up', DELETE: 'no' }).status
    }
    expect(copy(11, 'rsync: [receiver] write failed on "/target/file": No space left on device (28)')).toBe(77)
    expect(copy(23, 'rsync: [generator] recv_generator: mkdir "/target/a" failed: Disk quota exceeded (122)')).toBe(78)
    const named = '/source/a: No space left on device (28)'
    expect(copy(23, `rsync: [sender] send_files failed to open "${named}": Permission denied (13)`)).toBe(23)
    expect(copy(23, `cannot delete non-empty directory: a: No space left on device (28)`)).toBe(23)
  })

  describe('juicefs sync', () => {
    // A stand-in that copies, and says what it is told to in its last line.
    const standIn = (copied: string) =>
      standInForJuicefs(
        root,
        `echo "$1 $2 $3" >>'${root}/runs'
cp -a '${root}/source/.' '${root}/target/'
echo "Found: 1, excluded: 0, skipped: 0 (0 B), copied: ${copied} (1 B), failed: 0" >&2`,
      )
    const passes = () => readFileSync(`${root}/runs`, 'utf8').trim().split('\n')
    const [BY_TIME, BY_CONTENT] = ['sync --update --perms', 'sync --check-all --dirs']
    beforeEach(() => writeFileSync(`${root}/source/file`, 'x'))

    test('while the directory is in use, looks at times', () => {
      standIn('1')
      expect(runScript(root, JUICEFS, { STAGE: 'warm' }, ['--dirs'])).toMatchObject({ status: 0 })
      expect(passes()).toEqual([BY_TIME])
    })

    test('at last looks at contents too, and once more at owners where it copied any', () => {
      standIn(`$([ $(wc -l <'${root}/runs') = 1 ] && echo 5 || echo 0)`)
      expect(runScript(root, JUICEFS, { STAGE: 'catch-up' }, ['--dirs'])).toMatchObject({ status: 0 })
      expect(passes()).toEqual([BY_TIME, BY_CONTENT])
      standIn('1')
      expect(runScript(root, JUICEFS, { STAGE: 'catch-up' }, ['--dirs'])).toMatchObject({ status: 0 })
      expect(passes().slice(2)).toEqual([BY_TIME, BY_CONTENT, BY_TIME])
    })

    test('is tried a second time, for a directory that became a file may be in the way once', () => {
      standIn(`0 $([ $(wc -l <'${root}/runs') = 1 ] && kill $$)`)
      expect(runScript(root, JUICEFS, { STAGE: 'warm' }, ['--dirs'])).toMatchObject({ status: 0 })
      expect(passes()).toEqual([BY_TIME, BY_TIME])
    })

    test('is not used where it does not leave out what it is told to', () => {
      writeFileSync(
        `${root}/bin/juicefs`,
        `#!/bin/sh
for last do from=$to to=$last; done
cp -a "\${from#file://}." "\${to#file://}"
`,
        { mode: 0o755 },
      )
      const { status, told } = runScript(root, JUICEFS, { STAGE: 'catch-up' }, [
        ...['--exclude', '/minio'],
        `file://${root}/source/`,
        `file://${root}/target/`,
      ])
      expect([status, told.failed]).toEqual([71, expect.stringContaining('does not leave out what it is told to')])
      expect(readdirSync(`${root}/target`)).toEqual([])
    })

    test('sets owners, modes and times of what juicefs takes for newer', () => {
      for (const side of ['source', 'target']) {
        mkdirSync(`${root}/${side}/directory`)
        writeFileSync(`${root}/${side}/file`, 'x')
      }
      chmodSync(`${root}/target/directory`, 0o2775)
      chmodSync(`${root}/source/directory`, 0o700)
      utimesSync(`${root}/source/file`, 5, 5)
      standInForJuicefs(root, `echo "Found: 1, skipped: 0 (0 B), copied: 0 (1 B), failed: 0" >&2`)
      expect(runScript(root, JUICEFS, { STAGE: 'catch-up' })).toMatchObject({ status: 0 })
      expect(verify({ TIMES: 'files' }).told.differences).toEqual([])
    })

    describe('follows links, and is let near none', () => {
      // As juicefs does it, what is in the way goes only where its kind differs from what the path leads to.
      const writing = () =>
        standInForJuicefs(
          root,
          `find '${root}/target' -type l | wc -l >>'${root}/links'
(cd '${root}/source' && find . -type d) | while read -r name; do mkdir -p "${root}/target/$name"; done
(cd '${root}/source' && find . -type f) | while read -r name; do cat "${root}/source/$name" >"${root}/target/$name"; done
(cd '${root}/source' && find . -type l) | while read -r name; do ln -sfn "$(readlink "${root}/source/$name")" "${root}/target/$name"; done
echo "Found: 1, skipped: 0 (0 B), copied: 0 (1 B), failed: 0" >&2`,
        )
      const links = () => readFileSync(`${root}/links`, 'utf8').trim().split(/\s+/)
      beforeEach(() => {
        for (const name of ['alice', 'bob']) mkdirSync(`${root}/target/${name}`)
        for (const name of ['alice', 'alice/d', 'bob']) mkdirSync(`${root}/source/${name}`)
        for (const side of ['source', 'target']) writeFileSync(`${root}/${side}/bob/.bashrc`, 'bob’s')
        writeFileSync(`${root}/source/alice/d/.bashrc`, 'alice’s')
        // as an earlier pass has brought it, when it was one
        symlinkSync('../bob', `${root}/target/alice/d`)
        writing()
      })

      test.each(['warm', 'catch-up', 'back'])('in a pass %s nothing is written through one', (STAGE) => {
        const env = { STAGE, EXTRA: 'fail', DELETE: 'no', IN_USE: 'no' }
        expect(runScript(root, JUICEFS, env, ['--dirs'])).toMatchObject({ status: 0 })
        expect(readFileSync(`${root}/target/bob/.bashrc`, 'utf8')).toBe('bob’s')
        expect(readFileSync(`${root}/target/alice/d/.bashrc`, 'utf8')).toBe('alice’s')
      })

      test('while people may make a directory of any link, none is there when a pass begins', () => {
        for (const side of ['source', 'target']) symlinkSync('bob', `${root}/${side}/still`)
        expect(runScript(root, JUICEFS, { STAGE: 'warm', EXTRA: 'fail' }, ['--dirs'])).toMatchObject({ status: 0 })
        expect(links()).toEqual(['0'])
        expect(lstatSync(`${root}/target/still`).isSymbolicLink()).toBe(true)
        expect(runScript(root, JUICEFS, { STAGE: 'catch-up' }, ['--dirs'])).toMatchObject({ status: 0 })
        expect(links()).toEqual(['0', '1', '1'])
      })

      test('of a place that held something before, a link that only it has stays', () => {
        symlinkSync('bob', `${root}/target/theirs`)
        expect(runScript(root, JUICEFS, { STAGE: 'warm', EXTRA: 'ignore' }, ['--dirs'])).toMatchObject({ status: 0 })
        expect(lstatSync(`${root}/target/theirs`).isSymbolicLink()).toBe(true)
        expect(lstatSync(`${root}/target/alice/d`).isSymbolicLink()).toBe(false)
      })
    })

    test('has failed where nothing arrived, whatever it says', () => {
      standIn('0')
      writeFileSync(`${root}/bin/cp`, '#!/bin/sh\n', { mode: 0o755 })
      const { status, told } = run(JUICEFS, { STAGE: 'catch-up' })
      expect([status, told.failed]).toEqual([66, 'nothing was copied, although there is something to copy'])
    })
  })
})
