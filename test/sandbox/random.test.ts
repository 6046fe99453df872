import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { type Fate, fate, objectsOf, smallCluster } from '../laboratory/arbitrary.ts'
import { freeLease } from '../laboratory/death.ts'
import { Killed, mortal } from '../laboratory/mortal.ts'
import { stateOf } from '../laboratory/state.ts'
import { applyAll, begin, planOf, resumeAll, rollbackAll, type Story } from '../laboratory/story.ts'
import { STRIDE } from '../laboratory/sweep.ts'

const RUNS = Math.ceil(50 / STRIDE)

test(`${RUNS} random clusters come through random deaths, migrated or as they were before`, {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(smallCluster, fate, async (cluster, what) => {
      const story = await begin(objectsOf(cluster))
      try {
        await comesThrough(story, what)
      } finally {
        await story.close()
      }
    }),
    { numRuns: RUNS, interruptAfterTimeLimit: 280_000, markInterruptAsFailure: true },
  )
})

async function comesThrough({ sandbox, cluster }: Story, { deaths, end }: Fate): Promise<void> {
  const now = async () => {
    await sandbox.settled()
    return stateOf(sandbox.objects())
  }
  const before = await now()
  for (const { verb, k, when } of deaths) {
    await dying(() => (verb === 'apply' ? migrate(mortal(cluster, k, when)) : takeBack(mortal(cluster, k, when))))
    await sandbox.settled()
    await freeLease(cluster)
  }
  if (end === 'go on') {
    await resumeAll(cluster)
    await migrate(cluster)
    const after = await now()
    expect(after.pods).toEqual(before.pods)
    for (const [name, object] of Object.entries(after))
      if (name.startsWith('PersistentVolume ')) expect(object).toMatchObject({ phase: 'Bound', spec: { csi: {} } })
  }
  await takeBack(cluster)
  expect(await now()).toEqual(before)
}

/** A group that is being rolled back is not migrated before that is done, and says so. */
async function migrate(cluster: Cluster): Promise<void> {
  for (const { outcome, message } of await applyAll(cluster, await planOf(cluster)))
    expect(message ?? outcome).toMatch(/^migrated$|is being rolled back/)
}

async function takeBack(cluster: Cluster): Promise<void> {
  for (const { outcome, message } of await rollbackAll(cluster)) expect(message ?? outcome).toBe('rolled-back')
}

async function dying(run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!(error instanceof Killed)) throw error
  }
}
