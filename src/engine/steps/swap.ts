import pLimit from 'p-limit'
import type { Cluster } from '../../cluster/cluster.ts'
import { ApiError, DeadlineError, isApiError } from '../../cluster/errors.ts'
import { pause } from '../../cluster/signal.ts'
import { type Change, ConflictError, update } from '../../cluster/update.ts'
import { Failure } from '../../domain/failure.ts'
import { PV_PROTECTION } from '../../domain/manifest.ts'
import { ANNOTATION } from '../../domain/names.ts'
import { describeRef, refOf } from '../../domain/object.ts'
import type { PlannedVolume } from '../../domain/plan.ts'
import { count } from '../../domain/text.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../domain/volume.ts'
import { type TroubleWords, worded, words } from '../../words/trouble.ts'
import { copyAll, copyAllBack, handOverAll, makeAllPlaces, verifyAll } from '../copies.ts'
import { type Action, type Exchange, isThere, nextAction, type ObservedVolume } from '../exchange.ts'
import { waitForNoMounts } from '../mounts.ts'
import { claimName, type GroupRun, recordOf, type Step } from '../step.ts'
import { waitForNoUsers, wasUsed, watchUsage } from '../usage.ts'
import { anyReplaced, anyRestored, back, forward, observe, setPolicy, VOLUMES_AT_ONCE, volumeRef } from '../volumes.ts'

/**
 * If the controller has not bound the claim within 1 s it has hit a conflict with its own write, and would retry only at
 * its 15 s resync. Touching the claim earlier provokes that conflict when the controller is throttled to 20 requests a
 * second.
 */
const TOUCH_AGAIN_MS = 1_000

/** Max changes by others during the swap before juicify stops and says so. */
const MOST_ACTIONS = 20

export const swap: Step = {
  name: 'swap',
  describe: ({ volumes }) => ({
    title: `replace ${count(volumes.length, 'PersistentVolume')}; the claims stay`,
    objects: volumes.map((volume) => `PersistentVolume ${volume.name} (${claimName(volume)})`),
    undo: 'the original PersistentVolumes are created again from the record',
  }),
  isDone: (run) => allArrived(run, forward),
  async do(run) {
    await makeAllPlaces(run, 'swap')
    await exchangeAll(run, forward, () => recopy(run))
  },
  async undo(run) {
    if (await allArrived(run, back)) return
    if (recordOf(run).state.copyBack) await waitForNoUsers(run)
    await recopyBack(run)
    await exchangeAll(run, back, () => recopyBack(run))
  },
}

/** Somebody was still there, and may have written: what is on the file system is brought up to date, and compared. */
async function recopy(run: GroupRun): Promise<void> {
  // where a new volume is in place already, what it shows is the users'
  if (await anyReplaced(run)) return
  await watchUsage(run)
  await copyAll(run, 'swap', 'catch-up')
  await verifyAll(run, 'swap')
}

/** The same the other way round: until the first original is back, what is written is on the file system. */
async function recopyBack(run: GroupRun): Promise<void> {
  if (!recordOf(run).state.copyBack || (await anyRestored(run))) return
  await watchUsage(run)
  await copyAllBack(run, 'swap')
}

type Direction = (run: GroupRun, volume: PlannedVolume) => Exchange

async function allArrived(run: GroupRun, direction: Direction): Promise<boolean> {
  const hasArrived = async (volume: PlannedVolume) =>
    nextAction(direction(run, volume), await observe(run.cluster, volume)).do === 'nothing'
  const [first, ...others] = run.group.volumes
  // before a swap the first one tells, and everything stands still meanwhile
  if (first && !(await hasArrived(first))) return false
  return (await Promise.all(others.map(hasArrived))).every(Boolean)
}

/**
 * Exchanges all volumes of a group. First every one of them is taken away, then it is looked once more whether a pod
 * came in between (from here on none can start: the claims are Lost), then the new ones are brought and bound.
 * @param disturbed told when a pod was there, and is gone
 */
async function exchangeAll(run: GroupRun, direction: Direction, disturbed: () => Promise<void>): Promise<void> {
  // before anything is away, so that not a moment is lost then
  await Promise.all([run.mirrors.volumes.open(), run.mirrors.claims.open()])
  await run.whileUnbound(async () => {
    const waited = await waitForNoUsers(run)
    if (direction === back) await waitForNoMounts(run)
    if ((await wasUsed(run)) || waited) await disturbed()
    const limit = pLimit(VOLUMES_AT_ONCE)
    const seen = await settle(run.group.volumes.map((volume) => limit(seeFit, run, volume, direction)))
    // the last safe point: once the first of them is away, all are brought before anything ends
    run.signal.throwIfAborted()
    const taken = await settle(seen.map((each) => limit(takeAway, run, each, direction)))
    try {
      if (taken.some(({ was }) => was) && (await disturbedSince(run))) await disturbed()
      if (direction === forward) await handOverAll(run)
    } catch (error) {
      await settle(taken.map((each) => limit(putBack, run, each, direction === forward ? back : forward))).catch(ignore)
      throw error
    }
    await settle(taken.map((each) => limit(bring, run, each, direction)))
  })
}

