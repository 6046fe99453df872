import { isSelected, type Replicated, replicasOf, replicated } from './replicas.ts'
import { isObserved, ROLLOUT_RESTART, readyReplicas, strategyObstacle } from './rollout.ts'
import { STOPPED, type WorkloadKind } from './workload-kind.ts'

interface Deployment extends Replicated {
  spec: Replicated['spec'] & { paused?: boolean; strategy?: { type?: string } }
}

/** Scaled to 0 and back; its ReplicaSets and their pods follow. */
export const deployment: WorkloadKind = {
  ...replicated,
  group: 'apps',
  kind: 'Deployment',
  plural: 'deployments',
  versions: ['v1'],
  rank: STOPPED.deployment,
  // pods it has by its ReplicaSets alone
  owns: (object, owned) => owned.kind === 'ReplicaSet' && isSelected(object as Deployment, owned),
  rollout: {
    obstacle(object) {
      const { paused, strategy } = (object as Deployment).spec
      return paused ? 'its rollout is paused' : strategyObstacle(strategy)
    },
    isOver(object) {
      const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = (object as Deployment).status ?? {}
      const allUpdated = updatedReplicas >= replicasOf(object) && replicas <= updatedReplicas
      return isObserved(object) && allUpdated && availableReplicas >= updatedReplicas
    },
    ready: readyReplicas,
    command: ROLLOUT_RESTART,
  },
}
