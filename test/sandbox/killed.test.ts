import pLimit from 'p-limit'
import { beforeAll, describe, expect, test } from 'vitest'
import { apply } from '../../src/engine/run.ts'
import { Killed, mortal } from '../laboratory/mortal.ts'
import { stateOf } from '../laboratory/state.ts'
import { begin, planOf, resumeAll, rollbackAll, type Story, told } from '../laboratory/story.ts'

// N changing requests; at each of them a run is killed right before it and right after it, and then either resumed or
// rolled back: 4N cases.
let before: Record<string, unknown>
let after: Record<string, unknown>
let changes: string[]

beforeAll(async () => {
  const { sandbox, cluster, close } = await begin()
  before = stateOf(sandbox.objects())
  const watched = mortal(cluster, 0, 'before')
  const results = await apply(await planOf(cluster), told(watched).options)
  expect(results.map(({ outcome }) => outcome)).toEqual(['migrated', 'migrated'])
  await sandbox.settled()
  after = stateOf(sandbox.objects())
  changes = watched.changes
  await close()
})

/** A run that dies at its k-th change; what it leaves behind is the story's state. */
async function killedAt(k: number, when: 'before' | 'after'): Promise<Story> {
  const story = await begin()
  const plan = await planOf(story.cluster)
  try {
    await apply(plan, told(mortal(story.cluster, k, when)).options)
  } catch (error) {
    // a run that needed fewer touches than the one that was counted comes to its end before its k-th change
    if (!(error instanceof Killed)) throw error
  }
  await story.sandbox.settled()
  return story
}

async function eachCase(work: (k: number, when: 'before' | 'after') => Promise<void>): Promise<void> {
  const limit = pLimit(8)
  const cases = changes.flatMap((_, index) => (['before', 'after'] as const).map((when) => [index + 1, when] as const))
  await Promise.all(
    cases.map(([k, when]) =>
      limit(async () => {
        try {
          await work(k, when)
        } catch (error) {
          throw new Error(`killed ${when} change ${k} of ${changes.length}, ${changes[k - 1]}`, { cause: error })
        }
      }),
    ),
  )
}

describe('killed at every change', () => {
  test('a migration that is run again ends as if nothing had happened', async () => {
    await eachCase(async (k, when) => {
      const { sandbox, cluster, close } = await killedAt(k, when)
      await resumeAll(cluster)
      const plan = await planOf(cluster)
      const results = await apply(plan, told(cluster).options)
      for (const { outcome, message } of results) expect(message ?? outcome).toBe('migrated')
      await sandbox.settled()
      expect(stateOf(sandbox.objects())).toEqual(after)
      await close()
    })
  })

  test('a migration that is rolled back leaves the cluster as it was before', async () => {
    await eachCase(async (k, when) => {
      const { sandbox, cluster, close } = await killedAt(k, when)
      for (const { outcome, message } of await rollbackAll(cluster)) expect(message ?? outcome).toBe('rolled-back')
      await sandbox.settled()
      expect(stateOf(sandbox.objects())).toEqual(before)
      await close()
    })
  })
})
