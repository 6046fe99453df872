import { replicated } from './replicas.ts'
import { STOPPED, type WorkloadKind } from './workload-kind.ts'

/** Only where nothing owns it; else its owner is the workload. */
export const replicaSet: WorkloadKind = {
  ...replicated,
  group: 'apps',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  versions: ['v1'],
  rank: STOPPED.replicaSet,
  // with an owner it may be a revision of long ago: its pods tell, and its owner's template
  isPast: ({ metadata }) => metadata.ownerReferences?.some(({ controller }) => controller === true) ?? false,
  rollout: undefined,
}
