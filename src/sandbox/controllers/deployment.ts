import type { Api } from '../api.ts'
import { suffixOf } from '../identity.ts'
import { type ApiObject, at, controlledBy, copyOf, type Fields, fields, isEqual, keyOf } from '../object.ts'
import { labelSelector } from '../selectors.ts'
import type { Change } from '../store.ts'
import {
  type Controller,
  controllerKey,
  orphanKeys,
  ownedBy,
  replicasOf,
  type Surroundings,
  shareOf,
  withoutZeros,
} from './controller.ts'
import { withCondition } from './replicas.ts'

const SETS = 'replicasets.apps'
const HASH = 'pod-template-hash'
const REVISION = 'deployment.kubernetes.io/revision'

const available = (set: ApiObject): number => Number(set.status?.availableReplicas ?? 0)
const sum = (sets: ApiObject[], of: (set: ApiObject) => number): number =>
  sets.reduce((total, set) => total + of(set), 0)

/** Brings a Deployment's pods to its template, as its strategy allows. */
export class Deployments implements Controller {
  readonly name = 'deployment'
  readonly #surroundings: Surroundings

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  concerns(change: Change): string[] {
    const { type, resource, object } = change
    if (resource === 'deployments.apps') return type === 'DELETED' ? [] : [keyOf(object)]
    if (resource === SETS)
      return [...controllerKey(object, 'Deployment'), ...orphanKeys(this.#api.store, change, 'deployments.apps')]
    // With Recreate the next set waits for the last pod of the one before.
    if (resource !== 'pods' || type !== 'DELETED') return []
    const [key] = controllerKey(object, 'ReplicaSet')
    const set = key === undefined ? undefined : this.#api.store.get(SETS, key)
    return set ? controllerKey(set, 'Deployment') : []
  }

  sync(key: string): void {
    const deployment = this.#api.store.get('deployments.apps', key)
    if (!deployment) return
    if (deployment.metadata.deletionTimestamp === undefined) this.#roll(deployment)
    this.#report(deployment)
  }

  get #api(): Api {
    return this.#surroundings.api
  }

  #sets(deployment: ApiObject): { current: ApiObject | undefined; old: ApiObject[] } {
    const sets = ownedBy(this.#api, SETS, deployment, labelSelector(deployment.spec?.selector))
    const current = sets.find((set) => isEqual(templateOf(set), templateOf(deployment)))
    return { current, old: sets.filter((set) => set !== current) }
  }

  #roll(deployment: ApiObject) {
    const wanted = replicasOf(deployment)
    const { current, old } = this.#sets(deployment)
    if (wanted === 0 || deployment.spec?.paused === true) return this.#resize(deployment, current, old)
    const recreate = at(deployment, 'spec', 'strategy', 'type') === 'Recreate'
    if (recreate && !current && this.#hasPods(old)) {
      for (const set of old) this.#scale(set, 0)
      return
    }
    const fresh = current ?? this.#create(deployment, old)
    this.#mark(deployment, fresh, old)
    if (recreate) {
      for (const set of old) this.#scale(set, 0)
      if (!this.#hasPods(old)) this.#scale(fresh, wanted)
      return
    }
    this.#grow(deployment, fresh, old)
    this.#shrink(deployment, keyOf(fresh))
    this.#forget(deployment)
  }

  /** Without a rollout: all sets go to 0, or the one that has replicas to what is wanted. */
  #resize(deployment: ApiObject, current: ApiObject | undefined, old: ApiObject[]) {
    const wanted = replicasOf(deployment)
    if (wanted === 0) {
      const fresh = current ?? (deployment.spec?.paused === true ? undefined : this.#create(deployment, old))
      if (fresh) this.#mark(deployment, fresh, old)
      for (const set of [...(fresh ? [fresh] : []), ...old]) this.#scale(set, 0)
      return
    }
    const active = [...(current ? [current] : []), ...old].filter((set) => replicasOf(set) > 0)
    const only = active.length === 1 ? active[0] : active.length === 0 ? (current ?? old.at(-1)) : undefined
    if (only) this.#scale(only, wanted)
  }

  #hasPods(sets: ApiObject[]): boolean {
    return sets.some((set) => ownedBy(this.#api, 'pods', set).length > 0)
  }

  #grow(deployment: ApiObject, fresh: ApiObject, old: ApiObject[]) {
    const wanted = replicasOf(deployment)
    if (replicasOf(fresh) > wanted) return this.#scale(fresh, wanted)
    const { surge } = allowance(deployment)
    const room = wanted + surge - sum([fresh, ...old], replicasOf)
    this.#scale(fresh, replicasOf(fresh) + Math.max(0, Math.min(room, wanted - replicasOf(fresh))))
  }

  /** Takes old replicas away: those that are not available first, others as far as enough stay available. */
  #shrink(deployment: ApiObject, freshKey: string) {
    const fresh = this.#api.store.get(SETS, freshKey)
    const old = this.#sets(deployment).old.filter((set) => replicasOf(set) > 0)
    if (!fresh || old.length === 0) return
    const minimum = replicasOf(deployment) - allowance(deployment).unavailable
    let room = sum([fresh, ...old], replicasOf) - minimum - (replicasOf(fresh) - available(fresh))
    const sizes = new Map(old.map((set) => [set, replicasOf(set)]))
    for (const set of old) {
      const unhealthy = Math.min(Math.max(0, room), replicasOf(set) - available(set))
      sizes.set(set, replicasOf(set) - unhealthy)
      room -= unhealthy
    }
    let spare = sum([fresh, ...old], available) - minimum
    for (const set of old) {
      const size = sizes.get(set) ?? 0
      const healthy = Math.min(Math.max(0, spare), Math.max(0, room), size)
      this.#scale(set, size - healthy)
      spare -= healthy
      room -= healthy
    }
  }

