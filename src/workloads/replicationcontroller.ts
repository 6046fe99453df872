import { replicated } from './replicas.ts'
import type { WorkloadKind } from './workload-kind.ts'

/** Only where nothing owns it (OpenShift's DeploymentConfig does); else its owner is the workload. */
export const replicationController: WorkloadKind = replicated
