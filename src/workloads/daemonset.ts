import { LABEL } from '../domain/names.ts'
import { describeRef, type KubeObject } from '../domain/object.ts'
import { updateMarked } from './mark.ts'
import { deletedMeanwhile, mountsOfTemplate, type PodTemplate } from './replicas.ts'
import type { WorkloadKind } from './workload-kind.ts'

export interface DaemonSet extends KubeObject {
  spec: { template: PodTemplate; [field: string]: unknown }
  status?: {
    observedGeneration?: number
    desiredNumberScheduled?: number
    updatedNumberScheduled?: number
    numberReady?: number
    numberAvailable?: number
  }
}

/**
 * It cannot be scaled: its template gets one more node selector, which no node has, and its controller takes every pod
 * away at once, whatever the update strategy. What it selected before stays there, so that taking that one away again
 * restores it to the letter.
 */
export const daemonSet: WorkloadKind = {
  mounts: (object, claims) =>
    mountsOfTemplate((object as DaemonSet).spec.template).filter(({ claim }) => claims.has(claim)),
  isStopped: () => false,
  remember(object) {
    return isHeld(object)
      ? { stopped: false }
      : { stopped: false, ready: (object as DaemonSet).status?.numberReady ?? 0 }
  },
  async stop(cluster, { ref }) {
    await updateMarked(cluster, ref, (object) =>
      isHeld(object) ? undefined : { mark: 'running', spec: selecting('nowhere') },
    )
  },
  async start(cluster, { ref }) {
    const object = await updateMarked(cluster, ref, (now) =>
      isHeld(now) ? { mark: null, spec: selecting(null) } : undefined,
    )
    return object ? undefined : deletedMeanwhile(describeRef(ref))
  },
  isStarted(object, { ready }) {
    const { metadata, status = {} } = object as DaemonSet
    if (Number(status.observedGeneration ?? 0) < Number(metadata.generation ?? 0)) return false
    const wanted = status.desiredNumberScheduled ?? 0
    return (status.numberReady ?? 0) >= Math.min(wanted, ready ?? wanted)
  },
}

function isHeld(object: KubeObject): boolean {
  return (object as DaemonSet).spec.template.spec?.nodeSelector?.[LABEL.stoppedFrom] !== undefined
}

function selecting(value: string | null): Record<string, unknown> {
  return { template: { spec: { nodeSelector: { [LABEL.stoppedFrom]: value } } } }
}
