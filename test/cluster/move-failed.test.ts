import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inNode, missing } from './copying.ts'
import {
  ARCHIVES,
  beginMove,
  deployment,
  differsFrom,
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
  writesTo,
} from './moving.ts'

const CLAIM = 'kubeflow-archives'

describe.skipIf(missing)(`a copy that fails${missing ? ` (${missing})` : ''}`, () => {
  const [from, to] = [onNode('node1', ARCHIVES), onFileSystem(ARCHIVES)]
  let move: Move
  let before: Awaited<ReturnType<typeof uidsOf>>
  let mounted = false

  beforeEach(async () => {
    move = await beginMove(['jupyter', 'pipeline'], [CLAIM])
    prepareWriting(from)
    writeFileSync(`${from}/archive`, 'kept')
    mkdirSync(to, { recursive: true })
    before = await uidsOf(move.cluster)
  })
  const unmount = () => {
    if (!mounted) return
    mounted = false
    inNode('node1', 'umount', to)
  }
  afterEach(async () => {
    unmount()
    await move.close()
  })

  const allRun = async () =>
    [...(await podsIn(move.cluster, 'jupyter')), ...(await podsIn(move.cluster, 'pipeline'))].map(isReady)

  test('for want of room, with everything stopped, leaves it stopped and says so; rollback starts it again', async () => {
    inNode('node1', 'mount', '-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', to)
    mounted = true
    // its last words are more than there is room for: no copy before can have seen that
    const lastWords = `dd if=/dev/urandom of=/mnt/${CLAIM}/last-words bs=1M count=12 2>/dev/null`
    await move.run(notebook('notebook-alice', [CLAIM], lastWords), deployment('pipeline', 'web', [CLAIM]))

    const child = move.juicify('apply', '--yes')
    expect(await child.ended, child.output).toBe(1)
    expect(child.output).toContain(`the catch-up copy of ${ARCHIVES} failed on node1: no space is left where it writes`)
    expect(child.output).toMatch(/still stopped: .*Deployment pipeline\/web/)
    expect(child.output).toMatch(/still stopped: .*Pod jupyter\/notebook-alice/s)
    expect(child.output).toContain('juicify rollback')
    expect(await uidsOf(move.cluster)).toEqual(before)
    expect(await allRun()).toEqual([])

    const status = move.juicify('status')
    await status.ended
    expect(status.output).toMatch(/no space is\s+left where it writes/)

    const ran = runsIn(from)
    const back = move.juicify('rollback', '--yes')
    expect(await back.ended, back.output).toBe(0)
    await writesTo(from, ran)
    expect(await allRun()).toEqual([true, true])
    expect(await uidsOf(move.cluster)).toEqual(before)
    expect(existsSync(`${from}/last-words`)).toBe(true)
  })

  test('because there is something else on JuiceFS stops nothing and deletes nothing; elsewhere it goes on', async () => {
    writeFileSync(`${to}/theirs`, 'of somebody else')
    await move.run(deployment('pipeline', 'web', [CLAIM]))
    const child = move.juicify('apply', '--yes')
    expect(await child.ended, child.output).toBe(1)
    expect(child.output).toContain('the target is not empty: theirs')
    expect(child.output).toContain('--into-existing')
    expect(child.output).not.toContain('still stopped')
    expect(readdirSync(to)).toEqual(['theirs'])
    expect(await uidsOf(move.cluster)).toEqual(before)
    expect(await allRun()).toEqual([true])

    rmSync(`${to}/theirs`)
    const resumed = move.juicify('resume', '--yes')
    expect(await resumed.ended, resumed.output).toBe(0)
    expect(await onJuiceFS(move.cluster)).toEqual(Object.keys(before))
    expect(differsFrom(from, to)).toEqual([])
  })
})
