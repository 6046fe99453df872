import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { copy, copyBack, estimate, markReleased, removeCopy, verify } from '../../src/copy/copy.ts'
import type { CopyTask } from '../../src/copy/task.ts'
import { copiesUnderWay } from '../../src/copy/under-way.ts'
import type { CopySettings } from '../../src/domain/migration.ts'
import { type KubeObject, refOf } from '../../src/domain/object.ts'
import type { JobProgress } from '../../src/jobs/progress.ts'
import { plantTree } from '../laboratory/tree.ts'
import { differences, forget, freshRequest, inNode, missing, onNode, onTarget, openCluster } from './copying.ts'

// each test has directories and a place of its own
describe.skipIf(missing)(`copying with rsync${missing ? ` (${missing})` : ''}`, { concurrent: true }, () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await openCluster()
    await forget(cluster)
  })
  afterAll(() => cluster?.close())

  const warm = (request: CopyTask) => copy(cluster, request, { stage: 'warm' })
  const catchUp = (request: CopyTask) => copy(cluster, request, { stage: 'catch-up' })

  test('everything that a directory can hold arrives as it was, and what stays is left alone', async () => {
    const request = await freshRequest(cluster, 'odd', { staying: ['minio', 'a [*] b'] })
    const [from, to] = [onNode('node1', 'odd'), onTarget('odd')]
    plantTree(from)
    for (const name of ['minio', 'a [*] b']) {
      mkdirSync(`${from}/${name}`)
      writeFileSync(`${from}/${name}/data`, 'stays')
    }
    mkdirSync(`${from}/below/minio`, { recursive: true })

    const [there] = await estimate(cluster, request)
    expect(there?.files).toBe(525)
    expect(there?.left).toEqual({ count: 1, examples: [{ kind: 'fifo', path: 'fifo' }] })

    const result = await warm(request)
    expect(result).toMatchObject({ copied: 524, deleted: 0, conflictCount: 0 }) // one of 525 is a hard link

    writeFileSync(`${from}/one`, 'changed, in both names')
    unlinkSync(`${from}/with space`)
    rmSync(`${from}/many/3`, { recursive: true })
    renameSync(`${from}/many/4`, `${from}/many/renamed`)
    writeFileSync(`${from}/new\nfile`, 'new')
    expect(await catchUp(request)).toMatchObject({ copied: 7 })

    const verdict = await verify(cluster, request)
    expect(verdict).toMatchObject({ equal: true, differences: [], left: { count: 1 } })
    expect(verdict.source).toEqual(verdict.target)
    expect(differences(from, to, '--exclude=/minio', '--exclude=/a \\[\\*\\] b')).toEqual([])
    expect(readdirSync(to)).not.toContain('minio')
    expect(existsSync(`${to}/below/minio`)).toBe(true)
    expect(statSync(`${to}/one`).ino).toBe(statSync(`${to}/two`).ino)
    expect(statSync(`${to}/sparse`).blocks).toBeLessThan(1000)
  })

  test('two directories of one group are looked at side by side, and neither disturbs the other', async () => {
    const request = await freshRequest(cluster, 'siblings')
    const from = onNode('node1', 'siblings')
    for (const name of ['small', 'large']) mkdirSync(`${from}/${name}`)
    execFileSync('sh', ['-c', 'seq 100000 | xargs touch'], { cwd: `${from}/large` })
    const looked = ['small', 'large'].map((name) =>
      estimate(cluster, { ...request, directory: `${request.directory}/${name}`, subdir: `${request.subdir}/${name}` }),
    )
    const found = await Promise.all(looked)
    expect(found.map(([there]) => there?.files)).toEqual([0, 100_000])
    rmSync(from, { recursive: true })
  })

  test('a verification notices whatever a mover got wrong', async () => {
    const request = await freshRequest(cluster, 'lies')
    const [from, to] = [onNode('node1', 'lies'), onTarget('lies')]
    for (const name of ['content', 'mode', 'owner', 'time', 'size', 'gone', 'kind', 'fine']) {
      writeFileSync(`${from}/${name}`, name)
    }
    symlinkSync('somewhere', `${from}/link`)
    mkdirSync(`${from}/directory`)
    await catchUp(request)
    const { atime, mtime } = statSync(`${to}/content`)
    writeFileSync(`${to}/content`, 'CONTENT')
    utimesSync(`${to}/content`, atime, mtime)
    chmodSync(`${to}/mode`, 0o600)
    chownSync(`${to}/owner`, 1, 2)
    utimesSync(`${to}/time`, 1, 1)
    appendFileSync(`${to}/size`, '!')
    utimesSync(`${to}/size`, atime, statSync(`${from}/size`).mtime)
    unlinkSync(`${to}/gone`)
    unlinkSync(`${to}/kind`)
    mkdirSync(`${to}/kind`)
    unlinkSync(`${to}/link`)
    symlinkSync('elsewhere', `${to}/link`)
    chownSync(`${to}/directory`, 7, 7)
    writeFileSync(`${to}/ex\ntra`, '')
    chmodSync(to, 0o700)

    const verdict = await verify(cluster, request)
    expect(verdict.equal).toBe(false)
    expect(Object.fromEntries(verdict.differences.map(({ path, what }) => [path, what]))).toEqual({
      '.': expect.arrayContaining(['mode']),
      content: ['content'],
      directory: ['owner'],
      'ex\\x0atra': 'extra',
      gone: 'missing',
      kind: ['type'],
      link: ['target'],
      mode: ['mode'],
      owner: ['owner'],
      size: ['size', 'content'],
      time: ['time'],
    })
    expect(verdict).toMatchObject({ missing: 1, extra: 1, changed: 9 })

    // a pass that compares contents puts all of it right, an ordinary one does not see that one file's changed
    await copy(cluster, request, { stage: 'catch-up', thorough: true })
    expect(await verify(cluster, request)).toMatchObject({ equal: true })
  })

  test('what is written, changed and removed during the warm copy is there after the catch-up', async () => {
    const request = await freshRequest(cluster, 'busy')
    const from = onNode('node1', 'busy')
    plantTree(from, { files: 2000, sparse: 1 << 20 })
    const writer = execFileSync('sh', [
      '-c',
      `cd '${from}' && (i=0; while :; do i=$((i+1)); echo $i >>growing; echo $i >new.$((i % 500)); rm -f new.$(((i + 250) % 500)); mv many/5 many/five 2>/dev/null; mv many/five many/5; done) >/dev/null 2>&1 & echo $!`,
    ])
    try {
      await warm(request)
    } finally {
      process.kill(Number(writer.toString()))
    }
    await catchUp(request)
    expect(await verify(cluster, request)).toMatchObject({ equal: true })
    expect(differences(from, onTarget('busy'))).toEqual([])
  })

  test('attributes are kept, and counted where the target has no room for them', async () => {
    const request = await freshRequest(cluster, 'attributes')
    const [from, to] = [onNode('node1', 'attributes'), onTarget('attributes')]
    const attributes = (...code: string[]) =>
      execFileSync('python3', ['-c', `import os, sys; ${code[0]}`, ...code.slice(1)])
    for (const name of ['one', 'two']) {
      writeFileSync(`${from}/${name}`, name)
      attributes('os.setxattr(sys.argv[1], "user.note", b"kept")', `${from}/${name}`)
    }
    expect(await catchUp(request)).toMatchObject({ copied: 2, attributesLost: 0 })
    expect(attributes('print(os.getxattr(sys.argv[1], "user.note"))', `${to}/one`).toString()).toContain('kept')

    await removeCopy(cluster, request.group)
    // the mounts of pods that are gone go later, and would take along what is mounted on the same directory
    const noMount = 'grep copy/attributes /proc/1/mountinfo; test $? -eq 1'
    await vi.waitFor(() => inNode('node1', 'sh', '-c', noMount), { timeout: 60_000 })
    inNode('node1', 'mount', '-t', 'ramfs', 'ramfs', to)
    try {
      expect(await catchUp(request)).toMatchObject({ copied: 2, attributesLost: 2 })
      expect(await verify(cluster, request)).toMatchObject({ equal: true })
    } finally {
      await removeCopy(cluster, request.group)
      inNode('node1', 'sh', '-c', 'umount "$0" || true', to)
    }
  })

  test('a place that holds something else is not touched, unless that is asked for', async () => {
    const request = await freshRequest(cluster, 'full')
    const [from, to] = [onNode('node1', 'full'), onTarget('full')]
    writeFileSync(`${from}/ours`, 'ours')
    mkdirSync(to, { recursive: true })
    writeFileSync(`${to}/theirs`, 'theirs')
    await expect(warm(request)).rejects.toThrow(/the target is not empty: theirs/)
    expect(readdirSync(to)).toEqual(['theirs'])

    const into = { ...request, settings: { ...request.settings, intoExisting: true } }
    await warm(into)
    await catchUp(into)
    expect(readdirSync(to).sort()).toEqual(['ours', 'theirs'])
    expect(await verify(cluster, into)).toMatchObject({ equal: true, extra: 1 })
    unlinkSync(`${to}/ours`)
    expect(await verify(cluster, into)).toMatchObject({ equal: false, missing: 1 })

    // what people have deleted there since is deleted on the node too, and all else comes along
    await markReleased(cluster, into)
    await copyBack(cluster, into)
    expect(await verify(cluster, into)).toMatchObject({ equal: true, missing: 0 })
    expect(readdirSync(from)).toEqual(['theirs'])
  })

  test('our own copy may be taken up again until the workloads have been switched to it', async () => {
    const request = await freshRequest(cluster, 'again')
    const [from, to] = [onNode('node1', 'again'), onTarget('again')]
    writeFileSync(`${from}/one`, '1')
    await warm(request)
    await removeCopy(cluster, request.group)
    await catchUp(request)

    expect(await verify(cluster, request)).toMatchObject({ equal: true })

    // nobody wrote to it, while the old directory went on
    await markReleased(cluster, request)
    writeFileSync(`${from}/one`, 'changed')
    writeFileSync(`${from}/three`, '3')
    const [before] = await estimate(cluster, request)
    expect(before?.place).toMatchObject({ state: 'copied', entries: 2 })
    expect(await catchUp(request)).toMatchObject({ copied: 2 })
    expect(await verify(cluster, request)).toMatchObject({ equal: true })

    await markReleased(cluster, request)
    writeFileSync(`${to}/written by users`, 'precious')
    await expect(catchUp(request)).rejects.toThrow(/people have written to the target .*: written by users$/)
    const [after] = await estimate(cluster, request)
    expect(after?.place).toMatchObject({ state: 'written', examples: ['written by users'] })
    expect(readFileSync(`${to}/written by users`, 'utf8')).toBe('precious')

    // deleting is writing too
    unlinkSync(`${to}/written by users`)
    unlinkSync(`${to}/three`)
    await expect(catchUp(request)).rejects.toThrow(/something was deleted/)
  })

  test('what was written on the file system comes back, and nothing else changes on the node', async () => {
    const request = await freshRequest(cluster, 'back', { staying: ['minio'] })
    const [from, to] = [onNode('node1', 'back'), onTarget('back')]
    plantTree(from, { files: 200, sparse: 1 << 20 })
    execFileSync('mkfifo', [`${from}/odd [*] fifo`])
    mkdirSync(`${from}/minio`)
    writeFileSync(`${from}/minio/data`, 'stays')
    await catchUp(request)
    await markReleased(cluster, request)
    writeFileSync(`${to}/new`, 'new')
    appendFileSync(`${to}/one`, ' changed')
    unlinkSync(`${to}/*`)
    expect(await verify(cluster, request, { compare: 'metadata' })).toMatchObject({ missing: 1, extra: 1, changed: 3 })

    expect(await copyBack(cluster, request)).toMatchObject({ copied: 2, deleted: 1 })
    expect(await verify(cluster, request)).toMatchObject({ equal: true })
    expect(differences(to, from, '--exclude=/minio', '--no-specials', '--exclude=fifo', '--exclude=odd*')).toEqual([])
    expect(readFileSync(`${from}/minio/data`, 'utf8')).toBe('stays')
    expect(lstatSync(`${from}/odd [*] fifo`).isFIFO()).toBe(true)

    // until the volumes are exchanged people may go on writing, and no later copy may take that away
    writeFileSync(`${to}/later`, 'precious')
    await expect(catchUp(request)).rejects.toThrow(/people have written to the target .*: later$/)
    unlinkSync(`${to}/later`)
    expect(await catchUp(request)).toMatchObject({ copied: 0 })
  })

  describe('from two nodes', () => {
    const plant = (node: string, name: string, files: Record<string, [content: string, time: number]>) => {
      for (const [file, [content, time]] of Object.entries(files)) {
        const at = path.join(onNode(node, name), file)
        mkdirSync(path.dirname(at), { recursive: true })
        writeFileSync(at, content)
        utimesSync(at, time, time)
      }
    }
    const differing = (name: string) => {
      plant('node1', name, {
        'a/first': ['1', 100],
        same: ['same', 300],
        'new\none': ['old', 400],
        'b c': ['newer', 900],
      })
      plant('node2', name, {
        'a/second': ['2', 200],
        same: ['same', 300],
        'new\none': ['new', 500],
        'b c': ['older', 800],
      })
      utimesSync(`${onNode('node1', name)}/a`, 1000, 1000)
      utimesSync(`${onNode('node2', name)}/a`, 2000, 2000)
      chmodSync(`${onNode('node2', name)}/a`, 0o700)
    }
    const conflicts = [
      { path: 'b c', taken: 'node1', left: 'node2', differsIn: 'time' },
      { path: 'new\\x0aone', taken: 'node2', left: 'node1', differsIn: 'time' },
    ]

    test('the newest of each file is taken, and every one that differed is named', async () => {
      const request = await freshRequest(cluster, 'merge', { nodes: ['node1', 'node2'] })
      const to = onTarget('merge')
      differing('merge')
      const result = await warm(request)
      expect(result.conflicts).toEqual(conflicts)
      expect(readdirSync(to).sort()).toEqual(['a', 'b c', 'new\none', 'same'])
      expect(readdirSync(`${to}/a`).sort()).toEqual(['first', 'second'])
      expect([readFileSync(`${to}/new\none`, 'utf8'), readFileSync(`${to}/b c`, 'utf8')]).toEqual(['new', 'newer'])
      expect(statSync(`${to}/a`).mode & 0o777).toBe(0o700)

      unlinkSync(`${onNode('node1', 'merge')}/a/first`)
      rmSync(`${onNode('node2', 'merge')}/a`, { recursive: true })
      plant('node2', 'merge', { 'b c': ['newest', 1000], 'd/e': ['e', 1] })
      expect(await catchUp(request)).toMatchObject({ conflictCount: 2, copied: 2 })
      expect(await verify(cluster, request)).toMatchObject({ equal: true, conflictCount: 2 })
      expect(readdirSync(`${to}/a`)).toEqual([])
      expect(readFileSync(`${to}/b c`, 'utf8')).toBe('newest')
      writeFileSync(`${to}/b c`, 'broken')
      expect(await verify(cluster, request)).toMatchObject({ equal: false, changed: 1 })
    })

    test('both are kept where that is wanted', async () => {
      const request = await freshRequest(cluster, 'both', {
        nodes: ['node1', 'node2'],
        settings: { onConflict: 'keep-both' },
      })
      const to = onTarget('both')
      differing('both')
      await warm(request)
      await catchUp(request)
      expect(await verify(cluster, request)).toMatchObject({ equal: true, conflictCount: 2 })
      expect(readdirSync(to).sort()).toEqual(['a', 'b c', 'b c.node2', 'new\none', 'new\none.node1', 'same'])
      expect(readFileSync(`${to}/b c.node2`, 'utf8')).toBe('older')
    })

    test('nothing is copied where no file may differ', async () => {
      const request = await freshRequest(cluster, 'refuse', {
        nodes: ['node1', 'node2'],
        settings: { onConflict: 'refuse' },
      })
      differing('refuse')
      await expect(warm(request)).rejects.toThrow(/2 files differ between the nodes/)
      expect(readdirSync(onTarget('refuse'))).toEqual([])
    })
  })

  describe('split over Jobs on two nodes', () => {
    const shared = async (name: string, settings: Partial<CopySettings> = {}) => {
      const request = await freshRequest(cluster, name, {
        nodes: ['node1', 'node2'],
        staying: ['many/minio'],
        settings,
      })
      inNode('node2', 'mount', '--bind', onNode('node1', name), onNode('node2', name))
      return { ...request, nodes: ['node1'], parts: ['node1', 'node2', 'node1'] }
    }
    const release = async (name: string) => {
      await removeCopy(cluster, `copy-${name}`)
      inNode('node2', 'umount', onNode('node2', name))
    }
    const movers = async (request: CopyTask) => {
      const labelSelector = `juicify.dev/group=${request.group},juicify.dev/stage=catch-up`
      const kind = { apiVersion: 'batch/v1', kind: 'Job' }
      return (await cluster.list(kind, { namespace: 'juicify', labelSelector })).items.map(({ metadata }) => metadata)
    }

    test('everything arrives as one Job would have brought it, names of one file stay one, and it comes back so', async () => {
      const request = await shared('split')
      const [from, to] = [onNode('node1', 'split'), onTarget('split')]
      try {
        plantTree(from, { files: 600, sparse: 1 << 20 })
        mkdirSync(`${from}/many/minio`)
        writeFileSync(`${from}/many/minio/data`, 'stays')
        linkSync(`${from}/one`, `${from}/many/3/three`)
        expect(await warm(request)).toMatchObject({ copied: 624, deleted: 0 })

        writeFileSync(`${from}/two`, 'changed, in all three names')
        for (const name of ['many/5', 'dir with\nnewline ', 'with space'])
          rmSync(`${from}/${name}`, { recursive: true })
        renameSync(`${from}/many/4`, `${from}/many/renamed\n`)
        writeFileSync(`${from}/new\nfile`, 'new')
        utimesSync(`${from}/many`, 5, 5)
        expect(await catchUp(request)).toMatchObject({ copied: 8 })
        expect((await movers(request)).map(({ annotations }) => annotations?.['juicify.dev/node']).sort()).toEqual([
          'node1',
          'node1',
          'node2',
        ])
        const verdict = await verify(cluster, request)
        expect(verdict).toMatchObject({ equal: true, differences: [], left: { count: 1 } })
        expect(verdict.source).toEqual(verdict.target)
        expect(differences(from, to, '--exclude=/many/minio')).toEqual([])
        expect(new Set(['one', 'two', 'many/3/three'].map((name) => statSync(`${to}/${name}`).ino)).size).toBe(1)
        expect(existsSync(`${to}/many/minio`)).toBe(false)

        await markReleased(cluster, request)
        writeFileSync(`${to}/many/7/new`, 'new')
        unlinkSync(`${to}/new\nfile`)
        expect(await copyBack(cluster, request)).toMatchObject({ copied: 1, deleted: 1 })
        expect(differences(to, from, '--exclude=/many/minio', '--no-specials', '--exclude=fifo')).toEqual([])
        expect(readFileSync(`${from}/many/minio/data`, 'utf8')).toBe('stays')
        expect(lstatSync(`${from}/fifo`).isFIFO()).toBe(true)
      } finally {
        await release('split')
      }
    })

    test('a run that splits it otherwise than the one before leaves no Job of that one at work', async () => {
      const request = await shared('resplit', { bandwidth: 1 })
      try {
        for (const part of [1, 2, 3])
          writeFileSync(`${onNode('node1', 'resplit')}/${part}`, Buffer.alloc(8 << 20, part))
        const laptop = new AbortController()
        const going = copy(cluster, request, {
          stage: 'catch-up',
          signal: laptop.signal,
          onProgress: () => laptop.abort(),
        })
        await expect(going).rejects.toMatchObject({ exitCode: 130 })
        const before = (await movers(request)).map(({ uid }) => uid)
        expect(before).toHaveLength(3)
        await catchUp({ ...request, parts: ['node1', 'node2'], settings: { ...request.settings, bandwidth: 1000 } })
        const after = (await movers(request)).map(({ uid }) => uid)
        expect(after).toHaveLength(2)
        expect(after.filter((uid) => before.includes(uid))).toEqual([])
        expect(differences(onNode('node1', 'resplit'), onTarget('resplit'))).toEqual([])
      } finally {
        await release('resplit')
      }
      // the same path, but not the same directory: what one Job has dealt out is not there for another
      rmSync(onNode('node2', 'resplit'), { recursive: true })
      await expect(catchUp({ ...request, parts: ['node1', 'node2'] })).rejects.toThrow(
        'failed on node2 (part 2 of 2): /data/copy/resplit is not there on node2',
      )
    })
  })

  describe('when something is wrong', () => {
    test('a directory that is not there is told from one that is empty', async () => {
      const request = await freshRequest(cluster, 'nothing')
      rmSync(onNode('node1', 'nothing'), { recursive: true })
      await expect(warm(request)).rejects.toThrow('/data/copy/nothing is not there on node1, or is no directory')
      writeFileSync(onNode('node1', 'nothing'), 'a file')
      await expect(warm(request)).rejects.toThrow('/data/copy/nothing is not there on node1, or is no directory')
      unlinkSync(onNode('node1', 'nothing'))
      mkdirSync(onNode('node1', 'nothing'))
      await warm(request)
      expect(await verify(cluster, request)).toMatchObject({ equal: true, source: { files: 0 } })
    })

    test('a node that is not in the cluster is named', async () => {
      const request = { ...(await freshRequest(cluster, 'nowhere')), nodes: ['node7'] }
      await expect(warm(request)).rejects.toThrow('there is no node node7')
    })

    test('an image that is not there is named', async () => {
      const request = await freshRequest(cluster, 'image', { settings: { image: 'Not An Image' } })
      await expect(warm(request)).rejects.toThrow(/InvalidImageName/)
    })

    test('a target without room says so, keeps what it has, and is filled when there is room', async () => {
      const request = await freshRequest(cluster, 'room')
      writeFileSync(`${onNode('node1', 'room')}/big`, Buffer.alloc(8 << 20, 1))
      mkdirSync(onTarget('room'), { recursive: true })
      inNode('node1', 'mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', onTarget('room'))
      try {
        const failure = await warm(request).catch((error: unknown) => error)
        expect(failure).toMatchObject({ message: expect.stringContaining('no space is left'), containerExitCode: 77 })
        expect(failure).toMatchObject({ log: expect.arrayContaining([expect.stringContaining('No space left')]) })
        inNode('node1', 'mount', '-o', 'remount,size=40m', onTarget('room'))
        expect(await warm(request)).toMatchObject({ copied: 1 })
      } finally {
        await removeCopy(cluster, request.group)
        inNode('node1', 'umount', onTarget('room'))
      }
    })

    test('a directory that is a mount point is copied as its users see it', async () => {
      const request = await freshRequest(cluster, 'mount')
      inNode('node1', 'mount', '-t', 'tmpfs', 'tmpfs', onNode('node1', 'mount'))
      try {
        inNode('node1', 'sh', '-c', `echo hidden >${onNode('node1', 'mount')}/file`)
        await catchUp(request)
        expect(readFileSync(`${onTarget('mount')}/file`, 'utf8')).toBe('hidden\n')
      } finally {
        await removeCopy(cluster, request.group)
        inNode('node1', 'umount', onNode('node1', 'mount'))
      }
    })
  })

  describe('when we or the pod go away half way', () => {
    const slow = async (name: string) => {
      const request = await freshRequest(cluster, name, { settings: { bandwidth: 1 } })
      const content = randomBytes(7 << 20)
      for (const [part, size] of [2, 5, 7].entries())
        writeFileSync(`${onNode('node1', name)}/part${part + 1}`, content.subarray(0, size << 20))
      await warm({
        ...request,
        settings: { ...request.settings, bandwidth: 1000 },
        staying: ['part1', 'part2', 'part3'].map((part) => `/data/copy/${name}/${part}`),
      })
      return request
    }
    const movers = async (request: CopyTask) =>
      (
        await cluster.list(
          { apiVersion: 'batch/v1', kind: 'Job' },
          { namespace: 'juicify', labelSelector: `juicify.dev/group=${request.group},juicify.dev/stage=catch-up` },
        )
      ).items.map(({ metadata }) => metadata.uid)

    test('the Job goes on, and the next run waits for that one', async () => {
      const request = await slow('laptop')
      const laptop = new AbortController()
      const seen: JobProgress[] = []
      const onProgress = (progress: JobProgress) => {
        seen.push(progress)
        laptop.abort()
      }
      await expect(
        copy(cluster, request, { stage: 'catch-up', signal: laptop.signal, onProgress }),
      ).rejects.toMatchObject({ exitCode: 130 })
      expect(seen[0]).toMatchObject({ node: 'node1', bytes: expect.any(Number), rate: expect.any(Number) })
      // whoever asks is told, from wherever
      const underWay = await copiesUnderWay(cluster)
      expect(underWay.filter(({ group }) => group === request.group)).toEqual([
        {
          group: request.group,
          stage: 'catch-up',
          directory: request.directory,
          node: 'node1',
          since: expect.any(String),
          progress: expect.objectContaining({ percent: expect.any(Number), left: expect.any(Number) }),
        },
      ])
      const [first] = await movers(request)
      expect(await catchUp(request)).toMatchObject({ copied: 3 })
      expect(await movers(request)).toEqual([first])
      expect(await verify(cluster, request)).toMatchObject({ equal: true })
    })

    test('another pod takes over from one that was evicted', async () => {
      const request = await slow('evicted')
      const copying = copy(cluster, request, { stage: 'catch-up' })
      const first = await vi.waitFor(() => runningMover(request), { timeout: 60_000 })
      await evict(first)
      await copying
      expect(await verify(cluster, request)).toMatchObject({ equal: true })
      expect(differences(onNode('node1', 'evicted'), onTarget('evicted'))).toEqual([])
    })

    const runningMover = async (request: CopyTask): Promise<KubeObject> => {
      const { items } = await cluster.list<KubeObject & { status?: { phase?: string } }>(
        { apiVersion: 'v1', kind: 'Pod' },
        { namespace: 'juicify', labelSelector: `juicify.dev/group=${request.group},juicify.dev/stage=catch-up` },
      )
      const running = items.find(({ status }) => status?.phase === 'Running')
      if (!running) throw new Error('no mover is running yet')
      return running
    }

    // as the kubelet says it of a node that runs out of room, and then it kills what ran
    const evict = async (pod: KubeObject) => {
      const status = { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }
      await cluster.patch(refOf(pod), { type: 'merge', body: { status } }, { subresource: 'status' })
    }
  })
})
