import type { KubeObject } from '../domain/object.ts'
import { annotationOf, stoppedByAnnotation } from './annotation-switch.ts'
import { mountsAnywhere, type PodTemplate } from './pod-spec.ts'
import { STOPPED, type WorkloadKind } from './workload-kind.ts'

const STOPPED_AT = 'kubeflow-resource-stopped'

const byAnnotation = stoppedByAnnotation({
  annotation: STOPPED_AT,
  value: 'the time',
  isOff: (object) => annotationOf(object, STOPPED_AT) !== undefined,
})

/**
 * Kubeflow's: while it has that annotation, whatever it says, its controller keeps its StatefulSet at 0, as when somebody
 * stops it on Kubeflow's own page. https://github.com/kubeflow/kubeflow/tree/master/components/notebook-controller
 */
export const notebook: WorkloadKind = {
  ...byAnnotation,
  group: 'kubeflow.org',
  kind: 'Notebook',
  plural: 'notebooks',
  versions: ['v1'],
  rank: STOPPED.customResource,
  verbs: { object: ['patch'], subresources: {} },
  comesToAnEnd: false,
  leavesWhatItMade: false,
  template: (object) => (object.spec as { template?: PodTemplate } | undefined)?.template,
  owns: (_, { kind }) => kind === 'StatefulSet',
  mounts: mountsAnywhere,
  scales: undefined,
  isPast: () => false,
  canBeStopped: () => true,
  remember: (object) => ({ ...byAnnotation.remember(object), ready: readyPods(object) }),
  isStarted: (object, { ready = 1 }) => readyPods(object) >= ready,
}

function readyPods({ status }: KubeObject): number {
  return (status as { readyReplicas?: number } | undefined)?.readyReplicas ?? 0
}
