import type { Api } from '../api.ts'
import { type ApiObject, at, fields, items, keyOf } from '../object.ts'
import { labelSelector } from '../selectors.ts'
import type { Change } from '../store.ts'
import {
  type Controller,
  controllerKey,
  isActive,
  isReady,
  orphanKeys,
  ownedBy,
  podOf,
  replicasOf,
  type Surroundings,
  withoutZeros,
} from './controller.ts'

/** Keeps as many pods as a ReplicaSet or a ReplicationController asks for. */
export class Replicas implements Controller {
  readonly name: string
  readonly #surroundings: Surroundings
  readonly #kind: 'ReplicaSet' | 'ReplicationController'
  readonly #resource: string

  constructor(surroundings: Surroundings, kind: 'ReplicaSet' | 'ReplicationController') {
    this.name = kind.toLowerCase()
    this.#surroundings = surroundings
    this.#kind = kind
    this.#resource = kind === 'ReplicaSet' ? 'replicasets.apps' : 'replicationcontrollers'
  }

  concerns(change: Change): string[] {
    if (change.resource === this.#resource) return change.type === 'DELETED' ? [] : [keyOf(change.object)]
    if (change.resource !== 'pods') return []
    return [...controllerKey(change.object, this.#kind), ...orphanKeys(this.#api.store, change, this.#resource)]
  }

  sync(key: string): void {
    const owner = this.#api.store.get(this.#resource, key)
    if (!owner) return
    const pods = ownedBy(this.#api, 'pods', owner, labelSelector(selectorOf(owner))).filter(isActive)
    const difference = replicasOf(owner) - pods.length
    if (owner.metadata.deletionTimestamp === undefined) {
      for (let missing = difference; missing > 0; missing--) this.#create(owner)
      for (const pod of leastWanted(pods).slice(0, Math.max(0, -difference))) this.#delete(owner, pod)
    }
    this.#report(owner)
  }

  get #api(): Api {
    return this.#surroundings.api
  }

  #create(owner: ApiObject) {
    const manifest = podOf(owner, owner.spec?.template, { generateName: `${owner.metadata.name}-` })
    const kind = this.#api.kinds.named('pods')
    const pod = this.#api.create(kind, owner.metadata.namespace, manifest)
    this.#surroundings.events.record(
      owner,
      'Normal',
      'SuccessfulCreate',
      `Created pod: ${pod.metadata.name}`,
      this.name,
    )
  }

  #delete(owner: ApiObject, pod: ApiObject) {
    const { namespace, name, uid } = pod.metadata
    this.#api.delete(this.#api.kindOf(pod), namespace, name, { uid })
    this.#surroundings.events.record(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`, this.name)
  }

  #report(owner: ApiObject) {
    const pods = ownedBy(this.#api, 'pods', owner).filter(isActive)
    const ready = pods.filter(isReady).length
    const labels = Object.entries(fields(at(owner, 'spec', 'template', 'metadata', 'labels')))
    const labeled = pods.filter((pod) => labels.every(([name, value]) => pod.metadata.labels?.[name] === value))
    this.#api.setStatus(owner, {
      replicas: pods.length,
      ...withoutZeros({ fullyLabeledReplicas: labeled.length, readyReplicas: ready, availableReplicas: ready }),
      observedGeneration: owner.metadata.generation,
    })
  }
}

/** The selector as an object's: a ReplicationController has labels alone. */
function selectorOf(owner: ApiObject): unknown {
  return owner.kind === 'ReplicationController' ? { matchLabels: owner.spec?.selector } : owner.spec?.selector
}

/** Those that are to go first: without a node, not running, not ready, young. */
function leastWanted(pods: ApiObject[]): ApiObject[] {
  const rank = (pod: ApiObject) =>
    (pod.spec?.nodeName ? 4 : 0) + (pod.status?.phase === 'Running' ? 2 : 0) + (isReady(pod) ? 1 : 0)
  return pods
    .map((pod, index) => ({ pod, index, rank: rank(pod) }))
    .sort((a, b) => a.rank - b.rank || b.index - a.index)
    .map(({ pod }) => pod)
}

/** The conditions of an object with one of them set; its time changes with its status only. */
export function withCondition(
  object: ApiObject,
  condition: { type: string; status: string; reason: string; message: string },
  time: string,
) {
  const present = items(object.status?.conditions).map(fields)
  const known = present.find(({ type }) => type === condition.type)
  const lastTransitionTime = known?.status === condition.status ? known.lastTransitionTime : time
  const same =
    known &&
    known.status === condition.status &&
    known.reason === condition.reason &&
    known.message === condition.message
  const next = same ? known : { ...condition, lastUpdateTime: time, lastTransitionTime }
  return known ? present.map((found) => (found === known ? next : found)) : [...present, next]
}
