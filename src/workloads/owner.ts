import type { Cluster } from '../cluster/cluster.ts'
import { isApiError } from '../cluster/errors.ts'
import type { KubeObject, ObjectRef, OwnerReference } from '../domain/object.ts'
import { kindOf } from './kinds.ts'

/** The owner that controls an object, as its metadata names it; objects are controlled within their own namespace. */
export function controllerOf(object: KubeObject): ObjectRef | undefined {
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true)
  return owner && refOfOwner(owner, object.metadata.namespace)
}

function refOfOwner({ apiVersion, kind, name, uid }: OwnerReference, namespace: string | undefined): ObjectRef {
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name, uid }
}

/** True if an object is a workload of its own: nothing owns it, or stopping its owner does not stop it (a CronJob's Job). */
export function isTop(owner: ObjectRef | undefined): boolean {
  return owner === undefined || kindOf(owner)?.leavesWhatItMade === true
}

/** Finds the topmost owners of objects, asking the cluster for each owner once. */
export class Owners {
  readonly #cluster: Cluster
  readonly #known = new Map<string, Promise<KubeObject | undefined>>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** The topmost owner; undefined where nothing controls the object. It goes up as far as owners can be read. */
  async topOf(object: KubeObject): Promise<ObjectRef | undefined> {
    let top: ObjectRef | undefined
    let at: KubeObject | undefined = object
    for (let height = 0; at && height < 10; height++) {
      const owner = controllerOf(at)
      if (!owner || isTop(owner)) break
      top = owner
      at = await this.#read(owner)
    }
    return top
  }

  #read(ref: ObjectRef): Promise<KubeObject | undefined> {
    const key = ref.uid ?? `${ref.kind} ${ref.namespace}/${ref.name}`
    const known = this.#known.get(key) ?? this.#find(ref)
    this.#known.set(key, known)
    return known
  }

  async #find(ref: ObjectRef): Promise<KubeObject | undefined> {
    try {
      return await this.#cluster.find(ref)
    } catch (error) {
      if (isApiError(error, 403)) return undefined
      throw error
    }
  }
}
