import { replicated } from './replicas.ts'
import type { WorkloadKind } from './workload-kind.ts'

/** Scaled to 0 and back; its ReplicaSets and their pods follow. */
export const deployment: WorkloadKind = replicated
