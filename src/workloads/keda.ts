import type { KubeObject } from '../domain/object.ts'
import { annotationOf, stoppedByAnnotation } from './annotation-switch.ts'
import { mountsAnywhere } from './pod-spec.ts'
import { STOPPED, type WorkloadKind } from './workload-kind.ts'

const PAUSED = 'autoscaling.keda.sh/paused'
/** Paused by it, KEDA keeps to the number that it says. */
const PAUSED_AT = 'autoscaling.keda.sh/paused-replicas'
/** As KEDA reads it: what is no word for "no" means yes. */
const NO = /^(0|f|F|false|FALSE|False)$/

/** https://keda.sh/docs/latest/concepts/scaling-deployments/#pausing-autoscaling */
function scaler(): Omit<WorkloadKind, 'kind' | 'plural' | 'leavesWhatItMade' | 'owns' | 'mounts' | 'scales'> {
  return {
    ...stoppedByAnnotation({ annotation: PAUSED, value: 'true', isOff: isPaused }),
    group: 'keda.sh',
    versions: ['v1alpha1'],
    rank: STOPPED.schedule,
    verbs: { object: ['patch'], subresources: {} },
    comesToAnEnd: false,
    template: () => undefined,
    isPast: () => false,
    canBeStopped: () => true,
    // it has no pods of its own to wait for
    isStarted: () => true,
  }
}

/** KEDA scales its target up from 0 too, which a HorizontalPodAutoscaler does not: it is paused while that one is away. */
export const scaledObject: WorkloadKind = {
  ...scaler(),
  kind: 'ScaledObject',
  plural: 'scaledobjects',
  leavesWhatItMade: false,
  owns: (_, { kind }) => kind === 'HorizontalPodAutoscaler',
  mounts: () => [],
  scales({ metadata: { namespace }, spec }) {
    const { scaleTargetRef } = (spec ?? {}) as {
      scaleTargetRef?: { apiVersion?: string; kind?: string; name?: string }
    }
    const { apiVersion = 'apps/v1', kind = 'Deployment', name } = scaleTargetRef ?? {}
    return name === undefined ? undefined : { apiVersion, kind, ...(namespace ? { namespace } : {}), name }
  },
}

/** Paused, it makes no new Jobs; those that it has made go on, and are workloads of their own. */
export const scaledJob: WorkloadKind = {
  ...scaler(),
  kind: 'ScaledJob',
  plural: 'scaledjobs',
  leavesWhatItMade: true,
  owns: (_, { kind }) => kind === 'Job',
  mounts: mountsAnywhere,
  scales: undefined,
}

function isPaused(object: KubeObject): boolean {
  const paused = annotationOf(object, PAUSED)
  return (paused !== undefined && !NO.test(paused)) || annotationOf(object, PAUSED_AT) !== undefined
}
