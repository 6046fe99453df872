import type { Cluster } from '../cluster/cluster.ts'
import { isApiError } from '../cluster/errors.ts'
import { groupOf, type KubeObject, type ObjectRef, type OwnerReference, refKey, refOf } from '../domain/object.ts'
import type { PodUse } from '../domain/workload.ts'
import { kindOf } from './kinds.ts'
import type { Owned } from './workload-kind.ts'

/** An object and the owner that it names as its controller. Anybody who may write it may name any: `controls` says who it is. */
export interface Claimant extends Owned {
  /** Undefined where it names none. */
  controller: ObjectRef | undefined
}

/** What an object's metadata says of who owns it. */
export function claimantOf(object: KubeObject): Claimant {
  const { name, labels = {} } = object.metadata
  return { kind: object.kind, name, labels, controller: controllerOf(object) }
}

/** The same of a pod of a survey. */
export function podClaimant({ name, labels, controller }: PodUse): Claimant {
  return { kind: 'Pod', name, labels, controller }
}

/** The owner that an object's metadata names as its controller; whether it is, `controls` says. */
export function controllerOf(object: KubeObject): ObjectRef | undefined {
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true)
  return owner && refOfOwner(owner, object.metadata.namespace)
}

function refOfOwner({ apiVersion, kind, name, uid }: OwnerReference, namespace: string | undefined): ObjectRef {
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name, uid }
}

/**
 * True if `owner` is what the object names as its controller, and would take it for its own, as Kubernetes' garbage
 * collector and controllers judge it: that very object, in the same namespace or in none, which makes objects of that kind
 * and selects these labels. Stopping anything else would not stop this one, and may be a neighbour's.
 */
export function controls(owner: KubeObject, { controller, ...owned }: Claimant): boolean {
  const { uid, name, namespace } = owner.metadata
  return (
    controller?.uid !== undefined &&
    controller.uid === uid &&
    controller.name === name &&
    controller.kind === owner.kind &&
    groupOf(controller.apiVersion) === groupOf(owner.apiVersion) &&
    (namespace === undefined || namespace === controller.namespace) &&
    // what a custom resource makes is known to its operator alone
    (kindOf(owner)?.owns(owner, owned) ?? true)
  )
}

/** True if an object is a workload of its own although it has this owner: stopping that one does not stop it (a CronJob's Job). */
export function isLeftByOwner(owner: Pick<ObjectRef, 'apiVersion' | 'kind'>): boolean {
  return kindOf(owner)?.leavesWhatItMade === true
}

/** Finds the topmost owners of objects, asking the cluster for each owner once. */
export class Owners {
  readonly #cluster: Cluster
  readonly #known = new Map<string, Promise<KubeObject | 'forbidden' | undefined>>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /**
   * The topmost owner; undefined where nothing controls the object, whatever it names. It goes up as far as owners may be
   * read: the last one is taken as it is named.
   */
  async topLevelOwnerOf(object: KubeObject): Promise<ObjectRef | undefined> {
    let top: ObjectRef | undefined
    let claimant = claimantOf(object)
    for (let height = 0; height < 10; height++) {
      const { controller } = claimant
      if (!controller || isLeftByOwner(controller)) break
      const owner = await this.#read(controller)
      if (owner === 'forbidden') return controller
      if (!owner || !controls(owner, claimant)) break
      top = refOf(owner)
      claimant = claimantOf(owner)
    }
    return top
  }

  #read(ref: ObjectRef): Promise<KubeObject | 'forbidden' | undefined> {
    const key = refKey(ref)
    const known = this.#known.get(key) ?? this.#find(ref)
    this.#known.set(key, known)
    return known
  }

  async #find(ref: ObjectRef): Promise<KubeObject | 'forbidden' | undefined> {
    try {
      return await this.#cluster.find(ref)
    } catch (error) {
      if (isApiError(error, 403)) return 'forbidden'
      throw error
    }
  }
}
