import type { Cluster } from '../cluster/cluster.ts'
import { DeadlineError } from '../cluster/errors.ts'
import { Failure } from '../domain/failure.ts'
import { describeRef, type ObjectRef, refOf, sameObject } from '../domain/object.ts'
import { type Wording, worded } from '../words/trouble.ts'
import { explain, type NodeState, nodeStates, remediesFor, situationOf } from './blocking-pods.ts'
import { Owners } from './owner.ts'
import type { Pod } from './pod.ts'
import { mountsOfPodSpec } from './pod-spec.ts'
import { type Awaited, isFinished, listPods, uidOf, waitUntilNone } from './wait-for-pods.ts'
import type { Patience } from './workload-kind.ts'

/** How long the server may take to remove a pod that was deleted without waiting for its node. */
const FORCED = 30_000

export interface ClaimName {
  namespace: string
  name: string
}

/** A pod that uses one of the claims in question, and is not finished or has a name that is needed again. */
export interface UsingPod {
  ref: ObjectRef
  /** Those of the claims in question that it uses. */
  claims: string[]
  node?: string
  /** Since when it is being deleted; absent where nobody has deleted it. */
  deletedAt?: string
  /** What holds it back although it is being deleted. */
  finalizers: string[]
  /** It is finished, and not gone yet. */
  finished: boolean
  /** The topmost owner; absent where it has none. */
  owner?: ObjectRef
  /** The client that made it, as it called itself; told of pods without an owner. */
  madeBy?: string
  /** It was not there when the waiting began. */
  appeared: boolean
}

/**
 * - `old`: the claim has the volume that is to go
 * - `away`: it has none; a pod that is on no node yet cannot start, and does not count
 * - `new`: it has the one that it is to have; who uses it does not count
 */
export type PlaceOf = (claim: ClaimName) => Promise<'old' | 'away' | 'new'>

export interface UnusedOptions extends Patience {
  /** Told at first, and whenever a pod has come, gone, been deleted, or finished: what is waited for, in a sentence, and as it is. */
  onWaiting?: (wording: Wording, pods: UsingPod[]) => void
  /** Workloads whose pods do not count: those that are restarted pod by pod after the swap. */
  except?: readonly ObjectRef[]
  /**
   * Workloads that are started again later. Of theirs, a finished pod that is being deleted counts until it is gone where the
   * next one is to have its name: held by a finalizer, it would keep that one from starting.
   */
  comingBack?: readonly ObjectRef[]
  /** When the time is over, delete those that are being deleted already without waiting for their nodes. */
  forceDelete?: boolean
  /** Asked where there are pods: how it is with their claims' volumes. */
  placeOf?: PlaceOf
}

/**
 * The pods that use any of the claims now: neither finished nor gone, whether scheduled yet or not, and not of one of the
 * workloads in `except`.
 */
export async function runningPods(
  cluster: Cluster,
  claims: readonly ClaimName[],
  except: readonly ObjectRef[] = [],
): Promise<UsingPod[]> {
  const users = new Users(cluster, claims, { except })
  const lists = await Promise.all(users.namespaces.map((namespace) => listPods(cluster, namespace, users.isOne)))
  return users.describe(await users.thatCount(lists.flatMap(({ pods }) => pods)))
}

/**
 * Throws Failure where a pod that uses any of the claims is on a node that is not ready: nobody would confirm that it has
 * ended, and whatever else is stopped would wait for that node to come back. One that is gone has its pods removed.
 */
export async function mustBeReachable(
  cluster: Cluster,
  claims: readonly ClaimName[],
  except: readonly ObjectRef[],
): Promise<void> {
  const pods = await runningPods(cluster, claims, except)
  const nodes = await nodeStates(cluster, pods)
  const unreachable = pods.filter(({ node }) => node !== undefined && nodes.get(node) === 'not ready')
  const [first] = unreachable
  if (!first) return
  throw new Failure(...worded((say) => say.workload.nodesAway(listed(unreachable, nodes)(say), first.node)))
}

/**
 * Waits, by watch, until no running pod uses any of the claims; finished pods are left alone. Throws DeadlineError that
 * names the pods, what holds each of them, whose it is, and what to do.
 */
export async function waitUntilUnused(
  cluster: Cluster,
  claims: readonly ClaimName[],
  options: UnusedOptions,
): Promise<void> {
  const users = new Users(cluster, claims, options)
  let told = ''
  const onWaiting = async (pods: Pod[]) => {
    const using = await users.describe(pods)
    const situation = situationOf(using)
    const wording: Wording = (say) => say.workload.waiting(listed(using, new Map())(say))
    if (situation !== told) options.onWaiting?.(wording, using)
    told = situation
  }
  const wait = (timeout: number) => waitUntilNone(cluster, users, { ...options, timeout, onWaiting })
  let left = await wait(options.timeout)
  const forced = options.forceDelete ? left.filter(canBeForced) : []
  if (forced.length > 0) {
    for (const pod of forced) await cluster.delete(refOf(pod), { gracePeriodSeconds: 0 })
    left = await wait(FORCED)
  }
  if (left.length === 0) return
  const pods = await users.describe(left)
  throw deadline(pods, await nodeStates(cluster, pods), options)
}

