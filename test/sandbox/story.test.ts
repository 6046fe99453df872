import { describe, expect, test } from 'vitest'
import { stateOf } from '../laboratory/state.ts'
import { applyAll, begin, planOf, rollbackAll } from '../laboratory/story.ts'

describe('a laboratory with every kind of workload', () => {
  test('is migrated with everything running again, and rolled back to what it was', async () => {
    const { sandbox, cluster, close } = await begin()
    const before = stateOf(sandbox.objects())
    const plan = await planOf(cluster)
    expect(plan.groups.map(({ blocked }) => blocked)).toEqual([false, false])
    const results = await applyAll(cluster, plan)
    expect(results.map(({ outcome, message }) => message ?? outcome)).toEqual(['migrated', 'migrated'])
    await sandbox.settled()
    const after = stateOf(sandbox.objects())
    expect(after.pods).toEqual(before.pods)
    const back = await rollbackAll(cluster)
    expect(back.map(({ outcome, message }) => message ?? outcome)).toEqual(['rolled-back', 'rolled-back'])
    await sandbox.settled()
    expect(stateOf(sandbox.objects())).toEqual(before)
    await close()
  })
})
