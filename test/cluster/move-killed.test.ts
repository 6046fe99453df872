import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StepName } from '../../src/domain/plan.ts'
import { jobsOf } from '../../src/jobs/run.ts'
import type { Child } from '../laboratory/child.ts'
import {
  beginInUse,
  differsFrom,
  eventsOf,
  IN_USE,
  type Move,
  onFileSystem,
  onNode,
  runsIn,
  until,
  writesTo,
} from '../laboratory/moving.ts'
import { missing } from '../laboratory/real.ts'

/** A moment on the way, as it is seen from outside. */
type Moment = (child: Child, move: Move) => boolean | Promise<boolean>

const begins =
  (name: StepName, undo = false): Moment =>
  (child) =>
    eventsOf(child).some((event) => event.type === 'step-started' && event.step === name && event.undo === undo)
const inPlace: Moment = (child) => eventsOf(child).some(({ type }) => type === 'volume-moved')
/** A Job for this is there, and its pod runs or has run. */
const at =
  (stage: string): Moment =>
  async (_, { cluster }) =>
    (await jobsOf(cluster, `juicify.dev/stage=${stage}`)).some(
      ({ status }) => status !== undefined && 'startTime' in status,
    )

describe.skipIf(missing)(`a move that is killed${missing ? ` (${missing})` : ''}`, () => {
  let move: Move

  beforeAll(async () => {
    move = await beginInUse()
  })
  afterAll(() => move?.close())

  /** Runs juicify and kills it at that moment; fails where it comes to its end before. */
  async function killed(words: string[], moment: Moment): Promise<void> {
    const child = move.juicify(...words, '--yes', '-o', 'json')
    let end: number | NodeJS.Signals | undefined
    child.ended.then((how) => {
      end = how
    })
    await until('the moment to kill juicify at', async () => end !== undefined || (await moment(child, move)))
    child.process.kill('SIGKILL')
    expect(await child.ended, child.output).toBe('SIGKILL')
  }

  async function comesToItsEnd(...words: string[]): Promise<void> {
    const child = move.juicify(...words, '--yes', '-o', 'json')
    expect(await child.ended, child.output).toBe(0)
  }

  /** Everything that was written to the first is on the second, and the pods are back and go on there. */
  async function nothingIsLost(from: (directory: string) => string, to: (directory: string) => string): Promise<void> {
    for (const directory of IN_USE) {
      await writesTo(to(directory), await runsIn(from(directory)))
      expect(await differsFrom(from(directory), to(directory), '--exclude=/fifo')).toEqual([])
    }
    expect(await move.readyPods()).toEqual([expect.any(String), expect.any(String)])
  }
  const disk = (directory: string) => onNode('node1', directory)

  test('before anything is exchanged can be taken back, and nothing has happened', async () => {
    await killed(['apply'], begins('copy'))
    await killed(['resume'], at('warm'))
    await killed(['apply'], at('catch-up'))
    const runs = await Promise.all(IN_USE.map((directory) => runsIn(disk(directory))))
    await comesToItsEnd('rollback')
    expect(await move.uids()).toEqual(move.before)
    for (const [i, directory] of IN_USE.entries()) await writesTo(disk(directory), runs[i] ?? [])
  })

  test('on any step goes on to its end, and nothing is lost', async () => {
    await killed(['apply'], begins('stop'))
    await killed(['resume'], begins('catch-up'))
    await killed(['apply'], at('verify'))
    await killed(['resume'], begins('swap'))
    await killed(['apply'], inPlace)
    await killed(['resume'], begins('start'))
    await comesToItsEnd('resume')
    expect(await move.onJuiceFS()).toEqual(Object.keys(move.before).sort())
    await nothingIsLost(disk, onFileSystem)
  })

  test('on its way back brings back all the same what was written to JuiceFS', async () => {
    await killed(['rollback', '--copy-back'], begins('start', true))
    await killed(['resume'], at('back'))
    await killed(['rollback'], inPlace)
    await comesToItsEnd('rollback')
    expect(await move.onJuiceFS()).toEqual([])
    await nothingIsLost(onFileSystem, disk)
  })
})
