import type { KubeObject } from '../domain/object.ts'
import { selectsLabels } from '../domain/selector.ts'
import { replicated } from './replicas.ts'
import { STOPPED, type WorkloadKind } from './workload-kind.ts'

interface ReplicationController extends KubeObject {
  spec: { selector?: Record<string, string>; [field: string]: unknown }
}

/** Only where nothing owns it (OpenShift's DeploymentConfig does); else its owner is the workload. */
export const replicationController: WorkloadKind = {
  ...replicated,
  group: '',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  versions: ['v1'],
  rank: STOPPED.replicationController,
  owns(object, { kind, labels }) {
    const { selector = {} } = (object as ReplicationController).spec
    return kind === 'Pod' && selectsLabels({ matchLabels: selector }, labels)
  },
  rollout: undefined,
}
