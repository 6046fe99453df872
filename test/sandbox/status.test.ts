import { expect, test } from 'vitest'
import { writeCopyNote } from '../../src/copy/note.ts'
import { readRecords } from '../../src/engine/record.ts'
import { apply, resume } from '../../src/engine/run.ts'
import { ensureDefinitions } from '../../src/jobs/definitions.ts'
import { workplace } from '../laboratory/child.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { migration } from '../laboratory/migration.ts'
import { begin, planOf, told } from '../laboratory/story.ts'

test('status tells what stands still and since when, and what was copied ahead of time', async () => {
  const { sandbox, cluster, close } = await begin(smallLaboratory())
  const place = await workplace(sandbox.kubeconfig)
  const status = async () => {
    const child = place.run('status')
    expect([await child.ended, child.output]).toEqual([0, expect.any(String)])
    return child.output
  }
  try {
    await ensureDefinitions(cluster)
    const copied = {
      group: 'data-1',
      directory: '/data/other',
      subdir: 'other',
      nodes: ['node1'],
      staying: [],
      target: migration().target,
      settings: {},
    } as unknown as Parameters<typeof writeCopyNote>[1]
    const note = { directory: '/data/other', existing: false, released: false }
    await writeCopyNote(cluster, copied, note)
    expect(await status()).toMatch(
      /^\/data\/other {2}copied ahead {2}started \d+s ago\n {2}at other; nobody uses the copy yet$/m,
    )

    const left = told(cluster, { ask: async ({ step }) => (step === 'swap' ? 'skip' : 'do') })
    const results = await apply(await planOf(cluster), left.options)
    const stopped = results.flatMap(({ leftStopped }) => leftStopped)
    expect(stopped.length).toBeGreaterThan(0)
    const text = await status()
    for (const workload of stopped)
      expect(text).toMatch(new RegExp(`^ {2}stopped {2}${workload} since \\d.* \\(\\d+s\\)$`, 'm'))

    await resume(told(cluster).options)
    expect((await readRecords(cluster)).every(({ state }) => state.phase === 'migrated')).toBe(true)
    expect(await status()).not.toContain('stopped  ')
    // people are on it: it is no copy that waits for anybody
    await writeCopyNote(cluster, copied, { ...note, released: true })
    expect(await status()).not.toContain('/data/other')
  } finally {
    await place.remove()
    await close()
  }
})
