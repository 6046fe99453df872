import pLimit from 'p-limit'
import type { Cluster } from '../../cluster/cluster.ts'
import { DeadlineError, isApiError } from '../../cluster/errors.ts'
import { Failure } from '../../domain/failure.ts'
import { PV_PROTECTION } from '../../domain/manifest.ts'
import { describeRef, refOf } from '../../domain/object.ts'
import type { PlannedVolume } from '../../domain/plan.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../domain/volume.ts'
import { type Action, type Exchange, nextAction, type Sight, TOUCHED } from '../exchange.ts'
import { claimName, type GroupRun, recordOf, type Step } from '../step.ts'
import { copyAll, copyAllBack, handAllOver, verifyAll } from './copies.ts'
import { unused } from './unused.ts'
import {
  back,
  claimByName,
  forward,
  isReplaced,
  see,
  seeAll,
  setPolicy,
  VOLUMES_AT_ONCE,
  volumeRef,
} from './volumes.ts'

/** How long the controller gets before the claim is touched again: it has lost a race with itself by then. */
const TOUCH_AGAIN_MS = 250

/** So often may an object change under our hands before we stop and say so. */
const MOST_ACTIONS = 20

export const swap: Step = {
  name: 'swap',
  describe: ({ volumes }) => ({
    title: `replace ${volumes.length} PersistentVolume${volumes.length === 1 ? '' : 's'}; the claims stay`,
    objects: volumes.map((volume) => `PersistentVolume ${volume.name} (${claimName(volume)})`),
    undo: 'the same the other way round: the original PersistentVolumes are created again from the record',
  }),
  isDone: (run) => allArrived(run, forward),
  do: (run) => exchangeAll(run, forward, async () => recopy(run)),
  async undo(run) {
    // once the first original is back nothing was written to the file system any more
    if (recordOf(run).state.copyBack && (await allReplaced(run))) {
      await unused(run)
      await copyAllBack(run, 'swap')
    }
    await exchangeAll(run, back, async () => {})
  },
}

/** Somebody was still there, and may have written: what is on the file system is brought up to date, and compared. */
async function recopy(run: GroupRun): Promise<void> {
  const sights = await seeAll(run)
  // where a new volume is in place already, what it shows is the users'
  if (run.group.volumes.some((volume) => isReplaced(volume, sights.get(volume.name) ?? {}))) return
  await copyAll(run, 'swap', 'catch-up')
  await verifyAll(run, 'swap')
}

async function allReplaced(run: GroupRun): Promise<boolean> {
  const sights = await seeAll(run)
  return run.group.volumes.every((volume) => isReplaced(volume, sights.get(volume.name) ?? {}))
}

type Direction = (run: GroupRun, volume: PlannedVolume) => Exchange

async function allArrived(run: GroupRun, direction: Direction): Promise<boolean> {
  const actions = await Promise.all(
    run.group.volumes.map(async (volume) => nextAction(direction(run, volume), await see(run.cluster, volume))),
  )
  return actions.every((action) => action.do === 'nothing')
}

/**
 * Exchanges all volumes of a group. First every one of them is taken away, then it is looked once more whether a pod
 * came in between (from here on none can start: the claims are Lost), then the new ones are brought and bound.
 * @param disturbed told when a pod was there, and is gone
 */
async function exchangeAll(run: GroupRun, direction: Direction, disturbed: () => Promise<void>): Promise<void> {
  if (await allArrived(run, direction)) return
  if (await unused(run)) await disturbed()
  const limit = pLimit(VOLUMES_AT_ONCE)
  const each = (work: (volume: PlannedVolume) => Promise<void>) =>
    settle(run.group.volumes.map((volume) => limit(work, volume)))
  const takenAt = new Map<string, number>()
  await each((volume) => takeAway(run, volume, direction, takenAt))
  if (takenAt.size > 0 && (await unused(run))) await disturbed()
  if (direction === forward) await handAllOver(run)
  await each((volume) => bring(run, volume, direction, takenAt))
}

