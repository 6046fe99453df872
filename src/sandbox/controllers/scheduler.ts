import type { Api } from '../api.ts'
import { type ApiObject, at, fields, items, keyOf } from '../object.ts'
import { nodeSelectorTakes } from '../selectors.ts'
import type { Change, Store } from '../store.ts'
import { type Controller, claimsOf, isActive, isReady, type Surroundings } from './controller.ts'
import { podsOfClaim } from './protection.ts'

const BY_NODE = 'pods by node'

/** Adds the index of pods by their node; those without one under the empty name. */
export function addNodeIndex(store: Store): void {
  store.addIndex(BY_NODE, 'pods', (pod) => [String(pod.spec?.nodeName ?? '')])
}

/** The pods of a node; with the empty name, those that wait for one. */
export function podsOfNode(store: Store, node: string): ApiObject[] {
  return store.indexed(BY_NODE, node)
}

/** Keys of the pods that a change of a claim, a volume or a claim's phase concerns. */
export function podsConcerned(store: Store, { resource, object }: Change): ApiObject[] {
  if (resource === 'persistentvolumeclaims') return podsOfClaim(store, keyOf(object))
  const claim = at(object, 'spec', 'claimRef')
  if (resource !== 'persistentvolumes' || claim === undefined) return []
  return podsOfClaim(store, `${String(at(claim, 'namespace'))}/${String(at(claim, 'name'))}`)
}

/** Gives every pod a node: ready, willing, reachable for its volumes, and with the fewest pods so far. */
export class Scheduler implements Controller {
  readonly name = 'scheduler'
  readonly #surroundings: Surroundings

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  concerns(change: Change): string[] {
    const { store } = this.#api
    if (change.resource === 'pods') return change.type === 'DELETED' ? [] : [keyOf(change.object)]
    const pods = change.resource === 'nodes' ? podsOfNode(store, '') : podsConcerned(store, change)
    return pods.map(keyOf)
  }

  sync(key: string): void {
    const pod = this.#api.store.get('pods', key)
    if (!pod || pod.spec?.nodeName || !isActive(pod)) return
    const nodes = this.#api.store.list('nodes')
    const obstacle = this.#obstacle(pod)
    const fitting = obstacle === undefined ? nodes.filter((node) => this.#fits(pod, node)) : []
    const load = (node: ApiObject) => this.#api.store.count(BY_NODE, node.metadata.name)
    const best = fitting.reduce<ApiObject | undefined>((a, b) => (a && load(a) <= load(b) ? a : b), undefined)
    if (best) this.#assign(pod, best)
    else
      this.#refuse(
        pod,
        `0/${nodes.length} nodes are available: ${obstacle ?? `${nodes.length} node(s) didn't match Pod's node affinity, taints or volumes.`}`,
      )
  }

  get #api(): Api {
    return this.#surroundings.api
  }

  /** What keeps the pod off every node. */
  #obstacle(pod: ApiObject): string | undefined {
    for (const name of claimsOf(pod)) {
      const claim = this.#api.store.get('persistentvolumeclaims', `${pod.metadata.namespace ?? ''}/${name}`)
      if (!claim) return `persistentvolumeclaim "${name}" not found.`
      if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted.`
      if (claim.metadata.annotations?.['pv.kubernetes.io/bind-completed'] === undefined)
        return 'pod has unbound immediate PersistentVolumeClaims.'
      const volume = String(claim.spec?.volumeName)
      if (!this.#api.store.get('persistentvolumes', volume)) return `persistentvolume "${volume}" not found.`
    }
    return undefined
  }

  #fits(pod: ApiObject, node: ApiObject): boolean {
    return isReady(node) && canRunOn(pod.spec, node) && claimsOf(pod).every((name) => this.#reaches(pod, name, node))
  }

  #reaches(pod: ApiObject, claim: string, node: ApiObject): boolean {
    const { store } = this.#api
    const volume = at(
      store.get('persistentvolumeclaims', `${pod.metadata.namespace ?? ''}/${claim}`),
      'spec',
      'volumeName',
    )
    const required = at(store.get('persistentvolumes', String(volume)), 'spec', 'nodeAffinity', 'required')
    return required === undefined || nodeSelectorTakes(required, node)
  }

  #assign(pod: ApiObject, node: ApiObject) {
    const scheduled = {
      type: 'PodScheduled',
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: this.#api.clock.time(),
    }
    this.#api.store.put('pods', {
      ...pod,
      spec: { ...pod.spec, nodeName: node.metadata.name },
      status: { ...pod.status, conditions: [scheduled] },
    })
    const where = `Successfully assigned ${keyOf(pod)} to ${node.metadata.name}`
    this.#surroundings.events.record(pod, 'Normal', 'Scheduled', where, 'default-scheduler')
  }

  #refuse(pod: ApiObject, message: string) {
    const known = items(pod.status?.conditions).find((condition) => at(condition, 'type') === 'PodScheduled')
    if (at(known, 'message') === message) return
    const lastTransitionTime = this.#api.clock.time()
    this.#api.setStatus(pod, {
      ...pod.status,
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message,
          lastProbeTime: null,
          lastTransitionTime,
        },
      ],
    })
    this.#surroundings.events.record(pod, 'Warning', 'FailedScheduling', message, 'default-scheduler')
  }
}

/** True where a pod's own spec lets it run on the node: selector, affinity, tolerations. */
export function canRunOn(spec: unknown, node: ApiObject): boolean {
  const labels = node.metadata.labels ?? {}
  const selected = Object.entries(fields(at(spec, 'nodeSelector'))).every(([key, value]) => labels[key] === value)
  const affinity = at(spec, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution')
  return selected && (affinity === undefined || nodeSelectorTakes(affinity, node)) && tolerates(spec, node)
}

function tolerates(spec: unknown, node: ApiObject): boolean {
  const tolerations = items(at(spec, 'tolerations')).map(fields)
  const taints = items(at(node, 'spec', 'taints')).map(fields)
  if (at(node, 'spec', 'unschedulable') === true)
    taints.push({ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' })
  return taints.every(
    (taint) =>
      taint.effect === 'PreferNoSchedule' ||
      tolerations.some(
        ({ key, operator, value, effect }) =>
          (!effect || effect === taint.effect) &&
          (operator === 'Exists'
            ? !key || key === taint.key
            : key === taint.key && (value ?? '') === (taint.value ?? '')),
      ),
  )
}