/** Knows who uses the claims, and which pods were there from the beginning. */
export class Users implements Awaited {
  readonly namespaces: string[]
  readonly #except: readonly ObjectRef[]
  readonly #comingBack: readonly ObjectRef[]
  readonly #claims: ReadonlyMap<string, ReadonlySet<string>>
  readonly #owners: Owners
  readonly #placeOf: PlaceOf | undefined
  #first: ReadonlySet<string> | undefined

  constructor(
    cluster: Cluster,
    claims: readonly ClaimName[],
    { except = [], comingBack = [], placeOf }: Pick<UnusedOptions, 'except' | 'comingBack' | 'placeOf'> = {},
  ) {
    this.#except = except
    this.#comingBack = comingBack
    this.#placeOf = placeOf
    this.#claims = byNamespace(claims)
    this.namespaces = [...this.#claims.keys()]
    this.#owners = new Owners(cluster)
  }

  readonly isOne = (pod: Pod): boolean =>
    (!isFinished(pod) || (this.#comingBack.length > 0 && isBeingDeleted(pod))) && this.uses(pod)

  /** In any state. */
  readonly uses = (pod: Pod): boolean => this.#claimsOf(pod).length > 0

  readonly thatCount = async (pods: Pod[]): Promise<Pod[]> => {
    const count = await Promise.all(
      pods.map(async (pod) => (await this.#isInTheWay(pod)) && !(await this.#isExcepted(pod))),
    )
    return pods.filter((_, index) => count[index])
  }

  async #isInTheWay(pod: Pod): Promise<boolean> {
    if (isFinished(pod) && this.#comingBack.length > 0) return this.#isNameNeeded(pod)
    const placeOf = this.#placeOf
    if (!placeOf) return true
    const { namespace = '' } = pod.metadata
    const places = await Promise.all(this.#claimsOf(pod).map((name) => placeOf({ namespace, name })))
    if (pod.spec.nodeName === undefined && places.includes('away')) return false
    return places.some((place) => place !== 'new')
  }

  /** Once its workload is started again, another pod is to have this one's name. */
  async #isNameNeeded(pod: Pod): Promise<boolean> {
    const top = await this.#owners.topLevelOwnerOf(pod)
    if (top && isNameGenerated(pod)) return false
    return this.#comingBack.some((ref) => sameObject(ref, top ?? refOf(pod)))
  }

  async #isExcepted(pod: Pod): Promise<boolean> {
    if (this.#except.length === 0) return false
    const top = await this.#owners.topLevelOwnerOf(pod)
    return this.#except.some((ref) => top && sameObject(top, ref))
  }

  async describe(pods: Pod[]): Promise<UsingPod[]> {
    this.#first ??= new Set(pods.map(uidOf))
    const using = await Promise.all(pods.map((pod) => this.#describeOne(pod)))
    return using.sort((a, b) => (describeRef(a.ref) < describeRef(b.ref) ? -1 : 1))
  }

  async #describeOne(pod: Pod): Promise<UsingPod> {
    const { metadata, spec } = pod
    const owner = await this.#owners.topLevelOwnerOf(pod)
    const madeBy = (metadata.managedFields as { manager?: string }[] | undefined)?.[0]?.manager
    return {
      ref: refOf(pod),
      claims: this.#claimsOf(pod),
      ...(spec.nodeName === undefined ? {} : { node: spec.nodeName }),
      ...(metadata.deletionTimestamp === undefined ? {} : { deletedAt: metadata.deletionTimestamp }),
      finalizers: metadata.finalizers ?? [],
      finished: isFinished(pod),
      ...(owner ? { owner } : madeBy === undefined ? {} : { madeBy }),
      appeared: !this.#first?.has(uidOf(pod)),
    }
  }

  #claimsOf({ metadata, spec }: Pod): string[] {
    const wanted = this.#claims.get(metadata.namespace ?? '')
    return mountsOfPodSpec(spec, metadata.name).flatMap(({ claim }) => (wanted?.has(claim) ? [claim] : []))
  }
}

/** The names of the claims of each namespace. */
export function byNamespace(claims: readonly ClaimName[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const { namespace, name } of claims) found.set(namespace, (found.get(namespace) ?? new Set()).add(name))
  return found
}

function isBeingDeleted({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined
}

/** True if the server made its name up: its controller gives the next one another. Those of a StatefulSet end in a number. */
function isNameGenerated({ metadata: { name, generateName } }: Pod): boolean {
  return (
    typeof generateName === 'string' &&
    name.startsWith(generateName) &&
    /^[bcdfghjklmnpqrstvwxz2456789]{5}$/.test(name.slice(generateName.length))
  )
}

/** Deleting without grace takes away what waits for a node; what waits for a finalizer it does not. */
function canBeForced(pod: Pod): boolean {
  return isBeingDeleted(pod) && !pod.metadata.finalizers?.length
}

function deadline(pods: UsingPod[], nodes: ReadonlyMap<string, NodeState>, { timeout }: UnusedOptions): DeadlineError {
  const all = new Set(pods.flatMap(({ ref, claims }) => claims.map((claim) => `${ref.namespace}/${claim}`)))
  const seconds = Math.round(timeout / 1000)
  return new DeadlineError(
    ...worded((say) =>
      say.workload.timedOut(seconds, [...all], listed(pods, nodes)(say), remediesFor(pods, nodes, say)),
    ),
  )
}

function listed(pods: UsingPod[], nodes: ReadonlyMap<string, NodeState>): Wording {
  return (say) => say.workload.pods(pods.map((pod) => explain(pod, nodes, say)))
}
