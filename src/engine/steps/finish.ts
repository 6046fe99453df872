import { Failure } from '../../domain/failure.ts'
import { type ObjectRef, sameObject } from '../../domain/object.ts'
import { RECORD_KIND } from '../../domain/own-kinds.ts'
import { operator } from '../../lock/lease.ts'
import { worded } from '../../words/trouble.ts'
import type { Remembered } from '../../workloads/workload-kind.ts'
import { assertCanCopyAllBack, removeCopies } from '../copies.ts'
import { hasJoined } from '../joined.ts'
import { changesToKeep } from '../kept-changes.ts'
import { mountPodsOf, stoppedForRollback } from '../mounts.ts'
import { writeRecord, writeState } from '../record.ts'
import { type GroupRun, recordOf, type Step } from '../step.ts'
import { allReplaced, anyReplaced, back, mustFit } from '../volumes.ts'
import { rememberWorkloads } from '../workload-states.ts'

/** The group is where it was to go. The record stays, so that it can be taken back, until somebody forgets it. */
export const finish: Step = {
  name: 'finish',
  describe: ({ name }) => ({
    title: 'mark the group as migrated; the record and the old directories stay',
    objects: [`${RECORD_KIND.kind} ${name}`],
    undo: 'the group is marked as rolling back',
  }),
  async isDone(run) {
    return recordOf(run).state.phase === 'migrated'
  },
  async do(run) {
    await removeCopies(run.cluster, run)
    run.record = await writeState(run.cluster, recordOf(run), {
      phase: 'migrated',
      stopping: false,
      failure: undefined,
      by: operator(),
    })
  },
  /**
   * The first thing of a rollback: from here on the record says that the way is back.
   */
  async undo(run) {
    const record = recordOf(run)
    const { state, kept } = record
    const goingBack = state.phase === 'rolling-back'
    // once asked for it holds: a rollback that was killed is resumed by others, who may not know of it
    const wanted = run.settings.copyBack ?? (goingBack && state.copyBack === true)
    // what is written to a place that the group has joined goes back with those that have moved there
    const copyBack = wanted && !hasJoined(kept.group)
    if (copyBack) await assertCanCopyAllBack(run)
    // what an earlier run has left at work must not write to the old directories when people are back on them
    else if (state.copyBack) await removeCopies(run.cluster, run)
    if (!goingBack) await mustFit(run, back)
    if (goingBack && state.stopping) {
      if (copyBack && !state.copyBack) await askLater(run)
      if (!copyBack && state.copyBack) run.record = await writeState(run.cluster, record, { copyBack })
      return
    }
    run.record = await writeRecord(run.cluster, {
      ...record,
      kept: {
        ...kept,
        workloads: await workloadsNow(run),
        restore: { ...kept.restore, ...(await changesToKeep(run)) },
      },
      state: {
        ...state,
        phase: 'rolling-back',
        // where no new volume has come yet, nobody has written to one
        copyBack: copyBack && (await anyReplaced(run)),
        failure: undefined,
        by: operator(),
        updatedAt: new Date().toISOString(),
      },
    })
  },
}

/** A rollback without copying back is under way, and that is wanted now: while nobody can have written to the old ones. */
async function askLater(run: GroupRun): Promise<void> {
  if (!(await allReplaced(run))) {
    throw new Failure(...worded((say) => say.group.tooLateToCopyBack(run.group.name)))
  }
  run.record = await writeState(run.cluster, recordOf(run), { copyBack: true })
}

/**
 * What uses the volumes now, as it is to be when the way back is done. What juicify has stopped is as the record says:
 * what can be seen of it is a 0. What has come since, a pod that was created again included, is as it is.
 */
async function workloadsNow(run: GroupRun): Promise<Remembered[]> {
  const { state, kept } = recordOf(run)
  const stopped = state.stopping ? kept.workloads : []
  // a rollback that was killed has recorded what it found, and the run that resumes it may not have looked
  const found = state.phase === 'rolling-back' ? kept.workloads : []
  const known = (ref: ObjectRef) => run.group.workloads.some((now) => sameObject(now.ref, ref))
  const users = stoppedForRollback(
    [...run.group.workloads, ...found.filter(({ ref }) => !known(ref))],
    await mountPodsOf(run, kept.plan),
  )
  const others = users.filter((now) => !stopped.some(({ ref }) => sameObject(ref, now.ref)))
  const come = (await rememberWorkloads(run, others)).map((now) => asAtFirst(now, kept.workloads))
  const replaced = (ref: ObjectRef) => come.some((now) => sameObject({ ...now.ref, uid: undefined }, ref))
  return [...stopped.filter(({ ref }) => !replaced(ref)), ...come]
}

/** What the migration has restarted pod by pod says so in its template: what that said before is in the record. */
function asAtFirst({ restartedAt, ...now }: Remembered, recorded: Remembered[]): Remembered {
  const first = recorded.find(({ ref, quiesce }) => quiesce === 'rolling' && sameObject(ref, now.ref))
  const before = first && now.quiesce === 'rolling' ? first.restartedAt : restartedAt
  return { ...now, ...(before === undefined ? {} : { restartedAt: before }) }
}
