import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  ARCHIVES,
  beginMove,
  type Move,
  messagesOf,
  notebook,
  onFileSystem,
  onNode,
  runsIn,
  writesTo,
} from '../laboratory/moving.ts'
import { mkdir, readdir, readFile, utimes, writeFile } from '../laboratory/node-files.ts'
import { missing } from '../laboratory/real.ts'

const NODES = ['--source-nodes', 'node1', '--source-nodes', 'node2']

describe.skipIf(missing)(`a directory with other content on each of two nodes${missing ? ` (${missing})` : ''}`, () => {
  let move: Move

  const plant = async (node: string, files: Record<string, [content: string, time: number]>) => {
    for (const [file, [content, time]] of Object.entries(files)) {
      const at = `${onNode(node, ARCHIVES)}/${file}`
      await mkdir(path.posix.dirname(at))
      await writeFile(at, content)
      await utimes(at, time)
    }
  }
  beforeAll(async () => {
    move = await beginMove(['jupyter'], {
      claims: ['kubeflow-archives'],
      written: [ARCHIVES],
      plant: async () => {
        await plant('node1', {
          'runs/one': ['1', 100],
          'model v2': ['older', 800],
          shared: ['same', 500],
          silent: ['one', 600],
        })
        await plant('node2', {
          'runs/two': ['2', 200],
          'model v2': ['newer', 900],
          shared: ['same', 500],
          silent: ['two', 600],
        })
      },
      workloads: [notebook('notebook-alice', ['kubeflow-archives'])],
    })
  })
  afterAll(() => move?.close())

  test('is not moved where no file may differ: nothing is stopped, and nothing deleted', async () => {
    const running = await move.readyPods()
    const child = move.juicify('apply', '--yes', '--on-conflict', 'refuse', ...NODES)
    expect(await child.ended, child.output).toBe(1)
    expect(child.output).toContain('1 files differ between the nodes')
    expect(child.output).not.toContain('still stopped')
    expect(await move.uids()).toEqual(move.before)
    expect(await move.readyPods()).toEqual(running)
  })

  test('is merged, the newest of each file is taken, and what differed is listed', async () => {
    const child = move.juicify('apply', '--yes', '-o', 'json', '--on-conflict', 'newest', ...NODES)
    expect(await child.ended, child.output).toBe(0)
    expect(messagesOf(child)).toContain(`${ARCHIVES}/model v2 differs in time: copied from node2, not from node1`)
    expect(messagesOf(child)).toContain(`${ARCHIVES}/silent differs in content: copied from node1, not from node2`)
    expect(await move.onJuiceFS()).toEqual(Object.keys(move.before))
    const there = onFileSystem(ARCHIVES)
    expect(await readFile(`${there}/model v2`)).toBe('newer')
    expect(await readFile(`${onNode('node1', ARCHIVES)}/model v2`)).toBe('older')
    expect(await readdir(`${there}/runs`)).toEqual(['one', 'two'])
    const ran = await runsIn(onNode('node1', ARCHIVES))
    await writesTo(there, ran)
    for (const run of ran) {
      const log = (place: string) => readFile(`${place}/writing/${run}/log`)
      expect(await log(there)).toBe(await log(onNode('node1', ARCHIVES)))
    }
  })

  test('cannot be copied back: that is said before anything is stopped', async () => {
    const running = await move.readyPods()
    const child = move.juicify('rollback', '--copy-back', '--yes')
    expect(await child.ended, child.output).not.toBe(0)
    expect(child.output).toContain(`${ARCHIVES} was merged from node1, node2`)
    expect(await move.readyPods()).toEqual(running)
    const back = move.juicify('rollback', '--yes')
    expect(await back.ended, back.output).toBe(0)
    expect(await move.onJuiceFS()).toEqual([])
  })
})
