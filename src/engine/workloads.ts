import { isDeepStrictEqual } from 'node:util'
import { describeRef, type ObjectRef, sameObject } from '../domain/object.ts'
import { operator } from '../lock/lease.ts'
import { tidings } from '../words/trouble.ts'
import { isLeftByOwner } from '../workloads/owner.ts'
import { startWorkload, stopWorkload, waitUntilFinished, waitUntilStarted } from '../workloads/quiesce.ts'
import { restart } from '../workloads/rolling.ts'
import type { Patience, Remembered } from '../workloads/workload-kind.ts'
import { mustKeepClaims } from './claim-retention.ts'
import { isUntouched, nextAction } from './exchange.ts'
import { type GroupRecord, writeRecord, writeState } from './record.ts'
import { tellingTroubles } from './start-troubles.ts'
import { type GroupRun, recordOf } from './step.ts'
import { mustReachUsers, waitForNoUsers } from './usage.ts'
import { back, forward, mustFit, observe, observeAll } from './volumes.ts'
import { rememberWorkloads } from './workload-states.ts'

/**
 * Asks everything to stop, in the plan's order, and waits until no pod uses the volumes any more. Work that is waited for
 * comes to its end first, that of all groups which go in step: it may never do, and nothing stands still for it.
 */
export async function stopAll(run: GroupRun): Promise<void> {
  if (!recordOf(run).state.stopping) {
    await mustReachUsers(run)
    run.record = await beginStopping(run)
  }
  const { workloads } = recordOf(run).kept
  const isFirst = ({ ref, quiesce }: Remembered) => isLeftByOwner(ref) || quiesce === 'wait' || quiesce === 'refuse'
  // what starts runs is held first, or there would be no end to them
  await stopEach(run, workloads.filter(isFirst))
  const patience = { timeout: run.settings.stopTimeout, signal: run.signal }
  for (const remembered of workloads) await waitUntilFinished(run.cluster, remembered, patience)
  await run.together()
  await stopEach(
    run,
    workloads.filter((each) => !isFirst(each)),
  )
  await waitForNoUsers(run)
}

async function stopEach(run: GroupRun, workloads: Remembered[]): Promise<void> {
  for (const remembered of workloads) {
    run.signal.throwIfAborted()
    await stopWorkload(run.cluster, remembered)
    if (standsStill(remembered)) tellWorkload(run, 'workload-stopped', remembered)
  }
}

/** The copy before may have taken hours, in which people go on: what counts is what is there when the first is stopped. */
async function beginStopping(run: GroupRun): Promise<GroupRecord> {
  const record = recordOf(run)
  const { kept, state } = record
  const change = { stopping: true, by: operator() }
  if (state.phase === 'migrating') await mustFit(run, forward)
  const workloads = state.phase === 'migrating' ? await rememberWorkloads(run, kept.workloads) : kept.workloads
  await mustKeepClaims(run, workloads)
  if (isDeepStrictEqual(workloads, kept.workloads)) return writeState(run.cluster, record, change)
  const updatedAt = new Date().toISOString()
  return writeRecord(run.cluster, {
    ...record,
    kept: { ...kept, workloads },
    state: { ...state, ...change, updatedAt },
  })
}

/** True if not one volume of the group has been exchanged: there is nothing to stop anything for. */
export async function isWhole(run: GroupRun): Promise<boolean> {
  const sights = await observeAll(run)
  return Object.entries(recordOf(run).kept.originals).every(([name, original]) =>
    isUntouched(original, sights.get(name) ?? {}),
  )
}

