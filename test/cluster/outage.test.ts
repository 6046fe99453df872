import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Child } from '../laboratory/child.ts'
import {
  beginInUse,
  differsFrom,
  eventsOf,
  IN_USE,
  type Move,
  messagesOf,
  onFileSystem,
  onNode,
  runsIn,
  until,
  writesTo,
} from '../laboratory/moving.ts'
import { missingHere, state } from '../laboratory/own-cluster.ts'

/** Milliseconds for which a server is away after that was noticed. */
const AWAY = Number(process.env.JUICIFY_TEST_OUTAGE ?? 5) * 1000

/** Stands still until it is let go on: connections are made, and nothing answers. */
function hold(server: 'kube-apiserver' | 'etcd'): () => void {
  const pid = Number(readFileSync(`${state}/${server}.pid`, 'utf8'))
  process.kill(pid, 'SIGSTOP')
  return () => process.kill(pid, 'SIGCONT')
}

const said = (child: Child, what: RegExp) => messagesOf(child).filter((text) => what.test(text)).length

describe.skipIf(missingHere)(
  `a cluster whose servers go away in the middle${missingHere ? ` (${missingHere})` : ''}`,
  () => {
    let move: Move

    beforeAll(async () => {
      move = await beginInUse()
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
      const before = said(child, /has not answered since/)
      const goOn = hold(server)
      try {
        await until('juicify to notice', async () => ended || said(child, /has not answered since/) > before)
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
      expect(await move.onJuiceFS()).toEqual(Object.keys(move.before).sort())
      for (const directory of IN_USE) {
        await writesTo(onFileSystem(directory), await runsIn(onNode('node1', directory)))
        expect(await differsFrom(onNode('node1', directory), onFileSystem(directory), '--exclude=/fifo')).toEqual([])
      }
      const back = move.juicify('rollback', '--copy-back', '--yes', '-o', 'json')
      await outage(back, 'kube-apiserver', 'swap', true)
      expect(await back.ended, back.output).toBe(0)
      expect(await move.onJuiceFS()).toEqual([])
      expect(await move.readyPods()).toEqual([expect.any(String), expect.any(String)])
    })
  },
)
