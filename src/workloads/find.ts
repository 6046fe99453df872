import type { QuiesceSettings, WorkloadSelector } from '../domain/migration.ts'
import { type KubeObject, type ObjectRef, refKey, refOf } from '../domain/object.ts'
import { selectsLabels } from '../domain/selector.ts'
import type { Survey } from '../domain/survey.ts'
import { compareText, matchesGlob } from '../domain/text.ts'
import { isRunning, type PodUse, type Workload } from '../domain/workload.ts'
import { comesToAnEnd, isFinished, isPod, kindOf, rankOf } from './kinds.ts'
import { markOf } from './mark.ts'
import { type Claimant, claimantOf, controls, isLeftByOwner, podClaimant } from './owner.ts'
import { mountsAnywhere } from './pod-spec.ts'
import { byNamespace, type ClaimName } from './pods.ts'
import { whyNotRolling } from './rolling.ts'
import { lossOfScale } from './scalable.ts'
import type { Loss, Mount } from './workload-kind.ts'

/**
 * What uses any of the claims: from their pods up through the owners to the topmost one, and what has no pods now but
 * would mount them. In the order in which they are stopped, which their kinds say; equal ones by namespace and name.
 */
export function findWorkloads(survey: Survey, claims: readonly ClaimName[], settings: QuiesceSettings): Workload[] {
  const wanted = byNamespace(claims)
  const tops = new TopLevelOwners(survey)
  for (const pod of survey.pods) {
    if (!isRunning(pod)) continue
    const top = tops.ofPod(pod)
    top.pods.push(pod)
    const ofNamespace = wanted.get(pod.namespace)
    const using = [top, ...tops.schedulesOf(top)]
    for (const claim of pod.claims)
      if (ofNamespace?.has(claim)) for (const each of using) note(each, claim, !pod.readOnlyClaims.includes(claim))
  }
  for (const object of survey.controllers) {
    const ofNamespace = wanted.get(object.metadata.namespace ?? '')
    if (!ofNamespace || isPast(object)) continue
    const mounts = mountsOf(object, ofNamespace)
    if (mounts.length === 0) continue
    const top = tops.ofObject(object)
    if (object !== top.object) top.below.push(object)
    if (mayComeBack(top, tops)) for (const { claim, writes } of mounts) note(top, claim, writes)
  }
  for (const scaler of survey.controllers) {
    const target = kindOf(scaler)?.scales?.(scaler)
    const scaled = target && tops.ofNamed(target)
    // what is not stopped may be scaled as before
    if (!scaled || quiesceOf(scaled, tops, labelsOf(scaled), settings).quiesce !== 'stop') continue
    for (const [claim, writes] of scaled.uses) note(tops.itself(scaler), claim, writes)
  }
  const found = tops.all().filter(({ uses }) => uses.size > 0)
  return found.map((top) => workloadOf(top, tops, settings)).sort(inOrderOfStopping)
}

/** A topmost owner, or a pod without one, and what is known of it. */
interface TopLevelOwner {
  ref: ObjectRef
  /** Absent for what the survey could not read, and for pods. */
  object?: KubeObject
  /** Of a run, what owns it where juicify does not know how to stop that: the run is what there is to wait for. */
  owner?: ObjectRef
  /** What it owns, directly or not, and mounts claims in question. */
  below: KubeObject[]
  /** Its running pods. */
  pods: PodUse[]
  /** Names of claims in question, and whether they are written to. */
  uses: Map<string, boolean>
}

function note({ uses }: TopLevelOwner, claim: string, writes: boolean): void {
  uses.set(claim, writes || (uses.get(claim) ?? false))
}

/** Every topmost owner, found once for each controller however many pods it has. */
class TopLevelOwners {
  readonly #objects: ReadonlyMap<string | undefined, KubeObject>
  readonly #byName: ReadonlyMap<string, KubeObject>
  readonly #scales: ReadonlyMap<string, number>
  readonly #byController = new Map<string, TopLevelOwner>()
  readonly #tops = new Map<string, TopLevelOwner>()

  constructor({ controllers, scales = [] }: Survey) {
    this.#objects = new Map(controllers.map((object) => [object.metadata.uid, object]))
    this.#byName = new Map(controllers.map((object) => [nameKey(refOf(object)), object]))
    this.#scales = new Map(scales.map(({ ref, replicas }) => [refKey(ref), replicas]))
  }

