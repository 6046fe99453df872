import type { Api } from '../api.ts'
import { type ApiObject, at, items, keyOf } from '../object.ts'
import type { Change, Store } from '../store.ts'
import { type Controller, claimsOf, isFinished, type Surroundings } from './controller.ts'

const PODS_BY_CLAIM = 'pods by claim'
const USED = { status: 'False', reason: 'PodUsingPVC', message: 'A pod is currently referencing this PVC' }
const UNUSED = { status: 'True', reason: 'NoPodsUsingPVC', message: 'No pods are currently referencing this PVC' }
const OF_VOLUMES = 'kubernetes.io/pv-protection'
const OF_CLAIMS = 'kubernetes.io/pvc-protection'

/** Adds the index of the pods that name a claim. */
export function addClaimIndex(store: Store): void {
  store.addIndex(PODS_BY_CLAIM, 'pods', (pod) =>
    [...new Set(claimsOf(pod))].map((name) => `${pod.metadata.namespace ?? ''}/${name}`),
  )
}

/** The pods that name a claim, given as `namespace/name`. */
export function podsOfClaim(store: Store, claim: string): ApiObject[] {
  return store.indexed(PODS_BY_CLAIM, claim)
}

/** Holds volumes while they are bound, and claims while a pod that was ever scheduled names them. */
export class Protection implements Controller {
  readonly name = 'protection'
  readonly #api: Api

  constructor({ api }: Surroundings) {
    this.#api = api
  }

  concerns({ type, resource, object }: Change): string[] {
    if (resource === 'pods')
      return type === 'DELETED' || this.#api.rules.claimsTellUse
        ? claimsOf(object).map((name) => `persistentvolumeclaims ${object.metadata.namespace ?? ''}/${name}`)
        : []
    const held = resource === 'persistentvolumes' || resource === 'persistentvolumeclaims'
    return held && type !== 'DELETED' ? [`${resource} ${keyOf(object)}`] : []
  }

  sync(key: string): void {
    const [resource = '', name = ''] = key.split(' ')
    const object = this.#api.store.get(resource, name)
    if (!object) return
    if (this.#api.rules.claimsTellUse && resource === 'persistentvolumeclaims') this.#tellUse(object)
    const finalizer = resource === 'persistentvolumes' ? OF_VOLUMES : OF_CLAIMS
    const present = object.metadata.finalizers ?? []
    if (object.metadata.deletionTimestamp === undefined) {
      if (!present.includes(finalizer)) this.#setFinalizers(object, [...present, finalizer])
    } else if (present.includes(finalizer) && !this.#isUsed(resource, object))
      this.#setFinalizers(
        object,
        present.filter((other) => other !== finalizer),
      )
  }

  #isUsed(resource: string, object: ApiObject): boolean {
    if (resource === 'persistentvolumes') return object.status?.phase === 'Bound'
    return podsOfClaim(this.#api.store, keyOf(object)).some((pod) => Boolean(pod.spec?.nodeName))
  }

  /** Says of a claim that is bound whether a pod uses it that has not ended. */
  #tellUse(claim: ApiObject) {
    if (claim.metadata.deletionTimestamp !== undefined || claim.status?.phase !== 'Bound') return
    const used = podsOfClaim(this.#api.store, keyOf(claim)).some((pod) => !isFinished(pod))
    const conditions = items(claim.status.conditions)
    const known = conditions.find((condition) => at(condition, 'type') === 'Unused')
    if (known !== undefined && at(known, 'status') === (used ? 'False' : 'True')) return
    const condition = {
      type: 'Unused',
      ...(used ? USED : UNUSED),
      lastProbeTime: null,
      lastTransitionTime: this.#api.clock.time(),
    }
    const others = conditions.filter((other) => other !== known)
    this.#api.setStatus(claim, { ...claim.status, conditions: [...others, condition] })
  }

  #setFinalizers(object: ApiObject, finalizers: string[]) {
    const { namespace, name } = object.metadata
    this.#api.update(this.#api.kindOf(object), namespace, name, (before) => ({
      ...before,
      metadata: { ...before.metadata, finalizers },
    }))
  }
}
