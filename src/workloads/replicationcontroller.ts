import type { KubeObject } from '../domain/object.ts'
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
  selector(object) {
    const { selector } = (object as ReplicationController).spec
    return selector && { matchLabels: selector }
  },
  rollout: undefined,
}
