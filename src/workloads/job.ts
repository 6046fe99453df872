import type { KubeObject } from '../domain/object.ts'
import type { LabelSelector } from '../domain/selector.ts'
import { markOf } from './mark.ts'
import { heldByKueue } from './operator-runs.ts'
import { mountsOfTemplate, type PodTemplate } from './pod-spec.ts'
import { isSelected } from './replicas.ts'
import { hasEnded } from './runs.ts'
import { isSuspended, suspendable } from './suspend.ts'
import { STOPPED, type WorkloadKind } from './workload-kind.ts'

interface Job extends KubeObject {
  spec: {
    template?: PodTemplate
    selector?: LabelSelector
    suspend?: boolean
    parallelism?: number
    [field: string]: unknown
  }
  status?: { active?: number; [field: string]: unknown }
}

/** Where it can be suspended (see canBeStopped), its pods are deleted, and new ones made when it goes on. */
export const job: WorkloadKind = {
  ...suspendable,
  group: 'batch',
  kind: 'Job',
  plural: 'jobs',
  versions: ['v1'],
  rank: STOPPED.run,
  // deleted where the migration says so of unfinished work
  verbs: { object: ['patch', 'delete'], subresources: {} },
  comesToAnEnd: true,
  leavesWhatItMade: false,
  template: (object) => (object as Job).spec.template,
  owns: (object, owned) => owned.kind === 'Pod' && isSelected(object as Job, owned),
  mounts: (object, claims) => mountsOfTemplate((object as Job).spec.template, claims),
  isPast: hasEnded,
  // `suspend` came with 1.21, behind a gate, and is on by default from 1.22. A server that keeps the field shows it on
  // every Job, for it defaults it to false; one that does not drops it.
  ...heldByKueue({
    canBeStopped: (object) => (object as Job).spec.suspend !== undefined,
    isStopped,
  }),
  remember: (object) => ({ stopped: isStopped(object) }),
  isStarted: (object) =>
    !isSuspended(object) && (hasEnded(object) || isHeld(object) || ((object as Job).status?.active ?? 0) > 0),
}

function isStopped(object: KubeObject): boolean {
  return suspendable.isStopped(object) || (isHeld(object) && markOf(object) === undefined)
}

/** No pod is allowed to it, as people held Jobs before they could be suspended: there are none to wait for. */
function isHeld(object: KubeObject): boolean {
  return (object as Job).spec.parallelism === 0
}
