import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { copy, copyBack, estimate, markReleased, removeCopy, verify } from '../../src/copy/copy.ts'
import type { CopyTask } from '../../src/copy/task.ts'
import { copiesUnderWay } from '../../src/copy/under-way.ts'
import type { CopySettings } from '../../src/domain/migration.ts'
import { type KubeObject, refOf } from '../../src/domain/object.ts'
import type { JobProgress } from '../../src/jobs/progress.ts'
import {
  appendFile,
  chmod,
  chown,
  differences,
  exists,
  link,
  local,
  mkdir,
  mkfifo,
  plant,
  readdir,
  readFile,
  rename,
  rm,
  onNode as runOn,
  stat,
  symlink,
  touchLike,
  unlink,
  utimes,
  within,
  writeFile,
  writeRandom,
} from '../laboratory/node-files.ts'
import { missing, openCluster } from '../laboratory/real.ts'
import { plantTree } from '../laboratory/tree.ts'
import { forget, freshRequest, mount, onNode, onTarget, shareDirectory, unmount } from './copying.ts'

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
    await plant(from, (here) => plantTree(here))
    for (const name of ['minio', 'a [*] b']) {
      await mkdir(`${from}/${name}`)
      await writeFile(`${from}/${name}/data`, 'stays')
    }
    await mkdir(`${from}/below/minio`)

    const [there] = await estimate(cluster, request)
    expect(there?.files).toBe(525)
    expect(there?.left).toEqual({ count: 1, examples: [{ kind: 'fifo', path: 'fifo' }] })

    const result = await warm(request)
    expect(result).toMatchObject({ copied: 524, deleted: 0, conflictCount: 0 }) // one of 525 is a hard link

    await writeFile(`${from}/one`, 'changed, in both names')
    await unlink(`${from}/with space`)
    await rm(`${from}/many/3`)
    await rename(`${from}/many/4`, `${from}/many/renamed`)
    await writeFile(`${from}/new\nfile`, 'new')
    expect(await catchUp(request)).toMatchObject({ copied: 7 })

    const verdict = await verify(cluster, request)
    expect(verdict).toMatchObject({ equal: true, differences: [], left: { count: 1 } })
    expect(verdict.source).toEqual(verdict.target)
    expect(await differences(from, to, '--exclude=/minio', '--exclude=/a \\[\\*\\] b')).toEqual([])
    expect(await readdir(to)).not.toContain('minio')
    expect(await exists(`${to}/below/minio`)).toBe(true)
    expect((await stat(`${to}/one`)).ino).toBe((await stat(`${to}/two`)).ino)
    expect((await stat(`${to}/sparse`)).blocks).toBeLessThan(1000)
  })

  test('two directories of one group are looked at side by side, and neither disturbs the other', async () => {
    const request = await freshRequest(cluster, 'siblings')
    const from = onNode('node1', 'siblings')
    for (const name of ['small', 'large']) await mkdir(`${from}/${name}`)
    await within(`${from}/large`, 'seq 100000 | xargs touch')
    const looked = ['small', 'large'].map((name) =>
      estimate(cluster, { ...request, directory: `${request.directory}/${name}`, subdir: `${request.subdir}/${name}` }),
    )
    const found = await Promise.all(looked)
    expect(found.map(([there]) => there?.files)).toEqual([0, 100_000])
    await rm(from)
  })

  test('a verification notices whatever a mover got wrong', async () => {
    const request = await freshRequest(cluster, 'lies')
    const [from, to] = [onNode('node1', 'lies'), onTarget('lies')]
    for (const name of ['content', 'mode', 'owner', 'time', 'size', 'gone', 'kind', 'fine']) {
      await writeFile(`${from}/${name}`, name)
    }
    await symlink('somewhere', `${from}/link`)
    await mkdir(`${from}/directory`)
    await catchUp(request)
    await writeFile(`${to}/content`, 'CONTENT')
    await touchLike(`${from}/content`, `${to}/content`)
    await chmod(`${to}/mode`, 0o600)
    await chown(`${to}/owner`, 1, 2)
    await utimes(`${to}/time`, 1)
    await appendFile(`${to}/size`, '!')
    await touchLike(`${from}/size`, `${to}/size`)
    await unlink(`${to}/gone`)
    await unlink(`${to}/kind`)
    await mkdir(`${to}/kind`)
    await unlink(`${to}/link`)
    await symlink('elsewhere', `${to}/link`)
    await chown(`${to}/directory`, 7, 7)
    await writeFile(`${to}/ex\ntra`, '')
    await chmod(to, 0o700)

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
    await plant(from, (here) => plantTree(here, { files: 2000, sparse: 1 << 20 }))
    const writer = await within(
      from,
      '(i=0; while :; do i=$((i+1)); echo $i >>growing; echo $i >new.$((i % 500)); rm -f new.$(((i + 250) % 500)); mv many/5 many/five 2>/dev/null; mv many/five many/5; done) >/dev/null 2>&1 & echo $!',
    )
    try {
      await warm(request)
    } finally {
      await runOn('node1', 'kill "$1"', writer.trim())
    }
    await catchUp(request)
    expect(await verify(cluster, request)).toMatchObject({ equal: true })
    expect(await differences(from, onTarget('busy'))).toEqual([])
  })

  test('attributes are kept, and counted where the target has no room for them', async () => {
    const request = await freshRequest(cluster, 'attributes')
    const [from, to] = [onNode('node1', 'attributes'), onTarget('attributes')]
    await plant(from, (here) => {
      for (const name of ['one', 'two']) {
        writeFileSync(`${here}/${name}`, name)
        const code = 'import os, sys; os.setxattr(sys.argv[1], "user.note", b"kept")'
        execFileSync('python3', ['-c', code, `${here}/${name}`])
      }
    })
    expect(await catchUp(request)).toMatchObject({ copied: 2, attributesLost: 0 })
    expect(await differences(from, to)).toEqual([])

    await removeCopy(cluster, request.group)
    // the mounts of pods that are gone go later, and would take along what is mounted on the same directory
    const noMount = 'grep copy/attributes /proc/1/mountinfo; test $? -eq 1'
    await vi.waitFor(() => runOn('node1', noMount), { timeout: 60_000 })
    await mount(to, '-t', 'ramfs', 'ramfs')
    try {
      expect(await catchUp(request)).toMatchObject({ copied: 2, attributesLost: 2 })
      expect(await verify(cluster, request)).toMatchObject({ equal: true })
    } finally {
      await removeCopy(cluster, request.group)
      await runOn('node1', 'umount "$1" || true', local(to))
    }
  })

  test('a place that holds something else is not touched, unless that is asked for', async () => {
    const request = await freshRequest(cluster, 'full')
    const [from, to] = [onNode('node1', 'full'), onTarget('full')]
    await writeFile(`${from}/ours`, 'ours')
    await mkdir(to)
    await writeFile(`${to}/theirs`, 'theirs')
    await expect(warm(request)).rejects.toThrow(/the target is not empty: theirs/)
    expect(await readdir(to)).toEqual(['theirs'])

    const into = { ...request, settings: { ...request.settings, intoExisting: true } }
    await warm(into)
    await catchUp(into)
    expect(await readdir(to)).toEqual(['ours', 'theirs'])
    expect(await verify(cluster, into)).toMatchObject({ equal: true, extra: 1 })
    await unlink(`${to}/ours`)
    expect(await verify(cluster, into)).toMatchObject({ equal: false, missing: 1 })

    // what people have deleted there since is deleted on the node too, and all else comes along
    await markReleased(cluster, into)
    await copyBack(cluster, into)
    expect(await verify(cluster, into)).toMatchObject({ equal: true, missing: 0 })
    expect(await readdir(from)).toEqual(['theirs'])
  })

  test('our own copy may be taken up again until the workloads have been switched to it', async () => {
    const request = await freshRequest(cluster, 'again')
    const [from, to] = [onNode('node1', 'again'), onTarget('again')]
    await writeFile(`${from}/one`, '1')
    await warm(request)
    await removeCopy(cluster, request.group)
    await catchUp(request)

    expect(await verify(cluster, request)).toMatchObject({ equal: true })

    // nobody wrote to it, while the old directory went on
    await markReleased(cluster, request)
    await writeFile(`${from}/one`, 'changed')
    await writeFile(`${from}/three`, '3')
    const [before] = await estimate(cluster, request)
    expect(before?.place).toMatchObject({ state: 'copied', entries: 2 })
    expect(await catchUp(request)).toMatchObject({ copied: 2 })
    expect(await verify(cluster, request)).toMatchObject({ equal: true })

    await markReleased(cluster, request)
    await writeFile(`${to}/written by users`, 'precious')
    await expect(catchUp(request)).rejects.toThrow(/users have written to the target .*: written by users$/)
    const [after] = await estimate(cluster, request)
    expect(after?.place).toMatchObject({ state: 'written', examples: ['written by users'] })
    expect(await readFile(`${to}/written by users`)).toBe('precious')

    // deleting is writing too
    await unlink(`${to}/written by users`)
    await unlink(`${to}/three`)
    await expect(catchUp(request)).rejects.toThrow(/something was deleted/)
  })

  test('what was written on the file system comes back, and nothing else changes on the node', async () => {
    const request = await freshRequest(cluster, 'back', { staying: ['minio'] })
    const [from, to] = [onNode('node1', 'back'), onTarget('back')]
    await plant(from, (here) => plantTree(here, { files: 200, sparse: 1 << 20 }))
    await mkfifo(`${from}/odd [*] fifo`)
    await mkdir(`${from}/minio`)
    await writeFile(`${from}/minio/data`, 'stays')
    await catchUp(request)
    await markReleased(cluster, request)
    await writeFile(`${to}/new`, 'new')
    await appendFile(`${to}/one`, ' changed')
    await unlink(`${to}/*`)
    expect(await verify(cluster, request, { compare: 'metadata' })).toMatchObject({ missing: 1, extra: 1, changed: 3 })

    expect(await copyBack(cluster, request)).toMatchObject({ copied: 2, deleted: 1 })
    expect(await verify(cluster, request)).toMatchObject({ equal: true })
    expect(
      await differences(to, from, '--exclude=/minio', '--no-specials', '--exclude=fifo', '--exclude=odd*'),
    ).toEqual([])
    expect(await readFile(`${from}/minio/data`)).toBe('stays')
    expect((await stat(`${from}/odd [*] fifo`)).type).toBe('fifo')

    // until the volumes are exchanged people may go on writing, and no later copy may take that away
    await writeFile(`${to}/later`, 'precious')
    await expect(catchUp(request)).rejects.toThrow(/users have written to the target .*: later$/)
    await unlink(`${to}/later`)
    expect(await catchUp(request)).toMatchObject({ copied: 0 })
  })

  describe('from two nodes', () => {
    const write = async (node: string, name: string, files: Record<string, [content: string, time: number]>) => {
      for (const [file, [content, time]] of Object.entries(files)) {
        const at = `${onNode(node, name)}/${file}`
        await mkdir(path.posix.dirname(at))
        await writeFile(at, content)
        await utimes(at, time)
      }
    }
    const differing = async (name: string) => {
      await write('node1', name, {
        'a/first': ['1', 100],
        same: ['same', 300],
        'new\none': ['old', 400],
        'b c': ['newer', 900],
      })
      await write('node2', name, {
        'a/second': ['2', 200],
        same: ['same', 300],
        'new\none': ['new', 500],
        'b c': ['older', 800],
      })
      await utimes(`${onNode('node1', name)}/a`, 1000)
      await utimes(`${onNode('node2', name)}/a`, 2000)
      await chmod(`${onNode('node2', name)}/a`, 0o700)
    }
    const conflicts = [
      { path: 'b c', taken: 'node1', left: 'node2', differsIn: 'time' },
      { path: 'new\\x0aone', taken: 'node2', left: 'node1', differsIn: 'time' },
    ]

    test('the newest of each file is taken, and every one that differed is named', async () => {
      const request = await freshRequest(cluster, 'merge', { nodes: ['node1', 'node2'] })
      const to = onTarget('merge')
      await differing('merge')
      const result = await warm(request)
      expect(result.conflicts).toEqual(conflicts)
      expect(await readdir(to)).toEqual(['a', 'b c', 'new\none', 'same'])
      expect(await readdir(`${to}/a`)).toEqual(['first', 'second'])
      expect([await readFile(`${to}/new\none`), await readFile(`${to}/b c`)]).toEqual(['new', 'newer'])
      expect((await stat(`${to}/a`)).mode).toBe(0o700)

      await unlink(`${onNode('node1', 'merge')}/a/first`)
      await rm(`${onNode('node2', 'merge')}/a`)
      await write('node2', 'merge', { 'b c': ['newest', 1000], 'd/e': ['e', 1] })
      expect(await catchUp(request)).toMatchObject({ conflictCount: 2, copied: 2 })
      expect(await verify(cluster, request)).toMatchObject({ equal: true, conflictCount: 2 })
      expect(await readdir(`${to}/a`)).toEqual([])
      expect(await readFile(`${to}/b c`)).toBe('newest')
      await writeFile(`${to}/b c`, 'broken')
      expect(await verify(cluster, request)).toMatchObject({ equal: false, changed: 1 })
    })

    test('both are kept where that is wanted', async () => {
      const request = await freshRequest(cluster, 'both', {
        nodes: ['node1', 'node2'],
        settings: { onConflict: 'keep-both' },
      })
      const to = onTarget('both')
      await differing('both')
      await warm(request)
      await catchUp(request)
      expect(await verify(cluster, request)).toMatchObject({ equal: true, conflictCount: 2 })
      expect(await readdir(to)).toEqual(['a', 'b c', 'b c.node2', 'new\none', 'new\none.node1', 'same'])
      expect(await readFile(`${to}/b c.node2`)).toBe('older')
    })

    test('nothing is copied where no file may differ', async () => {
      const request = await freshRequest(cluster, 'refuse', {
        nodes: ['node1', 'node2'],
        settings: { onConflict: 'refuse' },
      })
      await differing('refuse')
      await expect(warm(request)).rejects.toThrow(/2 files differ between the nodes/)
      expect(await readdir(onTarget('refuse'))).toEqual([])
    })
  })

  describe('split over Jobs on two nodes', () => {
    const releases = new Map<string, () => Promise<void>>()
    const shared = async (name: string, settings: Partial<CopySettings> = {}) => {
      const request = await freshRequest(cluster, name, {
        nodes: ['node1', 'node2'],
        staying: ['many/minio'],
        settings,
      })
      releases.set(name, await shareDirectory(name, ['node1', 'node2']))
      return { ...request, nodes: ['node1'], parts: ['node1', 'node2', 'node1'] }
    }
    const release = async (name: string) => {
      await removeCopy(cluster, `copy-${name}`)
      await releases.get(name)?.()
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
        await plant(from, (here) => plantTree(here, { files: 600, sparse: 1 << 20 }))
        await mkdir(`${from}/many/minio`)
        await writeFile(`${from}/many/minio/data`, 'stays')
        await link(`${from}/one`, `${from}/many/3/three`)
        expect(await warm(request)).toMatchObject({ copied: 624, deleted: 0 })

        await writeFile(`${from}/two`, 'changed, in all three names')
        for (const name of ['many/5', 'dir with\nnewline ', 'with space']) await rm(`${from}/${name}`)
        await rename(`${from}/many/4`, `${from}/many/renamed\n`)
        await writeFile(`${from}/new\nfile`, 'new')
        await utimes(`${from}/many`, 5)
        expect(await catchUp(request)).toMatchObject({ copied: 8 })
        expect((await movers(request)).map(({ annotations }) => annotations?.['juicify.dev/node']).sort()).toEqual([
          'node1',
          'node1',
          'node2',
        ])
        const verdict = await verify(cluster, request)
        expect(verdict).toMatchObject({ equal: true, differences: [], left: { count: 1 } })
        expect(verdict.source).toEqual(verdict.target)
        expect(await differences(from, to, '--exclude=/many/minio')).toEqual([])
        const stats = await Promise.all(['one', 'two', 'many/3/three'].map((name) => stat(`${to}/${name}`)))
        expect(new Set(stats.map(({ ino }) => ino)).size).toBe(1)
        expect(await exists(`${to}/many/minio`)).toBe(false)

        await markReleased(cluster, request)
        await writeFile(`${to}/many/7/new`, 'new')
        await unlink(`${to}/new\nfile`)
        expect(await copyBack(cluster, request)).toMatchObject({ copied: 1, deleted: 1 })
        expect(await differences(to, from, '--exclude=/many/minio', '--no-specials', '--exclude=fifo')).toEqual([])
        expect(await readFile(`${from}/many/minio/data`)).toBe('stays')
        expect((await stat(`${from}/fifo`)).type).toBe('fifo')
      } finally {
        await release('split')
      }
    })

    test('a run that splits it otherwise than the one before leaves no Job of that one at work', async () => {
      const request = await shared('resplit', { bandwidth: 1 })
      try {
        // so much that it is still on its way when a busy machine gets to it
        for (const part of [1, 2, 3]) await writeRandom(`${onNode('node1', 'resplit')}/${part}`, 40)
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
        expect(await differences(onNode('node1', 'resplit'), onTarget('resplit'))).toEqual([])
      } finally {
        await release('resplit')
      }
      // the same path, but not the same directory: what one Job has dealt out is not there for another
      await rm(onNode('node2', 'resplit'))
      await expect(catchUp({ ...request, parts: ['node1', 'node2'] })).rejects.toThrow(
        'failed on node2 (part 2 of 2): /data/copy/resplit does not exist on node2',
      )
    })
  })

  describe('when something is wrong', () => {
    test('a directory that is not there is told from one that is empty', async () => {
      const request = await freshRequest(cluster, 'nothing')
      await rm(onNode('node1', 'nothing'))
      await expect(warm(request)).rejects.toThrow('/data/copy/nothing does not exist on node1, or is not a directory')
      await writeFile(onNode('node1', 'nothing'), 'a file')
      await expect(warm(request)).rejects.toThrow('/data/copy/nothing does not exist on node1, or is not a directory')
      await unlink(onNode('node1', 'nothing'))
      await mkdir(onNode('node1', 'nothing'))
      await warm(request)
      expect(await verify(cluster, request)).toMatchObject({ equal: true, source: { files: 0 } })
    })

    test('a node that is not in the cluster is named', async () => {
      const request = { ...(await freshRequest(cluster, 'nowhere')), nodes: ['node7'] }
      await expect(warm(request)).rejects.toThrow('node node7 does not exist')
    })

    test('an image that is not there is named', async () => {
      const request = await freshRequest(cluster, 'image', { settings: { image: 'Not An Image' } })
      await expect(warm(request)).rejects.toThrow(/InvalidImageName/)
    })

    test('a target without room says so, keeps what it has, and is filled when there is room', async () => {
      const request = await freshRequest(cluster, 'room')
      await writeRandom(`${onNode('node1', 'room')}/big`, 8)
      await mkdir(onTarget('room'))
      await mount(onTarget('room'), '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs')
      try {
        const failure = await warm(request).catch((error: unknown) => error)
        expect(failure).toMatchObject({
          message: expect.stringContaining('no space left on the target'),
          containerExitCode: 77,
        })
        expect(failure).toMatchObject({ log: expect.arrayContaining([expect.stringContaining('No space left')]) })
        await mount(onTarget('room'), '-o', 'remount,size=40m')
        expect(await warm(request)).toMatchObject({ copied: 1 })
      } finally {
        await removeCopy(cluster, request.group)
        await unmount(onTarget('room'))
      }
    })

    test('a directory that is a mount point is copied as its users see it', async () => {
      const request = await freshRequest(cluster, 'mount')
      await mount(onNode('node1', 'mount'), '-t', 'tmpfs', 'tmpfs')
      try {
        await writeFile(`${onNode('node1', 'mount')}/file`, 'hidden\n')
        await catchUp(request)
        expect(await readFile(`${onTarget('mount')}/file`)).toBe('hidden\n')
      } finally {
        await removeCopy(cluster, request.group)
        await unmount(onNode('node1', 'mount'))
      }
    })
  })

  describe('when we or the pod go away half way', () => {
    const slow = async (name: string) => {
      const request = await freshRequest(cluster, name, { settings: { bandwidth: 1 } })
      for (const [part, size] of [2, 5, 7].entries())
        await writeRandom(`${onNode('node1', name)}/part${part + 1}`, size)
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
      expect(await differences(onNode('node1', 'evicted'), onTarget('evicted'))).toEqual([])
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
