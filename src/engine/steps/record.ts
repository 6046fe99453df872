import { Drift } from '../../domain/failure.ts'
import { describeRef } from '../../domain/object.ts'
import { RECORD_KIND } from '../../domain/own-kinds.ts'
import { claimRefOf, type PlannedVolume } from '../../domain/plan.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../domain/volume.ts'
import { operator } from '../../lock/lease.ts'
import { worded } from '../../words/trouble.ts'
import { removeCopies } from '../copies.ts'
import { isUntouched, isVersionOf, type ObservedVolume } from '../exchange.ts'
import { deleteRecord, type GroupRecord, writeRecord } from '../record.ts'
import { type GroupRun, recordOf, type Step } from '../step.ts'
import { mustBeAtHome, observeAll } from '../volumes.ts'
import { rememberWorkloads } from '../workload-states.ts'

export const record: Step = {
  name: 'record',
  describe: ({ name }) => ({
    title: 'record the current state in the cluster, for the rollback',
    objects: [`${RECORD_KIND.kind} ${name}`],
    undo: 'the record is deleted',
  }),
  /** Nothing is stopped and nothing exchanged: what it says of the workloads may be out of date, so it is written anew. */
  async isDone(run) {
    // what is planned again although it was migrated once was put back by hand: the old record speaks of other objects
    if (!run.record || run.record.state.phase === 'migrated') return false
    if (run.record.state.stopping || run.record.state.phase !== 'migrating') return true
    const sights = await observeAll(run)
    const { originals } = run.record.kept
    return run.group.volumes.some(({ name }) => {
      const original = originals[name]
      return !original || !isUntouched(original, sights.get(name) ?? {})
    })
  },
  async do(run) {
    mustNotForget(run)
    const sights = await observeAll(run)
    const originals: Record<string, PersistentVolume> = {}
    const claims: Record<string, PersistentVolumeClaim> = {}
    for (const volume of run.group.volumes) {
      const { pv, claim } = asPlanned(volume, sights.get(volume.name) ?? {})
      originals[volume.name] = asAtFirst(pv, run.record?.kept.originals[volume.name])
      if (claim) claims[volume.name] = claim
    }
    if (run.record?.state.phase === 'migrated') {
      await deleteRecord(run.cluster, run.record)
      run.record = undefined
    }
    const now = new Date().toISOString()
    const fresh: GroupRecord = {
      kept: {
        group: run.group,
        plan: run.plan,
        originals,
        claims,
        workloads: await rememberWorkloads(run, run.group.workloads),
        restore: {},
      },
      state: {
        phase: 'migrating',
        stopping: false,
        startedAt: now,
        updatedAt: now,
        by: operator(),
        away: {},
        ...(run.record?.state.history ? { history: run.record.state.history } : {}),
      },
      // a copy that is newer than the first of them is ours
      ...(run.record?.createdAt ? { createdAt: run.record.createdAt } : {}),
      ...(run.record?.resourceVersion ? { resourceVersion: run.record.resourceVersion } : {}),
    }
    run.record = await writeRecord(run.cluster, fresh)
  },
  async undo(run) {
    await mustBeAtHome(run)
    await removeCopies(run.cluster, run)
    await deleteRecord(run.cluster, recordOf(run))
    run.record = undefined
  },
}

/** A record of volumes that are not moved now is their way back: one that came later to their directory must not take its place. */
function mustNotForget({ group, record }: GroupRun): void {
  const others = record?.kept.group.volumes.filter(({ name }) => group.volumes.every((volume) => volume.name !== name))
  if (!others || others.length === 0) return
  const names = others.map(({ name }) => name)
  throw new Drift(...worded((say) => say.group.wouldForget(group.name, names)))
}

/** An earlier run may have set the policy to Retain already: what it was before is in the record that is written over. */
function asAtFirst(now: PersistentVolume, recorded: PersistentVolume | undefined): PersistentVolume {
  if (!recorded || recorded.metadata.uid !== now.metadata.uid) return now
  const { persistentVolumeReclaimPolicy } = recorded.spec
  return { ...now, spec: { ...now.spec, persistentVolumeReclaimPolicy } }
}

/** The volume and its claim as they are, if they are what the plan was made from. Throws Drift naming what is not. */
function asPlanned(
  volume: PlannedVolume,
  { pv, claim }: ObservedVolume,
): { pv: PersistentVolume; claim?: PersistentVolumeClaim } {
  if (!pv) throw new Drift(...worded((say) => say.group.volumeGone(volume.name)))
  if (pv.metadata.uid !== volume.before.metadata.uid || !isVersionOf(pv, volume.before)) {
    throw new Drift(...worded((say) => say.group.volumeReplaced(volume.name)))
  }
  const planned = claimRefOf(volume)
  if (planned && claim?.metadata.uid !== planned.uid) {
    const [name, was] = [describeRef(planned), planned.uid]
    throw new Drift(
      ...worded(({ group }) =>
        claim ? group.claimReplaced(name, was, claim.metadata.uid) : group.claimGone(name, was),
      ),
    )
  }
  return { pv, ...(claim ? { claim } : {}) }
}