/** What made the volumes be put back says more than why one of them could not be; what is away is told at the end. */
function ignore(error: unknown): void {
  if (!(error instanceof Failure)) throw error
}

/** True if somebody was there after all, and is gone. Who is not seen need not be waited for. */
async function disturbedSince(run: GroupRun): Promise<boolean> {
  if (!run.usage) return waitForNoUsers(run)
  if (!(await wasUsed(run))) return false
  await waitForNoUsers(run)
  return true
}

/** Waits for all of them, so that none goes on behind our back; then throws the first failure. */
async function settle<T>(works: Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(works)
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

/** A volume, and what was seen of it last. */
interface Seen {
  volume: PlannedVolume
  sight: ObservedVolume
}

/** One whose place is free. */
interface Taken extends Seen {
  /** It was there until now, if only to be gone: somebody may have come to it after the first look. */
  was: boolean
  /** When it was taken away; absent where this run did not do it. */
  at?: number
}

/** What there is of a volume; throws where it cannot be exchanged: that is to be known before another one is away. */
async function seeFit(run: GroupRun, volume: PlannedVolume, direction: Direction): Promise<Seen> {
  const sight = await observe(run.cluster, volume)
  await carryOut(run, volume, direction(run, volume), sight, () => false)
  return { volume, sight }
}

async function takeAway(run: GroupRun, { volume, sight: seen }: Seen, direction: Direction): Promise<Taken> {
  let was = false
  let at: number | undefined
  const sight = await carryOut(run, volume, direction(run, volume), seen, (action) => {
    if (action.do === 'create' || action.do === 'bind') return false
    was = true
    if (action.do !== 'delete') return true
    run.emit({ type: 'volume-away', group: run.group.name, volume: volume.name })
    at = performance.now()
    return true
  })
  return { volume, sight, was, at }
}

/** The volume that was there comes again: the run ends before the other one may come. */
async function putBack(run: GroupRun, { volume, at }: Taken, direction: Direction): Promise<void> {
  await carryOut(run, volume, direction(run, volume), await observe(run.cluster, volume), () => true)
  if (at !== undefined) run.emit({ type: 'volume-put-back', group: run.group.name, volume: volume.name })
}

/** What was seen when it was taken away will do: whatever has changed since refuses the first change, and is looked at. */
async function bring(run: GroupRun, { volume, sight, at }: Taken, direction: Direction): Promise<void> {
  await carryOut(run, volume, direction(run, volume), sight, () => true)
  run.emit({
    type: 'volume-moved',
    group: run.group.name,
    volume: volume.name,
    ...(at === undefined ? {} : { awayMs: Math.round(performance.now() - at) }),
  })
}

/**
 * Does what the exchange asks for next, again and again, for as long as `wanted` says so and something is left to do.
 * Returns what is there then.
 */
async function carryOut(
  run: GroupRun,
  volume: PlannedVolume,
  exchange: Exchange,
  seen: ObservedVolume,
  wanted: (action: Action) => boolean,
): Promise<ObservedVolume> {
  let sight = seen
  for (let actions = 0; actions < MOST_ACTIONS; actions++) {
    const action = nextAction(exchange, sight)
    if (action.do === 'nothing') return sight
    if (action.do === 'stop') throw new Failure(...worded(action.why))
    if (!wanted(action)) return sight
    sight = await act(run, volume, exchange, action, sight)
  }
  throw new Failure(...worded((say) => say.swap.keepsChanging(volume.name)))
}

/** One change, and what is to be seen after it. What meets another version than the one it was decided on changes nothing. */
async function act(
  run: GroupRun,
  volume: PlannedVolume,
  exchange: Exchange,
  action: Action,
  sight: ObservedVolume,
): Promise<ObservedVolume> {
  const { cluster } = run
  try {
    switch (action.do) {
      case 'retain':
        return { ...sight, pv: await setPolicy(cluster, action.pv, 'Retain') }
      case 'delete':
        await cluster.delete(refOf(action.pv), { resourceVersion: action.pv.metadata.resourceVersion })
        return { ...sight, pv: { ...action.pv, metadata: { ...action.pv.metadata, deletionTimestamp: 'now' } } }
      case 'release':
        await takeProtectionOff(cluster, action.pv)
        return { ...sight, pv: undefined }
      case 'create':
        return { ...sight, pv: await cluster.create(action.pv) }
      case 'bind':
        return await bind(run, volume, exchange, sight)
      default:
        return sight
    }
  } catch (error) {
    if (isMetByAnother(error)) return observe(cluster, volume)
    throw error
  }
}

/** What is there is another version than the one that was decided on, or another object, or none. */
function isMetByAnother(error: unknown): boolean {
  // a policy may say Invalid, too
  if (error instanceof ApiError && error.deniedBy) return false
  return error instanceof ConflictError || [404, 409, 422].some((status) => isApiError(error, status))
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
 * Waits until the volume has arrived. Its claim is touched meanwhile: any change to the claim wakes the controller, which
 * otherwise looks again only after 15 s. It has one worker for volumes and one for claims, which get in each other's way
 * when both are at it; so the volume is let be Bound first. A claim that is Bound with our touch on it, that was put there
 * when its volume was Bound, is Bound for good: nothing that the controller saw before can make it Lost any more.
 */
async function bind(
  run: GroupRun,
  volume: PlannedVolume,
  exchange: Exchange,
  { pv, claim }: ObservedVolume,
): Promise<ObservedVolume> {
  const { arrived } = exchange
  const isInPlace = (now: PersistentVolume | undefined) =>
    arrived === 'any' || (now !== undefined && now.metadata.uid === pv?.metadata.uid && isThere(now, arrived))
  const isBound = (now: PersistentVolumeClaim | undefined) =>
    now?.status?.phase === 'Bound' && now.metadata.annotations?.[ANNOTATION.touched] !== undefined
  const futile = new AbortController()
  const { signal } = futile
  const options = {
    timeout: run.settings.bindTimeout,
    what: (say: TroubleWords) => say.swap.toBecome(volume.name, arrived),
    signal,
  }
  const volumeThere = run.mirrors.volumes.until(volumeRef(volume.name), isInPlace, { ...options, now: pv })
  if (arrived !== 'Bound' || !claim) {
    await explained(run, volume, volumeThere)
    if (claim?.metadata.annotations?.[ANNOTATION.touched] !== undefined) await touch(run.cluster, claim, null)
    return observe(run.cluster, volume)
  }
  const lastTold = () => {
    const told = run.mirrors.claims.last(claim.metadata)
    return told && told.metadata.uid === claim.metadata.uid ? told : claim
  }
  const stopTouching = touchUntilStopped(run.cluster, lastTold, volumeThere, (error) => futile.abort(error))
  const claimBound = run.mirrors.claims.until(claim.metadata, isBound, options)
  let untouched: PersistentVolumeClaim | undefined
  try {
    await explained(run, volume, Promise.all([volumeThere, claimBound]))
  } finally {
    untouched = await stopTouching()
  }
  return { pv: await volumeThere, claim: untouched }
}

async function explained(run: GroupRun, volume: PlannedVolume, arrival: Promise<unknown>): Promise<void> {
  try {
    await arrival
  } catch (error) {
    if (error instanceof DeadlineError) throw await whyNotBound(run.cluster, volume, error)
    throw error
  }
}

/**
 * Touches the claim as soon as its volume is there, and again and again; the function that it returns ends that, takes
 * the trace away, and returns the claim as it is then.
 * @param lastTold the claim as it is known at the moment
 */
function touchUntilStopped(
  cluster: Cluster,
  lastTold: () => PersistentVolumeClaim,
  volumeThere: Promise<unknown>,
  onFailure: (error: unknown) => void,
): () => Promise<PersistentVolumeClaim | undefined> {
  const stop = new AbortController()
  const touching = (async () => {
    await Promise.race([volumeThere, pause(TOUCH_AGAIN_MS, stop.signal)])
    while (!stop.signal.aborted) {
      await touch(cluster, lastTold(), new Date().toISOString())
      await pause(TOUCH_AGAIN_MS, stop.signal)
    }
  })()
  touching.catch(onFailure)
  return async () => {
    stop.abort()
    await touching
    return touch(cluster, lastTold(), null)
  }
}

/** Changes nothing but our annotation of that very claim. Returns it as it is then, undefined where it is gone. */
function touch(
  cluster: Cluster,
  claim: PersistentVolumeClaim,
  value: string | null,
): Promise<PersistentVolumeClaim | undefined> {
  const decide = (now: PersistentVolumeClaim | undefined): Change<PersistentVolumeClaim> | undefined => {
    const isTouched = (now?.metadata.annotations?.[ANNOTATION.touched] ?? null) === value
    // what the mirror tells may be from before our last touch: only what was read counts
    if (!now || (isTouched && now !== claim)) return undefined
    return { do: 'patch', body: { metadata: { annotations: { [ANNOTATION.touched]: value } } } }
  }
  return update(cluster, refOf(claim), decide, { known: claim })
}

/** A binding that does not come has its reason in the claim's or the volume's events. */
async function whyNotBound(cluster: Cluster, volume: PlannedVolume, error: DeadlineError): Promise<Failure> {
  const { pv, claim } = await observe(cluster, volume)
  const events = claim ? await lastEvents(cluster, claim) : []
  const there = [pv, claim].filter((object) => object !== undefined)
  return new Failure(
    ...worded(
      (say) => {
        const states = there.map((object) => say.swap.isIn(describeRef(refOf(object)), object.status?.phase))
        return say.swap.notBound(words(error, say).message, states, events, claim?.metadata)
      },
      { cause: error },
    ),
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
