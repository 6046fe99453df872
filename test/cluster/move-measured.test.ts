import { execFileSync } from 'node:child_process'
import { afterEach, describe, expect, test } from 'vitest'
import { copy, removeCopy, verify } from '../../src/copy/copy.ts'
import type { Child } from '../laboratory/child.ts'
import {
  ARCHIVES,
  beginMove,
  bytesCopied,
  bytesVerified,
  deployment,
  differsFrom,
  eventsOf,
  type Move,
  notebook,
  onFileSystem,
  onNode,
  TOP,
  until,
  WORKSPACE,
} from '../laboratory/moving.ts'
import { exists, mkdir, plant, rename, rm, within } from '../laboratory/node-files.ts'
import { missing, openCluster } from '../laboratory/real.ts'
import { plantTree } from '../laboratory/tree.ts'
import { freshRequest, onNode as onDisk, onTarget, shareDirectory } from './copying.ts'

// Numbers for docs/copy.md: JUICIFY_MEASURE=1 npm run test:cluster -- test/cluster/move-measured.test.ts
const why = missing ?? (process.env.JUICIFY_MEASURE === '1' ? undefined : 'numbers only: JUICIFY_MEASURE=1')
const FILES = 100_000

describe.skipIf(why)(`measured${why ? ` (${why})` : ''}`, { timeout: 900_000 }, () => {
  let move: Move
  afterEach(() => move?.close())

  test('bytes copied against bytes there, for the group of a cube-studio', async () => {
    move = await beginMove(['infra', 'jupyter', 'pipeline', 'service', 'automl', 'kubeflow'], {
      plant: async () => {
        await plant(onNode('node1', WORKSPACE), (here) => plantTree(here, { files: 5000 }))
        await plant(onNode('node1', ARCHIVES), (here) => plantTree(here, { files: 5000, seed: 2 }))
        await mkdir(onNode('node1', `${TOP}/minio`))
      },
      workloads: [deployment('infra', 'kubeflow-dashboard', ['infra-kubeflow'])],
    })
    const child = move.juicify('apply', '--yes', '-o', 'json')
    expect(await child.ended, child.output).toBe(0)
    const [copied, there] = [bytesCopied(child), bytesVerified(child)]
    const volumes = eventsOf(child).filter(({ type }) => type === 'volume-moved').length
    report(`${volumes} volumes in one group: ${there} bytes there, ${copied} bytes copied`)
  })

  test('the time that workloads stand still for 100,000 small files, after a warm copy', async () => {
    move = await withFiles()
    const child = move.juicify('apply', '--yes', '-o', 'json')
    expect(await child.ended, child.output).toBe(0)
    report(`after a warm copy: ${await downtime(child)}`)
  })

  // As if it had been put there since the warm copy: all of it is new to the one that is made while things stand still.
  test('the same with one cold copy', async () => {
    move = await withFiles()
    const [directory, aside] = [onNode('node1', ARCHIVES), onNode('node1', '/data/aside')]
    await rename(`${directory}/many`, aside)
    const child = move.juicify('apply', '--yes', '-o', 'json')
    await until('it to be stopped', () => stepped(child, 'step-started', 'stop') !== undefined)
    await rename(aside, `${directory}/many`)
    expect(await child.ended, child.output).toBe(0)
    expect(await exists(`${onFileSystem(ARCHIVES)}/many/0`)).toBe(true)
    report(`with one cold copy: ${await downtime(child)}`)
  })

  test('100,000 small files, split over one, two and four Jobs on two nodes', async () => {
    const cluster = await openCluster()
    const request = await freshRequest(cluster, 'measured', { nodes: ['node1', 'node2'] })
    const [from, to] = [onDisk('node1', 'measured'), onTarget('measured')]
    const release = await shareDirectory('measured', ['node1', 'node2'])
    await plant(from, (here) => plantTree(here, { files: FILES, sparse: 1 << 20 }))
    try {
      for (const parallel of [1, 2, 4]) {
        const parts = Array.from({ length: parallel }, (_, part) => `node${(part % 2) + 1}`)
        const split = { ...request, nodes: ['node1'], ...(parallel > 1 ? { parts } : {}) }
        await rm(to)
        await mkdir(to)
        const warm = await seconds(copy(cluster, split, { stage: 'warm' }))
        await within(
          `${from}/many`,
          'for i in $(seq 0 199); do echo new >"$((i % 100))/new $1 $i"; done',
          String(parallel),
        )
        const catchUp = await seconds(copy(cluster, split, { stage: 'catch-up' }))
        const metadata = await seconds(verify(cluster, split, { compare: 'metadata' }))
        const content = await seconds(verify(cluster, split))
        report(`${parallel} Jobs: warm ${warm}, catch-up ${catchUp}, verify metadata ${metadata}, content ${content}`)
      }
    } finally {
      await removeCopy(cluster, request.group)
      await release()
      cluster.close()
    }
  })

  function withFiles(): Promise<Move> {
    return beginMove(['jupyter'], {
      claims: ['kubeflow-archives'],
      written: [ARCHIVES],
      plant: () => plant(onNode('node1', ARCHIVES), (here) => plantTree(here, { files: FILES, sparse: 1 << 20 })),
      workloads: [notebook('notebook-alice', ['kubeflow-archives'])],
    })
  }

  /** From the first workload that is stopped until the last pod is ready, with its parts, in seconds. */
  async function downtime(child: Child): Promise<string> {
    expect(await differsFrom(onNode('node1', ARCHIVES), onFileSystem(ARCHIVES))).toEqual([])
    const seconds = (from: string, to: string) =>
      (
        ((stepped(child, 'step-ended', to) ?? Number.NaN) - (stepped(child, 'step-started', from) ?? Number.NaN)) /
        1000
      ).toFixed(1)
    const steps = ['stop', 'catch-up', 'verify', 'swap', 'probe', 'start'].map(
      (step) => `${step} ${seconds(step, step)}`,
    )
    return `${seconds('stop', 'start')} s (${steps.join(', ')}); the warm copy before took ${seconds('copy', 'copy')} s`
  }
})

async function seconds(work: Promise<unknown>): Promise<string> {
  const began = Date.now()
  await work
  return ((Date.now() - began) / 1000).toFixed(1)
}

function stepped(child: Child, type: 'step-started' | 'step-ended', step: string): number | undefined {
  const event = eventsOf(child).find((each) => each.type === type && each.step === step)
  return event && Date.parse(event.time)
}

function report(line: string): void {
  const load = execFileSync('cut', ['-d', ' ', '-f', '1', '/proc/loadavg'], { encoding: 'utf8' }).trim()
  process.stdout.write(`measured: ${line} [load ${load}]\n`)
}
