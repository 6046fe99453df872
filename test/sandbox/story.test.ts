import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../src/domain/object.ts'
import { apply } from '../../src/engine/run.ts'
import { laboratory } from '../laboratory/manifests.ts'
import { Killed, mortal } from '../laboratory/mortal.ts'
import { stateOf } from '../laboratory/state.ts'
import { applyAll, begin, planOf, resumeAll, rollbackAll, told } from '../laboratory/story.ts'

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

  test('gets its own reclaim policy back, also where a run was killed right after changing it, and run again', async () => {
    const risky = () => laboratory().map((object) => (object.kind === 'PersistentVolume' ? withPolicy(object) : object))
    const rehearsal = await begin(risky())
    const watched = mortal(rehearsal.cluster, 0, 'before')
    await apply(await planOf(rehearsal.cluster), told(watched).options)
    await rehearsal.close()
    const first = watched.changes.findIndex((change) => change.startsWith('patch PersistentVolume ')) + 1
    expect(first).toBeGreaterThan(0)

    const { sandbox, cluster, close } = await begin(risky())
    const before = stateOf(sandbox.objects())
    const dying = told(mortal(cluster, first, 'after')).options
    await expect(apply(await planOf(cluster), dying)).rejects.toBeInstanceOf(Killed)
    for (const { outcome, message } of await resumeAll(cluster)) expect(message ?? outcome).toBe('migrated')
    for (const { outcome, message } of await rollbackAll(cluster)) expect(message ?? outcome).toBe('rolled-back')
    await sandbox.settled()
    expect(stateOf(sandbox.objects())).toEqual(before)
    await close()
  })
})

function withPolicy(pv: KubeObject): KubeObject {
  return { ...pv, spec: { ...(pv.spec as object), persistentVolumeReclaimPolicy: 'Delete' } }
}