  all(): TopLevelOwner[] {
    return [...this.#tops.values()]
  }

  scaleOf({ ref }: TopLevelOwner): number | undefined {
    return this.#scales.get(refKey(ref))
  }

  /** What has started this run by a clock, where its runs alone tell which claims it uses: it would start the next one. */
  schedulesOf({ object }: TopLevelOwner): TopLevelOwner[] {
    const claimant = object && claimantOf(object)
    const owner =
      claimant?.controller && isLeftByOwner(claimant.controller) && this.#objects.get(claimant.controller.uid)
    if (!owner || !controls(owner, claimant) || kindOf(owner)?.template(owner)) return []
    return [this.ofObject(owner)]
  }

  ofPod(pod: PodUse): TopLevelOwner {
    const { namespace, name, uid } = pod
    return this.#above(podClaimant(pod)) ?? this.#top({ apiVersion: 'v1', kind: 'Pod', namespace, name, uid })
  }

  ofObject(object: KubeObject, below: readonly KubeObject[] = []): TopLevelOwner {
    const key = refKey(refOf(object))
    const known = this.#byController.get(key)
    if (known) return known
    // Owners that own each other exist only by mistake; there any of them is as good as the other.
    const above = below.includes(object) ? undefined : this.#above(claimantOf(object), [...below, object])
    const top = above && !this.#isNearest(object, above) ? above : this.#top(refOf(object))
    if (above && top !== above) top.owner = above.ref
    this.#byController.set(key, top)
    return top
  }

  /** The topmost owner of the object of that name, whichever version of its kind names it. */
  ofNamed(ref: ObjectRef): TopLevelOwner | undefined {
    const object = this.#byName.get(nameKey(ref))
    return object && this.ofObject(object)
  }

  /** An object by itself, whoever owns it. */
  itself(object: KubeObject): TopLevelOwner {
    return this.#top(refOf(object))
  }

  /** The topmost of what controls something; undefined where nothing does, or stopping it would not stop that. */
  #above(claimant: Claimant, below: readonly KubeObject[] = []): TopLevelOwner | undefined {
    const { controller } = claimant
    if (!controller || isLeftByOwner(controller)) return undefined
    const owner = this.#objects.get(controller.uid)
    if (owner) return controls(owner, claimant) ? this.ofObject(owner, below) : undefined
    // a survey has all objects of the kinds that are known; of others it cannot tell whether they are there
    return kindOf(controller) ? undefined : this.#top(controller)
  }

  /** True for a run whose topmost owner nobody here knows how to stop: the nearest one that is known is the run. */
  #isNearest(object: KubeObject, above: TopLevelOwner): boolean {
    return comesToAnEnd(object) && kindOf(above.ref) === undefined && this.scaleOf(above) === undefined
  }

  #top(ref: ObjectRef): TopLevelOwner {
    const key = refKey(ref)
    const named = this.#objects.get(ref.uid)
    const object = named && refKey(refOf(named)) === key ? named : undefined
    const top = this.#tops.get(key) ?? { ref, ...(object ? { object } : {}), below: [], pods: [], uses: new Map() }
    this.#tops.set(key, top)
    return top
  }
}

function isPast(object: KubeObject): boolean {
  return kindOf(object)?.isPast(object) ?? isFinished(object)
}

function mountsOf(object: KubeObject, claims: ReadonlySet<string>): Mount[] {
  return kindOf(object)?.mounts(object, claims) ?? mountsAnywhere(object, claims)
}

/** Of a custom resource that nothing is known of, only its pods say whether it is still at work. */
function mayComeBack(top: TopLevelOwner, tops: TopLevelOwners): boolean {
  if (!top.object || isFinished(top.object)) return top.pods.length > 0
  return (
    kindOf(top.ref) !== undefined || comesToAnEnd(top.ref) || tops.scaleOf(top) !== undefined || top.pods.length > 0
  )
}

function workloadOf(top: TopLevelOwner, tops: TopLevelOwners, settings: QuiesceSettings): Workload {
  const { ref, object, pods, uses } = top
  const claims = [...uses.keys()].sort(compareText)
  const labels = labelsOf(top)
  const replicas = object ? (kindOf(object)?.replicas?.(object) ?? tops.scaleOf(top)) : undefined
  const user =
    userOf(labels) ??
    pods
      .toSorted((a, b) => compareText(a.name, b.name))
      .map((pod) => userOf(pod.labels))
      .find(Boolean)
  const qualified = (claim: string) => `${ref.namespace ?? ''}/${claim}`
  return {
    ref,
    labels,
    claims: claims.map(qualified),
    pods: pods.map(({ name }) => name).sort(compareText),
    stopped: isStopped(top, tops),
    ...(replicas === undefined ? {} : { replicas }),
    ...quiesceOf(top, tops, labels, settings),
    ...(object && kindOf(object)?.retains(object) ? { retains: true } : {}),
    writes: claims.filter((claim) => uses.get(claim)).map(qualified),
    ...(user === undefined ? {} : { user }),
  }
}

