import type { Api } from '../api.ts'
import { suffixOf } from '../identity.ts'
import { type ApiObject, at, type Fields, fields, items, keyOf } from '../object.ts'
import type { Change } from '../store.ts'
import { type Controller, claimsOf, isFinished, isReady, type Surroundings } from './controller.ts'
import { podsConcerned, podsOfNode } from './scheduler.ts'

/**
 * Stands in for the nodes: a pod on a ready node runs as soon as its volumes can be mounted, and is gone as soon as it
 * is deleted, without waiting for its grace period. Nothing is really run: no image is looked at, nothing ends by
 * itself, and what writes a status has the last word.
 */
export class Kubelet implements Controller {
  readonly name = 'kubelet'
  readonly #surroundings: Surroundings

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  concerns(change: Change): string[] {
    const { type, resource, object } = change
    if (resource === 'nodes')
      return type === 'DELETED'
        ? []
        : [
            `node ${keyOf(object)}`,
            ...podsOfNode(this.#api.store, object.metadata.name).map((pod) => `pod ${keyOf(pod)}`),
          ]
    if (resource === 'pods') return type === 'DELETED' ? [] : [`pod ${keyOf(object)}`]
    return podsConcerned(this.#api.store, change).map((pod) => `pod ${keyOf(pod)}`)
  }

  sync(key: string): void {
    const [what, name = ''] = key.split(' ')
    const object = this.#api.store.get(what === 'node' ? 'nodes' : 'pods', name)
    if (!object) return
    if (what === 'node') this.#register(object)
    else this.#syncPod(object)
  }

  get #api(): Api {
    return this.#surroundings.api
  }

  /** A node that does not say how it is, is well. */
  #register(node: ApiObject) {
    const conditions = items(node.status?.conditions)
    if (conditions.some((condition) => at(condition, 'type') === 'Ready')) return
    const time = this.#api.clock.time()
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'KubeletReady',
      message: 'kubelet is posting ready status',
      lastHeartbeatTime: time,
      lastTransitionTime: time,
    }
    this.#api.setStatus(node, {
      capacity: { cpu: '16', memory: '64Gi', pods: '110' },
      allocatable: { cpu: '16', memory: '64Gi', pods: '110' },
      addresses: [{ type: 'Hostname', address: node.metadata.name }],
      nodeInfo: {
        kubeletVersion: this.#api.rules.release.gitVersion.replace(/\+.*/, ''),
        osImage: 'sandbox',
        kernelVersion: '',
        containerRuntimeVersion: 'sandbox://1',
      },
      ...node.status,
      conditions: [...conditions, ready],
    })
  }

  #syncPod(pod: ApiObject) {
    const node = this.#api.store.get('nodes', String(pod.spec?.nodeName ?? ''))
    if (!node || !isReady(node)) return
    if (pod.metadata.deletionTimestamp !== undefined) return this.#end(pod)
    if (isFinished(pod) || pod.status?.phase === 'Running') return
    const obstacle = this.#obstacle(pod, node)
    if (obstacle === undefined) this.#run(pod)
    else if (at(items(pod.status?.containerStatuses)[0], 'state', 'waiting') === undefined) this.#wait(pod, obstacle)
  }

  /** Why the pod's volumes cannot be mounted. */
  #obstacle(pod: ApiObject, node: ApiObject): string | undefined {
    for (const name of claimsOf(pod)) {
      const claim = this.#api.store.get('persistentvolumeclaims', `${pod.metadata.namespace ?? ''}/${name}`)
      if (claim?.status?.phase !== 'Bound') return `PVC ${pod.metadata.namespace ?? ''}/${name} is not bound`
      const volume = this.#api.store.get('persistentvolumes', String(claim.spec?.volumeName))
      if (at(volume, 'spec', 'claimRef', 'uid') !== claim.metadata.uid)
        return `volume of PVC ${name} is not bound to it`
      const driver = at(volume, 'spec', 'csi', 'driver')
      const drivers = this.#api.store.get('csinodes.storage.k8s.io', node.metadata.name)?.spec?.drivers
      if (
        driver !== undefined &&
        drivers !== undefined &&
        !items(drivers).some((found) => at(found, 'name') === driver)
      )
        return `driver name ${String(driver)} not found in the list of registered CSI drivers`
    }
    return undefined
  }

  /** Nothing that runs in here could end well: as one that is killed, it has failed. */
  #end(pod: ApiObject) {
    const { rules, clock } = this.#api
    const ended =
      isFinished(pod) || !rules.endedPodsAreFinal ? pod : this.#api.setStatus(pod, failed(pod, clock.time()))
    this.#api.finishDeletion(this.#api.kindOf(ended), ended)
  }

  #wait(pod: ApiObject, why: string) {
    const message = `Unable to attach or mount volumes: ${why}`
    this.#api.setStatus(pod, {
      ...pod.status,
      containerStatuses: statuses(pod, 'containers', false, { waiting: { reason: 'ContainerCreating' } }),
    })
    this.#surroundings.events.record(pod, 'Warning', 'FailedMount', message, 'kubelet')
  }

  #run(pod: ApiObject) {
    const time = this.#api.clock.time()
    const conditions = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
      type,
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: time,
    }))
    const done = { terminated: { exitCode: 0, reason: 'Completed', startedAt: time, finishedAt: time } }
    const initContainers = statuses(pod, 'initContainers', true, done)
    const podIP = addressOf(pod)
    this.#api.setStatus(pod, {
      ...pod.status,
      phase: 'Running',
      conditions,
      hostIP: '127.0.0.1',
      podIP,
      podIPs: [{ ip: podIP }],
      startTime: time,
      ...(initContainers.length ? { initContainerStatuses: initContainers } : {}),
      containerStatuses: statuses(pod, 'containers', true, { running: { startedAt: time } }),
    })
    this.#surroundings.events.record(pod, 'Normal', 'Started', 'Started containers', 'kubelet')
  }
}

/** The status of a pod whose containers were killed. */
function failed(pod: ApiObject, time: string): Fields {
  const conditions = items(pod.status?.conditions).map((condition) =>
    ['Ready', 'ContainersReady'].includes(String(at(condition, 'type')))
      ? { ...fields(condition), status: 'False', reason: 'PodFailed', lastTransitionTime: time }
      : condition,
  )
  const terminated = { exitCode: 137, reason: 'Error', finishedAt: time }
  return {
    ...pod.status,
    phase: 'Failed',
    conditions,
    containerStatuses: statuses(pod, 'containers', false, { terminated }),
  }
}

function statuses(pod: ApiObject, which: 'containers' | 'initContainers', ready: boolean, state: Fields): Fields[] {
  return items(pod.spec?.[which])
    .map(fields)
    .map(({ name, image }) => ({
      name,
      image,
      imageID: ready ? `sandbox://${String(image)}` : '',
      ready,
      started: ready,
      restartCount: 0,
      state,
      lastState: {},
      ...(ready ? { containerID: `sandbox://${suffixOf(12, pod.metadata.uid, String(name))}` } : {}),
    }))
}

function addressOf(pod: ApiObject): string {
  const number = Number.parseInt(pod.metadata.uid.slice(0, 6), 16)
  return `10.${100 + ((number >> 16) % 100)}.${(number >> 8) & 255}.${1 + ((number & 255) % 254)}`
}
