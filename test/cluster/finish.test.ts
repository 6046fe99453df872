import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ARCHIVES, beginMove, deployment, type Move, onNode } from '../laboratory/moving.ts'
import { local, onNode as runOn, writeFile } from '../laboratory/node-files.ts'
import { missing } from '../laboratory/real.ts'

const CLAIM = 'kubeflow-archives'

describe.skipIf(missing)(`an old directory on its node${missing ? ` (${missing})` : ''}`, () => {
  const old = onNode('node1', ARCHIVES)
  let move: Move
  beforeAll(async () => {
    const plant = () => writeFile(`${old}/archive`, 'kept')
    const workloads = [deployment('pipeline', 'web', [CLAIM])]
    move = await beginMove(['pipeline'], { claims: [CLAIM], written: [ARCHIVES], plant, workloads })
    const child = move.juicify('apply', '--yes')
    expect(await child.ended, child.output).toBe(0)
  })
  afterAll(() => move?.close())

  async function finish(...words: string[]): Promise<{ code: unknown; output: string }> {
    const child = move.juicify('finish', '--yes', ...words)
    return { code: await child.ended, output: child.output.replace(/\n +/g, ' ') }
  }

  test('is told to be unused where nothing was changed there since the swap', async () => {
    const { code, output } = await finish('--open-files')
    expect(output).toMatch(/^unused {4,}node1:\S+archives: nothing was changed since/m)
    expect(code, output).toBe(0)
  })

  test('keeps the records while a process that Kubernetes knows nothing of has a file of it open', async () => {
    const hold = 'sleep 600 <"$1/archive" >/dev/null 2>&1 & echo $!'
    const pid = (await runOn('node1', hold, local(old))).trim()
    try {
      const { code, output } = await finish('--forget', '--open-files')
      // its pod is named too, where the node's cgroups have the names of pods
      expect(output).toMatch(/process sleep \(\d+[^)]*\) has archive open/)
      expect(code, output).toBe(3)
    } finally {
      await runOn('node1', 'kill "$1"', pid)
    }
  })

  test('keeps the records where something was written to it since, until somebody says that it does not matter', async () => {
    await writeFile(`${old}/late`, 'by a script of somebody')
    const refused = await finish('--forget')
    expect(refused.output).toMatch(/^changed {3,}node1:\S+archives: .*late/m)
    expect(refused.code, refused.output).toBe(3)
    const { code, output } = await finish('--forget-in-use')
    expect(output).toContain('Deleted the records of')
    expect(code, output).toBe(0)
  })
})