  #scale(set: ApiObject, replicas: number) {
    const { namespace, name } = set.metadata
    if (replicasOf(set) === replicas) return
    this.#api.update(this.#api.kindOf(set), namespace, name, (before) => ({
      ...before,
      spec: { ...before.spec, replicas },
    }))
  }

  #create(deployment: ApiObject, old: ApiObject[]): ApiObject {
    const template = templateOf(deployment)
    const hash = suffixOf(10, JSON.stringify(sorted(template)))
    const labels = { ...fields(at(template, 'metadata', 'labels')), [HASH]: hash }
    const selector = fields(deployment.spec?.selector)
    const room = replicasOf(deployment) + allowance(deployment).surge - sum(old, replicasOf)
    const recreate = at(deployment, 'spec', 'strategy', 'type') === 'Recreate'
    return this.#api.create(this.#api.kinds.named(SETS), deployment.metadata.namespace, {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${deployment.metadata.name}-${hash}`,
        namespace: deployment.metadata.namespace,
        labels,
        ownerReferences: [controlledBy(deployment)],
      },
      spec: {
        replicas: recreate ? replicasOf(deployment) : Math.max(0, Math.min(room, replicasOf(deployment))),
        selector: { ...selector, matchLabels: { ...fields(selector.matchLabels), [HASH]: hash } },
        template: { ...copyOf(template), metadata: { ...fields(template.metadata), labels } },
      },
    })
  }

  /** Numbers the newest set, and the Deployment with it. */
  #mark(deployment: ApiObject, fresh: ApiObject, old: ApiObject[]) {
    const revision = (object: ApiObject) => Number(object.metadata.annotations?.[REVISION] ?? 0)
    const number = Math.max(revision(fresh), 1 + Math.max(0, ...old.map(revision)))
    for (const object of [fresh, deployment]) {
      if (revision(object) === number) continue
      const { namespace, name } = object.metadata
      this.#api.update(this.#api.kindOf(object), namespace, name, (before) => ({
        ...before,
        metadata: { ...before.metadata, annotations: { ...before.metadata.annotations, [REVISION]: String(number) } },
      }))
    }
  }

  /** Deletes old sets beyond the history that is wanted. */
  #forget(deployment: ApiObject) {
    const empty = this.#sets(deployment).old.filter(
      (set) => replicasOf(set) === 0 && Number(set.status?.replicas ?? 0) === 0,
    )
    const excess = empty.length - Number(deployment.spec?.revisionHistoryLimit ?? 10)
    for (const { metadata } of empty.slice(0, Math.max(0, excess)))
      this.#api.delete(this.#api.kinds.named(SETS), metadata.namespace, metadata.name, { uid: metadata.uid })
  }

  #report(deployment: ApiObject) {
    const { current, old } = this.#sets(deployment)
    const sets = [...(current ? [current] : []), ...old]
    const count = (field: string) => sum(sets, (set) => Number(set.status?.[field] ?? 0))
    const wanted = replicasOf(deployment)
    const ready = count('availableReplicas')
    const enough = ready >= wanted - allowance(deployment).unavailable
    const updated = Number(current?.status?.replicas ?? 0)
    const complete = updated === wanted && count('replicas') === wanted && ready >= wanted
    const time = this.#api.clock.time()
    const conditions = withCondition(deployment, enough ? ENOUGH : TOO_FEW, time)
    const name = current?.metadata.name ?? ''
    const progress = complete
      ? { reason: 'NewReplicaSetAvailable', message: `ReplicaSet "${name}" has successfully progressed.` }
      : { reason: 'ReplicaSetUpdated', message: `ReplicaSet "${name}" is progressing.` }
    this.#api.setStatus(deployment, {
      ...withoutZeros({
        replicas: count('replicas'),
        updatedReplicas: updated,
        readyReplicas: count('readyReplicas'),
        availableReplicas: ready,
        unavailableReplicas: Math.max(0, sum(sets, replicasOf) - ready),
      }),
      observedGeneration: deployment.metadata.generation,
      conditions: withCondition(
        { ...deployment, status: { conditions } },
        { type: 'Progressing', status: 'True', ...progress },
        time,
      ),
    })
  }
}

const ENOUGH = {
  type: 'Available',
  status: 'True',
  reason: 'MinimumReplicasAvailable',
  message: 'Deployment has minimum availability.',
}
const TOO_FEW = {
  type: 'Available',
  status: 'False',
  reason: 'MinimumReplicasUnavailable',
  message: 'Deployment does not have minimum availability.',
}

/** How many replicas more and fewer than wanted there may be. */
function allowance(deployment: ApiObject): { surge: number; unavailable: number } {
  const wanted = replicasOf(deployment)
  const rolling = fields(at(deployment, 'spec', 'strategy', 'rollingUpdate'))
  if (at(deployment, 'spec', 'strategy', 'type') === 'Recreate') return { surge: 0, unavailable: 0 }
  const surge = shareOf(rolling.maxSurge, wanted, Math.ceil)
  const unavailable = Math.min(wanted, shareOf(rolling.maxUnavailable, wanted, Math.floor))
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

/** The pods' template without the hash that tells sets apart. */
function templateOf(object: ApiObject): Fields {
  const template = fields(object.spec?.template)
  const { [HASH]: _, ...labels } = fields(at(template, 'metadata', 'labels'))
  const { creationTimestamp: __, ...metadata } = fields(template.metadata)
  return { ...template, metadata: { ...metadata, labels } }
}

/** The value with all fields in order, so that equal ones are written the same. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  )
}
