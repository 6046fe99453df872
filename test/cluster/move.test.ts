import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KubeObject } from '../../src/domain/object.ts'
import { RECORD_KIND } from '../../src/domain/own-kinds.ts'
import { jobsOf } from '../../src/jobs/run.ts'
import {
  ARCHIVES,
  beginMove,
  bytesCopied,
  bytesVerified,
  CLAIMS,
  deployment,
  differsFrom,
  eventsOf,
  type Move,
  notebook,
  onFileSystem,
  onNode,
  podsIn,
  runsIn,
  TOP,
  until,
  WORKSPACE,
  writesTo,
} from '../laboratory/moving.ts'
import {
  appendFile,
  exists,
  mkdir,
  plant,
  readFile,
  stat,
  touchLike,
  unlink,
  within,
  writeFile,
} from '../laboratory/node-files.ts'
import { missing } from '../laboratory/real.ts'
import { plantTree } from '../laboratory/tree.ts'

const why = missing ? ` (${missing})` : ''

describe.skipIf(missing)(`the volumes of jupyter and pipeline, written to all the time${why}`, () => {
  const GLOBAL = `${TOP}/global`
  let move: Move

  beforeAll(async () => {
    const written = [WORKSPACE, ARCHIVES, GLOBAL]
    move = await beginMove(['jupyter', 'pipeline'], {
      written,
      plant: async () => {
        for (const [seed, directory] of written.entries())
          await plant(onNode('node1', directory), (here) => plantTree(here, { seed }))
      },
      workloads: [
        notebook('notebook-alice', CLAIMS),
        deployment('pipeline', 'web', [...CLAIMS, 'kubeflow-global-pvc']),
      ],
    })
  })
  afterAll(() => move?.close())

  test('are measured for the plan, with the room that there is for them', async () => {
    const child = move.juicify('plan', '--estimate')
    expect(await child.ended, child.output).toBe(0)
    for (const directory of [WORKSPACE, ARCHIVES, GLOBAL]) {
      const told = new RegExp(`data +${directory}: ([\\d,]+) files, .* MiB on node1; free: .* GiB`).exec(
        child.output.replace(/\n +/g, ' '),
      )
      expect(Number(told?.[1]?.replace(',', '')), child.output).toBeGreaterThan(500)
      expect(await exists(onFileSystem(directory))).toBe(false)
    }
    expect(child.output).toMatch(/warn cannot-carry/)
    expect(await podsIn(move.cluster, 'juicify')).toEqual([])
  })

  test('are copied while they are in use, and stay where they are', async () => {
    const running = await move.readyPods()
    const child = move.juicify('copy', '--yes')
    expect(await child.ended, child.output).toBe(0)
    for (const directory of [WORKSPACE, ARCHIVES, GLOBAL]) {
      expect(child.output).toContain(`node1:${directory} → ${directory.slice('/data/k8s/'.length)}`)
      const writing = (await runsIn(onNode('node1', directory))).map((run) => `--exclude=${run}`)
      expect(await differsFrom(onNode('node1', directory), onFileSystem(directory), ...writing)).toEqual([])
    }
    expect(await move.readyPods()).toEqual(running)
    expect(await move.onJuiceFS()).toEqual([])
  })

  test('are moved with everything that was there when the pods stopped, and the pods write to JuiceFS', async () => {
    const child = move.juicify('apply', '--yes', '-o', 'json')
    expect(await child.ended, child.output).toBe(0)
    expect(await move.onJuiceFS()).toEqual(Object.keys(move.before).sort())
    // read while it was in use, but for what was just then being written
    const ahead = eventsOf(child).flatMap((event) => (event.type === 'verified-ahead' ? [event] : []))
    expect(ahead).toHaveLength(3)
    for (const { files, of } of ahead) expect(files, child.output).toBeGreaterThan(of - 100)
    for (const directory of [WORKSPACE, ARCHIVES, GLOBAL]) {
      const [from, to] = [onNode('node1', directory), onFileSystem(directory)]
      await writesTo(to, await runsIn(from))
      expect(await differsFrom(from, to)).toEqual([])
    }
    expect(await move.readyPods()).toEqual([expect.any(String), expect.any(String)])
  })

  test('a rollback tells first how much on JuiceFS would stay behind, and changes nothing unasked', async () => {
    const place = onFileSystem(WORKSPACE)
    await writeFile(`${place}/results`, 'of a long training')
    await appendFile(`${place}/one`, ' and more')
    await unlink(`${place}/many/0/file 0.txt`)
    // of neither another size nor another time
    await writeFile(`${place}/with space`, 'CONTENT OF 0')
    await touchLike(`${onNode('node1', WORKSPACE)}/with space`, `${place}/with space`)
    const child = move.juicify('rollback')
    // whoever waits to be asked is not to wait for one group after the other
    const comparisons = async () => (await jobsOf(move.cluster, 'juicify.dev/stage=compare')).length
    await until('all groups to be compared at the same time', async () => (await comparisons()) === 3)
    expect(await child.ended, child.output).toBe(1)
    const told = new RegExp(`${WORKSPACE}: (\\d+) entries on the file system differ and would be left behind: `).exec(
      child.output,
    )
    expect(Number(told?.[1]), child.output).toBeGreaterThan(4)
    expect(child.output).toContain('--copy-back copies them back first')
    expect(await move.onJuiceFS()).toEqual(Object.keys(move.before).sort())
  })

  test('a rollback that copies back brings them to the node, and the pods go on there', async () => {
    const child = move.juicify('rollback', '--copy-back', '--yes')
    expect(await child.ended, child.output).toBe(0)
    expect(await move.onJuiceFS()).toEqual([])
    expect(await readFile(`${onNode('node1', WORKSPACE)}/results`)).toBe('of a long training')
    expect(await exists(`${onNode('node1', WORKSPACE)}/many/0/file 0.txt`)).toBe(false)
    expect(await readFile(`${onNode('node1', WORKSPACE)}/with space`)).toBe('CONTENT OF 0')
    for (const directory of [WORKSPACE, ARCHIVES, GLOBAL]) {
      const [from, to] = [onFileSystem(directory), onNode('node1', directory)]
      await writesTo(to, await runsIn(from))
      // what cannot be carried is still there
      expect(await differsFrom(from, to, '--exclude=/fifo')).toEqual([])
    }
  })
})

