import { DeadlineError } from '../cluster/errors.ts'
import { describeRef, type ObjectRef, refOf } from '../domain/object.ts'
import { managerOf } from '../planner/findings/managed.ts'
import { tidings, type Wording, worded, words } from '../words/trouble.ts'
import { type ClaimName, mustBeReachable, type PlaceOf, type UsingPod, waitUntilUnused } from '../workloads/pods.ts'
import { type StartedAgain, StartWatch } from '../workloads/start-watch.ts'
import { UsageWatch } from '../workloads/usage-watch.ts'
import type { EventOf } from './events.ts'
import { isVersionOf } from './exchange.ts'
import { type GroupRun, recordOf } from './step.ts'
import { back, forward, observeAll } from './volumes.ts'

/**
 * Waits until no running pod uses those of the group's claims that have still to change their volume, and until no ended
 * one holds a name that a pod is to come back under. Returns true if there was one to wait for: it may have written in the
 * meantime. Throws DeadlineError naming those that do not go.
 */
export async function waitForNoUsers(run: GroupRun): Promise<boolean> {
  let watch: StartWatch | undefined
  const startedAgain = new Map<string, Wording>()
  const onStart = (started: StartedAgain) => {
    const workload = describeRef(refOf(started.object))
    const told = startedAgainText(started)
    startedAgain.set(workload, told)
    const { manager, time } = started.by ?? {}
    const by = { ...(manager === undefined ? {} : { by: manager }), ...(time === undefined ? {} : { at: time }) }
    run.emit({ type: 'workload-started-again', group: run.group.name, workload, ...by, ...tidings(told) })
  }
  try {
    await waitUntilUnused(run.cluster, claimsOf(run), {
      timeout: run.settings.stopTimeout,
      signal: run.signal,
      forceDelete: run.settings.forceDeletePods,
      except: restartedOf(run),
      comingBack: stoppedOf(run),
      placeOf: placesOf(run),
      onWaiting: (message, pods) => {
        if (pods.length === 0) return
        watch ??= StartWatch.begin(run.cluster, recordOf(run).kept.workloads, onStart)
        run.emit({ type: 'waiting-for-pods', group: run.group.name, pods: pods.map(podOf), ...tidings(message) })
      },
    })
    return watch !== undefined
  } catch (error) {
    if (!(error instanceof DeadlineError) || startedAgain.size === 0) throw error
    throw new DeadlineError(
      ...worded(
        (say) => {
          const { message, remedy } = words(error, say)
          return { message: [message, ...[...startedAgain.values()].map((told) => told(say))].join(' '), remedy }
        },
        { cause: error },
      ),
    )
  } finally {
    watch?.close()
  }
}

/** Throws Failure where stopping would wait for a node that does not answer, unless pods there are to be given up. */
export async function mustReachUsers(run: GroupRun): Promise<void> {
  if (run.settings.forceDeletePods) return
  await mustBeReachable(run.cluster, claimsOf(run), restartedOf(run))
}

/** Who has started something again, and what to do: what keeps it up would start it each time. */
function startedAgainText({ object, by }: StartedAgain): Wording {
  return (say) => say.workload.startedAgain(describeRef(refOf(object)), by?.manager, by?.time, managerOf(object))
}

/** From now on it is noticed who uses the volumes: what is copied from here on may not be all. */
export async function watchUsage(run: GroupRun): Promise<void> {
  run.usage?.close()
  run.usage = await UsageWatch.begin(run.cluster, claimsOf(run), { except: restartedOf(run), signal: run.signal })
}

/** True if somebody came after `watchUsage`, and is through already or not. */
export async function wasUsed(run: GroupRun): Promise<boolean> {
  const pods = (await run.usage?.seen()) ?? []
  if (pods.length === 0) return false
  const users = pods.map(({ ref, owner, madeBy }) => ({
    pod: describeRef(ref),
    ...(owner ? { owner: describeRef(owner) } : {}),
    ...(madeBy === undefined ? {} : { madeBy }),
  }))
  run.emit({ type: 'used-meanwhile', group: run.group.name, pods: users })
  return true
}

function podOf({
  ref,
  claims,
  node,
  deletedAt,
  finalizers,
  owner,
}: UsingPod): EventOf<'waiting-for-pods'>['pods'][number] {
  return {
    pod: describeRef(ref),
    claims,
    ...(node === undefined ? {} : { node }),
    ...(deletedAt === undefined ? {} : { deletedAt }),
    finalizers,
    ...(owner ? { owner: describeRef(owner) } : {}),
  }
}

/** Looked at when it is asked for first: while nobody is there, nobody need know. */
function placesOf(run: GroupRun): PlaceOf {
  const direction = recordOf(run).state.phase === 'rolling-back' ? back : forward
  let looked: ReturnType<typeof observeAll> | undefined
  return async ({ namespace, name }) => {
    looked ??= observeAll(run)
    const sights = await looked
    const volume = run.group.volumes.find(
      ({ claim }) => claim?.metadata.namespace === namespace && claim.metadata.name === name,
    )
    const pv = volume && sights.get(volume.name)?.pv
    if (!volume || !pv) return 'away'
    return !pv.metadata.deletionTimestamp && isVersionOf(pv, direction(run, volume).to) ? 'new' : 'old'
  }
}

function claimsOf({ group }: GroupRun): ClaimName[] {
  return group.volumes.flatMap(({ claim }) =>
    claim ? [{ namespace: claim.metadata.namespace, name: claim.metadata.name }] : [],
  )
}

/** What is stopped for the group, and started again. */
function stoppedOf(run: GroupRun): ObjectRef[] {
  return recordOf(run).kept.workloads.flatMap(({ ref, quiesce, stopped }) =>
    quiesce === 'stop' && !stopped ? [ref] : [],
  )
}

function restartedOf(run: GroupRun): ObjectRef[] {
  return recordOf(run).kept.workloads.flatMap(({ ref, quiesce }) => (quiesce === 'rolling' ? [ref] : []))
}
