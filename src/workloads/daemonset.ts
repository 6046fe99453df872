import { LABEL } from '../domain/names.ts'
import { describeRef, type KubeObject } from '../domain/object.ts'
import type { LabelSelector } from '../domain/selector.ts'
import { markOf, updateMarked } from './mark.ts'
import { mountsOfTemplate, type PodTemplate } from './pod-spec.ts'
import { deletedMeanwhile, isSelected } from './replicas.ts'
import { isObserved, ROLLOUT_RESTART, strategyObstacle } from './rollout.ts'
import { STOPPED, type WorkloadKind } from './workload-kind.ts'

interface DaemonSet extends KubeObject {
  spec: {
    template: PodTemplate
    selector?: LabelSelector
    updateStrategy?: { type?: string }
    [field: string]: unknown
  }
  status?: {
    observedGeneration?: number
    desiredNumberScheduled?: number
    updatedNumberScheduled?: number
    numberReady?: number
    numberAvailable?: number
  }
}

const NO_NODE = selecting('nowhere')
const ANY_NODE = selecting(null)

/**
 * It cannot be scaled: its template gets one more node selector, which no node has, and its controller takes every pod
 * away at once, whatever the update strategy. What it selected before stays there, so that taking that one away again
 * restores it to the letter.
 */
export const daemonSet: WorkloadKind = {
  group: 'apps',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  versions: ['v1'],
  rank: STOPPED.daemonSet,
  verbs: { object: ['patch'], subresources: {} },
  comesToAnEnd: false,
  leavesWhatItMade: false,
  means: { by: 'patch', stop: NO_NODE, start: ANY_NODE, change: 'removed from all nodes, then scheduled again' },
  template: (object) => (object as DaemonSet).spec.template,
  owns: (object, owned) => owned.kind === 'Pod' && isSelected(object as DaemonSet, owned),
  mounts: (object, claims) => mountsOfTemplate((object as DaemonSet).spec.template, claims),
  replicas: undefined,
  scales: undefined,
  isPast: () => false,
  canBeStopped: () => true,
  retains: () => false,
  lossWhenScaled: () => undefined,
  isStopped: () => false,
  remember: (object) => ({ stopped: false, ...(isHeld(object) ? {} : { ready: readyPods(object) }) }),
  async stop(cluster, { ref }) {
    await updateMarked(cluster, ref, (object) => (isHeld(object) ? undefined : { mark: 'running', spec: NO_NODE }))
  },
  async start(cluster, { ref }) {
    const object = await updateMarked(cluster, ref, (now) => (isHeld(now) ? { mark: null, spec: ANY_NODE } : undefined))
    return object ? undefined : deletedMeanwhile(describeRef(ref))
  },
  isStarted(object, { ready }) {
    const { desiredNumberScheduled: wanted = 0 } = (object as DaemonSet).status ?? {}
    return isObserved(object) && readyPods(object) >= Math.min(wanted, ready ?? wanted)
  },
  isLeftStopped: (object) => object !== undefined && markOf(object) !== undefined && isHeld(object),
  rollout: {
    obstacle: (object) => strategyObstacle((object as DaemonSet).spec.updateStrategy),
    isOver(object) {
      const {
        desiredNumberScheduled = 0,
        updatedNumberScheduled = 0,
        numberAvailable = 0,
      } = (object as DaemonSet).status ?? {}
      return isObserved(object) && Math.min(updatedNumberScheduled, numberAvailable) >= desiredNumberScheduled
    },
    ready: readyPods,
    command: ROLLOUT_RESTART,
  },
}

function readyPods(object: KubeObject): number {
  return (object as DaemonSet).status?.numberReady ?? 0
}

function isHeld(object: KubeObject): boolean {
  return (object as DaemonSet).spec.template.spec?.nodeSelector?.[LABEL.stoppedFrom] !== undefined
}

function selecting(value: string | null): Record<string, unknown> {
  return { template: { spec: { nodeSelector: { [LABEL.stoppedFrom]: value } } } }
}