/** Asks everything to start, last stopped first, and waits until it is ready. What another group holds is left to it. */
export async function startAll(run: GroupRun): Promise<void> {
  const held = await heldByOthers(run)
  const mine = recordOf(run).kept.workloads.filter(
    ({ ref, stopped }) => !stopped && !held.some((other) => sameObject(other, ref)),
  )
  const patience = { timeout: run.settings.startTimeout, signal: run.signal }
  const failures: unknown[] = []
  // it is as somebody wants it, and will not come to be as it was
  const leftOtherwise = new Set<Remembered>()
  for (const remembered of mine.toReversed()) {
    try {
      const left = await startWorkload(run.cluster, remembered, patience)
      if (left) {
        const workload = describeRef(remembered.ref)
        run.emit({ type: 'workload-left', group: run.group.name, step: 'start', workload, ...tidings(left) })
        leftOtherwise.add(remembered)
      }
    } catch (error) {
      // one that cannot be started is no reason to leave the others stopped
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
  await restartRolling(run, mine, patience)
  const coming = mine.filter((remembered) => !leftOtherwise.has(remembered))
  await tellingTroubles(run, coming, async () => {
    const started = coming.map(async (remembered) => {
      await waitUntilStarted(run.cluster, remembered, patience)
      if (standsStill(remembered)) tellWorkload(run, 'workload-started', remembered)
    })
    await Promise.all(started)
  })
}

/** Its users have to do without it from when it is stopped until it is started. */
function standsStill({ quiesce, stopped }: Remembered): boolean {
  return quiesce === 'stop' && !stopped
}

function tellWorkload(run: GroupRun, type: 'workload-stopped' | 'workload-started', { ref }: Remembered): void {
  run.emit({ type, group: run.group.name, workload: describeRef(ref) })
}

/** What was not stopped still runs on the volumes that are gone: its pods are made anew, one by one. */
async function restartRolling(run: GroupRun, workloads: Remembered[], patience: Patience): Promise<void> {
  const rolling = workloads.filter(({ quiesce }) => quiesce === 'rolling')
  if (rolling.length === 0 || (await isWhole(run))) return
  const sights = await observeAll(run)
  const created = [...sights.values()].map(({ pv }) => pv?.metadata.creationTimestamp ?? '')
  const since = created.sort().at(-1) ?? ''
  const { state, createdAt } = recordOf(run)
  const back = state.phase === 'rolling-back'
  // on the way back, what was there before the migration and never restarted has the right volumes still
  const options = { ...patience, since, back, ...(back && createdAt ? { from: createdAt } : {}) }
  for (const remembered of rolling) {
    const downMs = await restart(run.cluster, remembered, options)
    if (downMs === undefined) continue
    run.emit({ type: 'workload-restarted', group: run.group.name, workload: describeRef(remembered.ref), downMs })
  }
}

/** The workloads that a group which has not arrived yet has stopped too; it starts them when it has. */
async function heldByOthers(run: GroupRun): Promise<ObjectRef[]> {
  const workloads = recordOf(run).kept.workloads
  if (workloads.length === 0) return []
  const others = (await run.others()).filter(
    ({ state, kept }) =>
      state.stopping && kept.workloads.some(({ ref }) => workloads.some((own) => sameObject(own.ref, ref))),
  )
  const waiting = await Promise.all(others.map(async (other) => ((await hasArrived(run, other)) ? [] : [other])))
  return waiting.flat().flatMap(({ kept }) => {
    const shared = kept.workloads.filter(
      ({ ref, stopped }) => !stopped && workloads.some((own) => sameObject(own.ref, ref)),
    )
    for (const { ref } of shared) {
      const workload = describeRef(ref)
      run.emit({ type: 'workload-held', group: run.group.name, step: 'start', workload, heldBy: kept.group.name })
    }
    return shared.map(({ ref }) => ref)
  })
}

/**
 * True if a rollback of the group stops nobody: nothing was asked to stop yet, and not one volume is on the file system.
 * Where a rollback was interrupted only the volumes tell that, for what was migrated to its end has nothing stopped either.
 */
export async function stopsNobody(run: Pick<GroupRun, 'cluster'>, record: GroupRecord): Promise<boolean> {
  const { state, kept } = record
  if (state.stopping || state.phase === 'migrated') return false
  return state.phase === 'migrating' ? kept.group.steps.includes('stop') : hasArrived(run, record)
}

/** True if every volume of a group is where the group is going, and bound. */
export async function hasArrived(run: Pick<GroupRun, 'cluster'>, record: GroupRecord): Promise<boolean> {
  const direction = record.state.phase === 'rolling-back' ? back : forward
  const actions = await Promise.all(
    record.kept.group.volumes.map(async (volume) =>
      nextAction(direction({ record }, volume), await observe(run.cluster, volume)),
    ),
  )
  return actions.every((action) => action.do === 'nothing')
}