describe.skipIf(missing)(`a volume that a kubelet has given to the fsGroup of a pod${why}`, () => {
  const [from, to] = [onNode('node1', ARCHIVES), onFileSystem(ARCHIVES)]
  let move: Move
  beforeAll(async () => {
    const plantKey = async () => {
      await mkdir(`${from}/.ssh`)
      await writeFile(`${from}/.ssh/key`, 'secret to all others')
      await within(from, 'chmod 755 .; chmod 700 .ssh; chmod 600 .ssh/key; chown -R 1000:1000 .')
    }
    move = await beginMove(['jupyter'], { claims: ['kubeflow-archives'], plant: plantKey })
  })
  afterAll(() => move?.close())
  const modes = (place: string) => within(place, "stat -c '%n %a %u:%g' . .ssh .ssh/key")

  test('comes back to the node with the owners and modes that it had, and with what was written', async () => {
    const before = await modes(from)
    const apply = move.juicify('apply', '--yes')
    expect(await apply.ended, apply.output).toBe(0)
    // as a kubelet does it: all of the volume to the group, and open to it
    await within(to, 'find . -exec chgrp 2000 {} + -type d -exec chmod 2775 {} +; chmod 2770 .ssh; chmod 660 .ssh/key')
    expect(await modes(to)).not.toBe(before)
    await writeFile(`${to}/new`, 'written since')
    const rollback = move.juicify('rollback', '--copy-back', '--yes')
    expect(await rollback.ended, rollback.output).toBe(0)
    expect(await modes(from)).toBe(before)
    expect(await readFile(`${from}/new`)).toBe('written since')
  })
})

