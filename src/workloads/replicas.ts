import type { Cluster } from '../cluster/cluster.ts'
import type { KubeObject } from '../domain/object.ts'
import { describeRef } from '../domain/object.ts'
import { type LabelSelector, selectsLabels } from '../domain/selector.ts'
import type { Wording } from '../words/trouble.ts'
import { type MarkedChange, markOf, updateMarked } from './mark.ts'
import { mountsOfTemplate, type PodTemplate } from './pod-spec.ts'
import type { Owned, Remembered, WorkloadKind } from './workload-kind.ts'

/** An object that keeps a number of pods of a template. */
export interface Replicated extends KubeObject {
  spec: { replicas?: number; template?: PodTemplate; selector?: LabelSelector; [field: string]: unknown }
  status?: {
    observedGeneration?: number
    replicas?: number
    readyReplicas?: number
    updatedReplicas?: number
    availableReplicas?: number
    [field: string]: unknown
  }
}

/** What the kinds have in common that are stopped by their number of replicas. */
type Common = Omit<WorkloadKind, 'group' | 'kind' | 'plural' | 'versions' | 'rank' | 'rollout'>

/**
 * How what has `spec.replicas` is stopped: at 0, its number remembered. A HorizontalPodAutoscaler does nothing while its
 * target is at 0 and goes on from the restored number.
 */
export const replicated: Common = {
  verbs: { object: ['patch'], subresources: {} },
  comesToAnEnd: false,
  leavesWhatItMade: false,
  means: { by: 'scale' },
  template: (object) => (object as Replicated).spec.template,
  owns: (object, owned) => owned.kind === 'Pod' && isSelected(object as Replicated, owned),
  mounts: (object, claims) => mountsOfTemplate((object as Replicated).spec.template, claims),
  replicas: replicasOf,
  scales: undefined,
  isPast: () => false,
  canBeStopped: () => true,
  retains: () => false,
  lossWhenScaled: () => undefined,
  isStopped: (object) => replicasOf(object) === 0 && markOf(object) === undefined,
  remember(object) {
    const mark = markOf(object)
    if (mark !== undefined) return { stopped: false, replicas: Number(mark) }
    const replicas = replicasOf(object)
    return { stopped: replicas === 0, replicas, ready: (object as Replicated).status?.readyReplicas ?? 0 }
  },
  async stop(cluster, { ref, stopped }) {
    if (stopped) return
    await updateMarked(cluster, ref, scaledDown)
  },
  start: (cluster, remembered) => scaleBack(cluster, remembered, () => ({})),
  isStarted(object, { ready }) {
    const { metadata, status = {} } = object as Replicated
    if (Number(status.observedGeneration ?? 0) < Number(metadata.generation ?? 0)) return false
    const wanted = replicasOf(object)
    return (status.readyReplicas ?? 0) >= Math.min(wanted, ready ?? wanted)
  },
  isLeftStopped: (object) => object !== undefined && markOf(object) !== undefined && replicasOf(object) === 0,
}

/** What sets an object to 0; undefined where it is. The mark is not what was remembered: until this very moment somebody may scale it. */
export function scaledDown(object: KubeObject): MarkedChange | undefined {
  const found = replicasOf(object)
  return found === 0 ? undefined : { mark: markOf(object) ?? String(found), spec: { replicas: 0 } }
}

/**
 * Sets an object that juicify has set to 0 to what it was, and takes its mark off. Returns a sentence where it is left
 * otherwise. `besides` says what is to be changed back in the same request; it is asked of what is not marked any more, too.
 */
export async function scaleBack(
  cluster: Cluster,
  { ref, stopped, replicas: remembered = 0 }: Remembered,
  besides: (now: KubeObject) => Omit<MarkedChange, 'mark'>,
): Promise<Wording | undefined> {
  if (stopped) return undefined
  let left: Wording | undefined
  const object = await updateMarked(cluster, ref, (now) => {
    const mark = markOf(now)
    const marked = mark !== undefined
    const replicas = Number(mark) || remembered
    const found = replicasOf(now)
    if (!marked && found === 0) left = (say) => say.workload.staysScaledDown(describeRef(ref), replicas)
    if (marked && found > 0 && found !== replicas) {
      left = (say) => say.workload.staysScaled(describeRef(ref), replicas, found)
    }
    const { spec, ...rest } = besides(now)
    if (!marked) return undefined
    const changed = { ...spec, ...(found === 0 ? { replicas } : {}) }
    return { ...rest, mark: null, ...(Object.keys(changed).length > 0 ? { spec: changed } : {}) }
  })
  return object ? left : deletedMeanwhile(describeRef(ref))
}

/** `spec.replicas`; 1 where it is not said, as the API defaults it. */
export function replicasOf(object: KubeObject): number {
  return (object as Replicated).spec?.replicas ?? 1
}

/** True if the labels are those that an object's selector takes: its controller lets go of what has others. */
export function isSelected({ spec }: { spec: { selector?: LabelSelector } }, { labels }: Owned): boolean {
  return selectsLabels(spec.selector ?? {}, labels)
}

/** What there is to say of a workload that was to be started and is not there any more. */
export function deletedMeanwhile(name: string): Wording {
  return (say) => say.workload.deletedMeanwhile(name)
}