/** Waits for all of them, so that none goes on behind our back; then throws the first failure. */
async function settle(works: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(works)
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

async function takeAway(
  run: GroupRun,
  volume: PlannedVolume,
  direction: Direction,
  takenAt: Map<string, number>,
): Promise<void> {
  await carryOut(run, volume, direction, (action) => {
    if (action.do !== 'delete') return action.do === 'retain' || action.do === 'release'
    // a safe point: a volume that is whole stays so when the operator wants to stop
    run.signal.throwIfAborted()
    takenAt.set(volume.name, performance.now())
    return true
  })
}

async function bring(
  run: GroupRun,
  volume: PlannedVolume,
  direction: Direction,
  takenAt: Map<string, number>,
): Promise<void> {
  await carryOut(run, volume, direction, () => true)
  const taken = takenAt.get(volume.name)
  run.emit({
    type: 'volume-moved',
    group: run.group.name,
    volume: volume.name,
    ...(taken === undefined ? {} : { awayMs: Math.round(performance.now() - taken) }),
  })
}

/** Does what the exchange asks for next, again and again, for as long as `wanted` says so and something is left to do. */
async function carryOut(
  run: GroupRun,
  volume: PlannedVolume,
  direction: Direction,
  wanted: (action: Action) => boolean,
): Promise<void> {
  const exchange = direction(run, volume)
  let sight = await see(run.cluster, volume)
  for (let actions = 0; actions < MOST_ACTIONS; actions++) {
    const action = nextAction(exchange, sight)
    if (action.do === 'nothing') return
    if (action.do === 'stop') throw new Failure(action.why, { remedy: action.remedy })
    if (!wanted(action)) return
    sight = await act(run, volume, exchange, action, sight)
  }
  throw new Failure(`PersistentVolume ${volume.name} changes again and again while it is being exchanged.`, {
    remedy:
      'Something else writes it too: see its managedFields and events, stop that, and run the same command again.',
  })
}

/** One change, and what is to be seen after it. What meets another version than the one it was decided on changes nothing. */
async function act(
  run: GroupRun,
  volume: PlannedVolume,
  exchange: Exchange,
  action: Action,
  sight: Sight,
): Promise<Sight> {
  const { cluster } = run
  try {
    switch (action.do) {
      case 'retain':
        return { ...sight, pv: await setPolicy(cluster, action.pv, 'Retain') }
      case 'delete':
        await cluster.delete(refOf(action.pv))
        return { ...sight, pv: { ...action.pv, metadata: { ...action.pv.metadata, deletionTimestamp: 'now' } } }
      case 'release':
        await takeProtectionOff(cluster, action.pv)
        return { ...sight, pv: undefined }
      case 'create':
        return { ...sight, pv: await cluster.create(action.pv) }
      case 'bind':
        return await bind(run, volume, exchange)
      default:
        return sight
    }
  } catch (error) {
    if (isApiError(error, 404) || isApiError(error, 409) || isApiError(error, 422)) return see(cluster, volume)
    throw error
  }
}

/** Takes off Kubernetes' own finalizer and no other, of that very object. */
async function takeProtectionOff(cluster: Cluster, pv: PersistentVolume): Promise<void> {
  const finalizers = pv.metadata.finalizers ?? []
  if (finalizers.length === 0) return
  await cluster.patch(volumeRef(pv.metadata.name), {
    type: 'json',
    body: [
      { op: 'test', path: '/metadata/uid', value: pv.metadata.uid },
      { op: 'test', path: '/metadata/finalizers', value: [PV_PROTECTION] },
      { op: 'remove', path: '/metadata/finalizers' },
    ],
  })
}

/**
 * Waits until the volume has arrived, and touches its claim meanwhile: any change to the claim wakes the controller,
 * which otherwise looks again only after 15 s when its two workers have collided.
 */
async function bind(run: GroupRun, volume: PlannedVolume, exchange: Exchange): Promise<Sight> {
  const claim = exchange.arrived === 'Bound' ? claimByName(volume) : undefined
  const stopTouching = claim ? touchUntilStopped(run.cluster, volume, exchange) : async () => {}
  const options = {
    timeout: run.settings.bindTimeout,
    what: `PersistentVolume ${volume.name} to be ${exchange.arrived}`,
  }
  try {
    const bound = (object: { status?: { phase?: string } } | undefined) => object?.status?.phase === exchange.arrived
    if (exchange.arrived !== 'any') {
      await Promise.all([
        run.cluster.waitFor<PersistentVolume>(volumeRef(volume.name), bound, options),
        claim && run.cluster.waitFor<PersistentVolumeClaim>(claim, bound, options),
      ])
    }
  } catch (error) {
    if (error instanceof DeadlineError) throw await whyNotBound(run.cluster, volume, error)
    throw error
  } finally {
    await stopTouching()
  }
  return see(run.cluster, volume)
}

/** Begins to touch the claim; the function that it returns ends that, and takes the trace away. */
function touchUntilStopped(cluster: Cluster, volume: PlannedVolume, exchange: Exchange): () => Promise<void> {
  let stopped = false
  let wake = () => {}
  const touch = (value: string | null) =>
    cluster.patch(claimByName(volume) ?? volumeRef(volume.name), {
      type: 'merge',
      body: { metadata: { uid: exchange.claim?.metadata.uid, annotations: { [TOUCHED]: value } } },
    })
  const touching = (async () => {
    for (let count = 1; !stopped; count++) {
      await touch(String(count))
      if (stopped) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, TOUCH_AGAIN_MS)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  })()
  // a touch that fails is told by whoever stops the touching
  touching.catch(() => {})
  return async () => {
    stopped = true
    wake()
    await touching
    await touch(null)
  }
}

/** A binding that does not come has its reason in the claim's or the volume's events. */
async function whyNotBound(cluster: Cluster, volume: PlannedVolume, error: DeadlineError): Promise<Failure> {
  const { pv, claim } = await see(cluster, volume)
  const events = claim ? await lastEvents(cluster, claim) : []
  const states = [pv, claim]
    .filter((object) => object !== undefined)
    .map((object) => `${describeRef(refOf(object))} is ${object.status?.phase ?? 'without a phase'}`)
  return new Failure(
    `${error.message} ${states.join(', ')}.${events.length > 0 ? ` Its last events: ${events.join('; ')}` : ''}`,
    {
      remedy: `kubectl describe pvc -n ${claim?.metadata.namespace ?? ''} ${claim?.metadata.name ?? ''} tells more; then run the same command again, or juicify rollback.`,
      cause: error,
    },
  )
}

async function lastEvents(cluster: Cluster, claim: PersistentVolumeClaim): Promise<string[]> {
  const { items } = await cluster.list(
    { apiVersion: 'v1', kind: 'Event' },
    {
      namespace: claim.metadata.namespace,
      fieldSelector: `involvedObject.uid=${claim.metadata.uid}`,
    },
  )
  return items.slice(-3).map((event) => `${event.reason}: ${event.message}`)
}
