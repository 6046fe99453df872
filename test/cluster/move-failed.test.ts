import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  ARCHIVES,
  beginMove,
  deployment,
  differsFrom,
  type Move,
  notebook,
  onFileSystem,
  onNode,
  runsIn,
  writesTo,
} from '../laboratory/moving.ts'
import { exists, local, mkdir, readdir, rm, onNode as runOn, writeFile } from '../laboratory/node-files.ts'
import { missing } from '../laboratory/real.ts'

const CLAIM = 'kubeflow-archives'

describe.skipIf(missing)(`a copy that fails${missing ? ` (${missing})` : ''}`, () => {
  const [from, to] = [onNode('node1', ARCHIVES), onFileSystem(ARCHIVES)]
  let move: Move
  let mounted = false

  beforeEach(async () => {
    const plant = async () => {
      await writeFile(`${from}/archive`, 'kept')
      await mkdir(to)
    }
    move = await beginMove(['jupyter', 'pipeline'], { claims: [CLAIM], written: [ARCHIVES], plant })
  })
  afterEach(async () => {
    if (mounted) await runOn('node1', 'umount "$1"', local(to))
    mounted = false
    await move.close()
  })

  test('for want of room, with everything stopped, leaves it stopped and says so; rollback starts it again', async () => {
    await runOn('node1', 'mount -t tmpfs -o size=8m tmpfs "$1"', local(to))
    mounted = true
    // its last words are more than there is room for: no copy before can have seen that
    const lastWords = `dd if=/dev/urandom of=/mnt/${CLAIM}/last-words bs=1M count=12 2>/dev/null`
    await move.run(notebook('notebook-alice', [CLAIM], lastWords), deployment('pipeline', 'web', [CLAIM]))

    const child = move.juicify('apply', '--yes')
    expect(await child.ended, child.output).toBe(1)
    expect(child.output).toContain(`the catch-up of ${ARCHIVES} failed on node1: no space left on the target`)
    expect(child.output).toMatch(/still stopped: .*Deployment pipeline\/web/)
    expect(child.output).toMatch(/still stopped: .*Pod jupyter\/notebook-alice/s)
    expect(child.output).toContain('juicify rollback')
    expect(await move.uids()).toEqual(move.before)
    expect(await move.readyPods()).toEqual([])

    const status = move.juicify('status')
    await status.ended
    expect(status.output.replace(/\s+/g, ' ')).toContain('no space left on the target')

    const ran = await runsIn(from)
    const back = move.juicify('rollback', '--yes')
    expect(await back.ended, back.output).toBe(0)
    await writesTo(from, ran)
    expect(await move.readyPods()).toEqual([expect.any(String), expect.any(String)])
    expect(await move.uids()).toEqual(move.before)
    expect(await exists(`${from}/last-words`)).toBe(true)
  })

  test('because there is something else on JuiceFS stops nothing and deletes nothing; elsewhere it goes on', async () => {
    await writeFile(`${to}/theirs`, 'of somebody else')
    await move.run(deployment('pipeline', 'web', [CLAIM]))
    const child = move.juicify('apply', '--yes')
    expect(await child.ended, child.output).toBe(1)
    expect(child.output).toContain('the target is not empty: theirs')
    expect(child.output).toContain('--into-existing')
    expect(child.output).not.toContain('still stopped')
    expect(await readdir(to)).toEqual(['theirs'])
    expect(await move.uids()).toEqual(move.before)
    expect(await move.readyPods()).toEqual([expect.any(String)])

    await rm(`${to}/theirs`)
    const resumed = move.juicify('resume', '--yes')
    expect(await resumed.ended, resumed.output).toBe(0)
    expect(await move.onJuiceFS()).toEqual(Object.keys(move.before))
    expect(await differsFrom(from, to)).toEqual([])
  })
})
