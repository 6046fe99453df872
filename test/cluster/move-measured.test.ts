import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
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
import { inNode, missing, openCluster } from '../laboratory/real.ts'
import { plantTree } from '../laboratory/tree.ts'
import { freshRequest, onNode as onDisk, onTarget } from './copying.ts'

// Numbers for docs/copy.md: JUICIFY_MEASURE=1 npm run test:cluster -- test/cluster/move-measured.test.ts
const why = missing ?? (process.env.JUICIFY_MEASURE === '1' ? undefined : 'numbers only: JUICIFY_MEASURE=1')
const FILES = 100_000

describe.skipIf(why)(`measured${why ? ` (${why})` : ''}`, { timeout: 900_000 }, () => {
  let move: Move
  afterEach(() => move?.close())

  test('bytes copied against bytes there, for the group of a cube-studio', async () => {
    move = await beginMove(['infra', 'jupyter', 'pipeline', 'service', 'automl', 'kubeflow'], {
      plant: () => {
        plantTree(onNode('node1', WORKSPACE), { files: 5000 })
        plantTree(onNode('node1', ARCHIVES), { files: 5000, seed: 2 })
        mkdirSync(onNode('node1', `${TOP}/minio`))
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
    report(`after a warm copy: ${downtime(child)}`)
  })

  // As if it had been put there since the warm copy: all of it is new to the one that is made while things stand still.
  test('the same with one cold copy', async () => {
    move = await withFiles()
    const [directory, aside] = [onNode('node1', ARCHIVES), onNode('node1', '/data/aside')]
    renameSync(path.join(directory, 'many'), aside)
    const child = move.juicify('apply', '--yes', '-o', 'json')
    await until('it to be stopped', () => stepped(child, 'step-started', 'stop') !== undefined)
    renameSync(aside, path.join(directory, 'many'))
    expect(await child.ended, child.output).toBe(0)
    expect(existsSync(`${onFileSystem(ARCHIVES)}/many/0`)).toBe(true)
    report(`with one cold copy: ${downtime(child)}`)
  })

  test('100,000 small files, split over one, two and four Jobs on two nodes', async () => {
    const cluster = await openCluster()
    const request = await freshRequest(cluster, 'measured', { nodes: ['node1', 'node2'] })
    const [from, to] = [onDisk('node1', 'measured'), onTarget('measured')]
    plantTree(from, { files: FILES, sparse: 1 << 20 })
    inNode('node2', 'mount', '--bind', from, onDisk('node2', 'measured'))
    try {
      for (const parallel of [1, 2, 4]) {
        const parts = Array.from({ length: parallel }, (_, part) => `node${(part % 2) + 1}`)
        const split = { ...request, nodes: ['node1'], ...(parallel > 1 ? { parts } : {}) }
        rmSync(to, { recursive: true, force: true })
        mkdirSync(to)
        const warm = await seconds(copy(cluster, split, { stage: 'warm' }))
        for (let i = 0; i < 200; i++) writeFileSync(`${from}/many/${i % 100}/new ${parallel} ${i}`, 'new')
        const catchUp = await seconds(copy(cluster, split, { stage: 'catch-up' }))
        const metadata = await seconds(verify(cluster, split, { compare: 'metadata' }))
        const content = await seconds(verify(cluster, split))
        report(`${parallel} Jobs: warm ${warm}, catch-up ${catchUp}, verify metadata ${metadata}, content ${content}`)
      }
    } finally {
      await removeCopy(cluster, request.group)
      inNode('node2', 'umount', onDisk('node2', 'measured'))
      cluster.close()
    }
  })

  function withFiles(): Promise<Move> {
    return beginMove(['jupyter'], {
      claims: ['kubeflow-archives'],
      written: [ARCHIVES],
      plant: () => plantTree(onNode('node1', ARCHIVES), { files: FILES, sparse: 1 << 20 }),
      workloads: [notebook('notebook-alice', ['kubeflow-archives'])],
    })
  }

  /** From the first workload that is stopped until the last pod is ready, with its parts, in seconds. */
  function downtime(child: Child): string {
    expect(differsFrom(onNode('node1', ARCHIVES), onFileSystem(ARCHIVES))).toEqual([])
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
