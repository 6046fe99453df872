import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jobsOf } from '../../src/copy/run.ts'
import type { StepName } from '../../src/domain/plan.ts'
import type { Child } from '../laboratory/child.ts'
import { missing } from './copying.ts'
import {
  ARCHIVES,
  beginMove,
  deployment,
  differsFrom,
  eventsOf,
  isReady,
  type Move,
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
    for (const directory of DIRECTORIES) {
      await writesTo(to(directory), runsIn(from(directory)))
      expect(differsFrom(from(directory), to(directory), '--exclude=/fifo')).toEqual([])
    }
    const pods = [...(await podsIn(move.cluster, 'jupyter')), ...(await podsIn(move.cluster, 'pipeline'))]
    expect(pods.map(isReady)).toEqual([true, true])
  }
  const disk = (directory: string) => onNode('node1', directory)

  test('before anything is exchanged can be taken back, and nothing has happened', async () => {
    await killed(['apply'], begins('copy'))
    await killed(['resume'], at('warm'))
    await killed(['apply'], at('catch-up'))
    const runs = DIRECTORIES.map((directory) => runsIn(disk(directory)))
    await comesToItsEnd('rollback')
    expect(await uidsOf(move.cluster)).toEqual(before)
    for (const [i, directory] of DIRECTORIES.entries()) await writesTo(disk(directory), runs[i] ?? [])
  })

  test('on any step goes on to its end, and nothing is lost', async () => {
    await killed(['apply'], begins('stop'))
    await killed(['resume'], begins('catch-up'))
    await killed(['apply'], at('verify'))
    await killed(['resume'], begins('swap'))
    await killed(['apply'], inPlace)
    await killed(['resume'], begins('start'))
    await comesToItsEnd('resume')
    expect(await onJuiceFS(move.cluster)).toEqual(Object.keys(before).sort())
    await nothingIsLost(disk, onFileSystem)
  })

  test('on its way back brings back all the same what was written to JuiceFS', async () => {
    await killed(['rollback', '--copy-back'], begins('start', true))
    await killed(['resume'], at('back'))
    await killed(['rollback'], inPlace)
    await comesToItsEnd('rollback')
    expect(await onJuiceFS(move.cluster)).toEqual([])
    await nothingIsLost(onFileSystem, disk)
  })
})
