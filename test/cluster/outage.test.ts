import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Child } from '../laboratory/child.ts'
import { missing, state } from './copying.ts'
import {
  ARCHIVES,
  beginMove,
  deployment,
  differsFrom,
  eventsOf,
  isReady,
  type Move,
  messagesOf,
  notebook,
  onFileSystem,
  onJuiceFS,
  onNode,
  podsIn,
  prepareWriting,
  runsIn,
  uidsOf,
  until,
  WORKSPACE,
  writesTo,
} from './moving.ts'
import { plantTree } from './tree.ts'

const CLAIMS = ['kubeflow-user-workspace', 'kubeflow-archives']
const DIRECTORIES = [WORKSPACE, ARCHIVES]
/** Milliseconds for which a server is away after that was noticed. */
const AWAY = Number(process.env.JUICIFY_TEST_OUTAGE ?? 5) * 1000

/** Stands still until it is let go on: connections are made, and nothing answers. */
function hold(server: 'kube-apiserver' | 'etcd'): () => void {
  const pid = Number(readFileSync(`${state}/${server}.pid`, 'utf8'))
  process.kill(pid, 'SIGSTOP')
  return () => process.kill(pid, 'SIGCONT')
}

const said = (child: Child, what: RegExp) => messagesOf(child).filter((text) => what.test(text)).length

describe.skipIf(missing)(`a cluster whose servers go away in the middle${missing ? ` (${missing})` : ''}`, () => {
  let move: Move
  let before: Awaited<ReturnType<typeof uidsOf>>

  beforeAll(async () => {
    move = await beginMove(['jupyter', 'pipeline'], CLAIMS)
    for (const [i, directory] of DIRECTORIES.entries()) {
      prepareWriting(onNode('node1', directory))
      plantTree(onNode('node1', directory), { seed: i, files: 100, sparse: 1 << 20 })
    }
    before = await uidsOf(move.cluster)
    await move.run(notebook('notebook-alice', CLAIMS), deployment('pipeline', 'web', CLAIMS))
  })
  afterAll(() => move?.close())

  /** Holds a server as soon as a step has begun, until juicify has noticed, and for a while. */
  async function outage(child: Child, server: 'kube-apiserver' | 'etcd', step: string, undo: boolean): Promise<void> {
    let ended = false
    child.ended.then(() => {
      ended = true
    })
    const begun = () =>
      eventsOf(child).some((event) => event.type === 'step-started' && event.step === step && event.undo === undo)
    await until(`juicify to begin with ${step}`, async () => ended || begun())
    const before = said(child, /does not answer since/)
    const goOn = hold(server)
    try {
      await until('juicify to notice', async () => ended || said(child, /does not answer since/) > before)
      await pause(AWAY)
    } finally {
      goOn()
    }
    await until('juicify to go on', async () => ended || said(child, /answers again/) > before)
    expect(ended, child.output).toBe(false)
  }

  test('is waited for, there and back, and nothing is lost', { timeout: 300_000 + 5 * AWAY }, async () => {
    const there = move.juicify('apply', '--yes', '-o', 'json')
    await outage(there, 'kube-apiserver', 'catch-up', false)
    await outage(there, 'etcd', 'swap', false)
    expect(await there.ended, there.output).toBe(0)
    expect(await onJuiceFS(move.cluster)).toEqual(Object.keys(before).sort())
    for (const directory of DIRECTORIES) {
      await writesTo(onFileSystem(directory), runsIn(onNode('node1', directory)))
      expect(differsFrom(onNode('node1', directory), onFileSystem(directory), '--exclude=/fifo')).toEqual([])
    }
    const back = move.juicify('rollback', '--copy-back', '--yes', '-o', 'json')
    await outage(back, 'etcd', 'start', true)
    await outage(back, 'kube-apiserver', 'swap', true)
    expect(await back.ended, back.output).toBe(0)
    expect(await onJuiceFS(move.cluster)).toEqual([])
    const pods = [...(await podsIn(move.cluster, 'jupyter')), ...(await podsIn(move.cluster, 'pipeline'))]
    expect(pods.map(isReady)).toEqual([true, true])
  })
})
