import type { KubeObject } from '../domain/object.ts'
import { mountsOfTemplate, type PodTemplate } from './replicas.ts'
import { isSuspended, suspendable } from './suspend.ts'
import { isFinished } from './unfinished.ts'
import type { WorkloadKind } from './workload-kind.ts'

interface Job extends KubeObject {
  spec: { template?: PodTemplate; suspend?: boolean; [field: string]: unknown }
  status?: { active?: number; [field: string]: unknown }
}

/** A Job that can be suspended (see canBeSuspended); its pods are deleted, and new ones made when it goes on. */
export const job: WorkloadKind = {
  ...suspendable,
  mounts: (object, claims) => mountsOfTemplate((object as Job).spec.template).filter(({ claim }) => claims.has(claim)),
  isStarted: (object) => !isSuspended(object) && (isFinished(object) || ((object as Job).status?.active ?? 0) > 0),
}

/**
 * True if this server knows `suspend` for Jobs: it came with 1.21, behind a gate, and is on by default from 1.22. A
 * server that keeps the field shows it on every Job, for it defaults it to false; one that does not drops it.
 */
export function canBeSuspended(object: KubeObject): boolean {
  return (object as Job).spec.suspend !== undefined
}