describe.skipIf(missing)(`a volume that was moved and taken back${why}`, () => {
  const [from, to] = [onNode('node1', ARCHIVES), onFileSystem(ARCHIVES)]
  let move: Move
  beforeAll(async () => {
    move = await beginMove(['jupyter'], {
      claims: ['kubeflow-archives'],
      plant: () => plant(from, (here) => plantTree(here, { files: 20, sparse: 1 << 20 })),
    })
  })
  afterAll(() => move?.close())
  const run = async (...words: string[]) => {
    const child = move.juicify(...words)
    return { code: await child.ended, output: child.output.replace(/\n +/g, ' ') }
  }

  test('is moved again without a question where nobody has written to JuiceFS meanwhile', async () => {
    expect(await run('apply', '--yes')).toMatchObject({ code: 0 })
    expect(await run('rollback', '--yes')).toMatchObject({
      code: 0,
      output: expect.stringContaining('Nothing was written to the file system since'),
    })
    await writeFile(`${from}/one`, 'changed after the way back')
    await unlink(`${from}/two`)
    expect(await run('apply', '--yes')).toMatchObject({ code: 0 })
    expect(await differsFrom(from, to, '--exclude=/fifo')).toEqual([])
  })

  test('is held back where somebody has, and told what would stay behind, from half way too', async () => {
    await writeFile(`${to}/results`, 'of a long training')
    // as it is when a run is killed before its last step
    const { items } = await move.cluster.list<KubeObject>(RECORD_KIND)
    for (const { metadata } of items) {
      const body = { state: { phase: 'migrating' } }
      await move.cluster.patch({ ...RECORD_KIND, name: metadata.name }, { type: 'merge', body })
    }
    expect(await run('rollback', '--yes')).toMatchObject({
      code: 0,
      output: expect.stringContaining(
        `${ARCHIVES}: 1 entry on the file system differs and would be left behind: results`,
      ),
    })
    const planned = await run('plan', '--estimate')
    expect(planned).toMatchObject({ code: 3, output: expect.stringContaining('block target-not-empty') })
    expect(planned.output).toContain('users have changed since: results.')
    const again = await run('apply', '--yes')
    expect(again).toMatchObject({ code: 1, output: expect.stringContaining('users have written to the target') })
    expect(again.output).toContain('results')
    expect(await readFile(`${to}/results`)).toBe('of a long training')
  })
})

describe.skipIf(missing)(`infra-kubeflow with all volumes below it${why}`, () => {
  const MINIO = onNode('node1', `${TOP}/minio`)
  let move: Move
  beforeAll(async () => {
    move = await beginMove(['infra', 'jupyter', 'pipeline', 'service', 'automl', 'kubeflow'], {
      written: [WORKSPACE, ARCHIVES, `${TOP}/global`, TOP],
      plant: async () => {
        await plant(onNode('node1', WORKSPACE), (here) => plantTree(here, { files: 300, sparse: 4 << 20 }))
        await plant(onNode('node1', ARCHIVES), (here) => plantTree(here, { files: 100, sparse: 1 << 20, seed: 2 }))
        await mkdir(`${MINIO}/bucket`)
        await writeFile(`${MINIO}/bucket/chunk`, 'a block of JuiceFS itself')
      },
      workloads: [
        notebook('notebook-alice', CLAIMS),
        deployment('infra', 'kubeflow-dashboard', ['infra-kubeflow', 'kubeflow-global-pvc']),
      ],
    })
  })
  afterAll(() => move?.close())

  test('is moved in one copy, each byte once, and MinIO stays where it is', async () => {
    const minio = await stat(`${MINIO}/bucket/chunk`)
    const preload = move.juicify('copy', '--yes', '-o', 'json')
    expect(await preload.ended, preload.output).toBe(0)
    const child = move.juicify('apply', '--yes', '-o', 'json')
    expect(await child.ended, child.output).toBe(0)

    expect(preload.output.split('\n').filter((line) => line.includes(' → '))).toEqual([`node1:${TOP} → kubeflow`])
    const moved = Object.keys(move.before).filter((name) => name !== 'kubeflow-minio-pv')
    expect(await move.onJuiceFS()).toEqual(moved.sort())
    expect(moved).toHaveLength(12)
    const [from, to] = [onNode('node1', TOP), onFileSystem(TOP)]
    await writesTo(to, await runsIn(from))
    expect(await differsFrom(from, to, '--exclude=/minio')).toEqual([])

    const [copied, there] = [bytesCopied(preload, child), bytesVerified(child)]
    expect(copied / there, `${copied} bytes copied of ${there}`).toBeGreaterThan(0.9)
    expect(copied / there, `${copied} bytes copied of ${there}`).toBeLessThan(1.3)

    expect(await exists(`${to}/minio`)).toBe(false)
    expect((await move.uids())['kubeflow-minio-pv']).toBe(move.before['kubeflow-minio-pv'])
    expect(await stat(`${MINIO}/bucket/chunk`)).toEqual(minio)
  })
})
