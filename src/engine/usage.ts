import { describeRef, type ObjectRef } from '../domain/object.ts'
import { type ClaimName, type PlaceOf, type UsingPod, waitUntilUnused } from '../workloads/pods.ts'
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
  let waited = false
  await waitUntilUnused(run.cluster, claimsOf(run), {
    timeout: run.settings.stopTimeout,
    signal: run.signal,
    forceDelete: run.settings.forceDeletePods,
    except: restartedOf(run),
    comingBack: stoppedOf(run),
    placeOf: placesOf(run),
    onWaiting: (message, pods) => {
      if (pods.length === 0) return
      waited = true
      run.emit({ type: 'waiting-for-pods', group: run.group.name, pods: pods.map(podOf), message })
    },
  })
  return waited
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
