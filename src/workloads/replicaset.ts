import { replicated } from './replicas.ts'
import type { WorkloadKind } from './workload-kind.ts'

/** Only where nothing owns it; else its owner is the workload. */
export const replicaSet: WorkloadKind = replicated