function labelsOf({ ref, object, pods }: TopLevelOwner): Record<string, string> {
  return object?.metadata.labels ?? (isPod(ref) ? pods[0]?.labels : undefined) ?? {}
}

/** Of whichever object has that name. */
function nameKey({ uid: _, ...byName }: ObjectRef): string {
  return refKey(byName)
}

function isStopped(top: TopLevelOwner, tops: TopLevelOwners): boolean {
  const { ref, object, pods } = top
  if (!object) return isPod(ref) && pods.some(({ deleting }) => deleting)
  const kind = kindOf(ref)
  return kind ? kind.isStopped(object) : tops.scaleOf(top) === 0 && markOf(object) === undefined
}

function quiesceOf(
  top: TopLevelOwner,
  tops: TopLevelOwners,
  labels: Record<string, string>,
  { unfinished, rolling }: QuiesceSettings,
): Pick<Workload, 'quiesce' | 'reason' | 'loss'> {
  const { ref, object } = top
  const asUsual = quiesceAsUsual(top, tops, unfinished)
  if (!rolling.some((selector) => matches(selector, ref, labels))) return asUsual
  const why = whyNotRolling(ref, object)
  return why === undefined ? { quiesce: 'rolling' } : { reason: why, ...asUsual }
}

function quiesceAsUsual(
  top: TopLevelOwner,
  tops: TopLevelOwners,
  unfinished: QuiesceSettings['unfinished'],
): Pick<Workload, 'quiesce' | 'reason' | 'loss'> {
  const { ref, object, owner } = top
  if (isPod(ref)) return { quiesce: 'stop' }
  if (!object)
    return {
      quiesce: 'refuse',
      reason: `Its pods are owned by ${ref.kind} ${ref.name} (${ref.apiVersion}), which could not be read.`,
    }
  const kind = kindOf(ref)
  const loss = lossesOf(top)[0] ?? (kind === undefined ? lossOfScale(object) : undefined)
  if (loss) return { quiesce: 'refuse', reason: loss.why, loss: loss.data }
  if (owner)
    return {
      quiesce: unfinished,
      reason: `${owner.kind} ${owner.name} (${owner.apiVersion}), which owns it, may start it again if it is suspended.`,
    }
  // what is at rest is left so, whether it could be stopped or not
  if (kind && !kind.canBeStopped(object) && !kind.isStopped(object)) {
    const endless = kind.whyEndless?.(object)
    // nothing is waited for that never ends
    if (endless !== undefined) return { quiesce: unfinished === 'delete' ? unfinished : 'refuse', reason: endless }
    const reason = kind.whyNot?.(object)
    return { quiesce: unfinished, ...(reason === undefined ? {} : { reason }) }
  }
  if (kind || tops.scaleOf(top) !== undefined) return { quiesce: 'stop' }
  // What goes on until someone ends it is never over, and to delete it would be the end of a service, not of a run. Which
  // of the two it is nobody can tell of a kind that is not known.
  const reason = `juicify does not know how to stop and start again what runs its pods, ${ref.kind} (${ref.apiVersion}): it has no scale subresource.`
  return { quiesce: 'refuse', reason }
}

function lossesOf({ below }: TopLevelOwner): Loss[] {
  return below.flatMap((object) => kindOf(object)?.lossWhenScaled(object) ?? [])
}

function matches(
  { namespace, name, labels = {} }: WorkloadSelector,
  ref: ObjectRef,
  own: Record<string, string>,
): boolean {
  return (
    (namespace === undefined || matchesGlob(namespace, ref.namespace ?? '')) &&
    (name === undefined || matchesGlob(name, ref.name)) &&
    selectsLabels({ matchLabels: labels }, own)
  )
}

/** cube-studio's labels that say for whom something runs, the surest first. */
function userOf(labels: Record<string, string>): string | undefined {
  return labels.user || labels.username || labels['run-rtx'] || undefined
}

function inOrderOfStopping(a: Workload, b: Workload): number {
  return (
    rankOf(a.ref) - rankOf(b.ref) ||
    compareText(a.ref.namespace ?? '', b.ref.namespace ?? '') ||
    compareText(a.ref.name, b.ref.name) ||
    compareText(`${a.ref.apiVersion} ${a.ref.kind} ${a.ref.uid}`, `${b.ref.apiVersion} ${b.ref.kind} ${b.ref.uid}`)
  )
}
