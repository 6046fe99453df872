import type { KubeObject } from '../domain/object.ts'
import { heldByKueue } from './operator-runs.ts'
import { mountsAnywhere } from './pod-spec.ts'
import { isSuspended, suspendable } from './suspend.ts'
import { STOPPED, type WorkloadKind } from './workload-kind.ts'

/**
 * KubeRay's: suspended, all of its pods go; it never ends by itself.
 * https://docs.ray.io/en/latest/cluster/kubernetes/getting-started/raycluster-quick-start.html
 */
export const rayCluster: WorkloadKind = {
  ...suspendable,
  group: 'ray.io',
  kind: 'RayCluster',
  plural: 'rayclusters',
  versions: ['v1', 'v1alpha1'],
  rank: STOPPED.customResource,
  verbs: { object: ['patch'], subresources: {} },
  comesToAnEnd: false,
  leavesWhatItMade: false,
  template: () => undefined,
  owns: (_, { kind }) => kind === 'Pod',
  mounts: mountsAnywhere,
  isPast: () => false,
  remember: (object) => ({ ...suspendable.remember(object), ready: availableWorkers(object) }),
  isStarted: (object, { ready = 0 }) => !isSuspended(object) && availableWorkers(object) >= ready,
  ...heldByKueue({ canBeStopped: () => true, isStopped: suspendable.isStopped }),
}

function availableWorkers({ status }: KubeObject): number {
  return (status as { availableWorkerReplicas?: number } | undefined)?.availableWorkerReplicas ?? 0
}
