import { describeRef, type KubeObject } from '../domain/object.ts'
import type { Wording } from '../words/trouble.ts'
import { markOf, updateMarked } from './mark.ts'
import { deletedMeanwhile } from './replicas.ts'
import type { WorkloadKind } from './workload-kind.ts'

type Common = Pick<
  WorkloadKind,
  | 'means'
  | 'isStopped'
  | 'remember'
  | 'stop'
  | 'start'
  | 'isLeftStopped'
  | 'replicas'
  | 'rollout'
  | 'retains'
  | 'lossWhenScaled'
>

/** The annotation by which an operator has something stopped. */
interface Switch {
  annotation: string
  /** What juicify sets it to. */
  value: 'true' | 'the time'
  isOff(object: KubeObject): boolean
}

/** How what its operator stops while it has an annotation is stopped; afterwards it says what it said before. */
export function stoppedByAnnotation({ annotation, value, isOff }: Switch): Common {
  const isStopped = (object: KubeObject) => isOff(object) && markOf(object) === undefined
  return {
    means: { by: 'annotate', annotation, value },
    replicas: undefined,
    rollout: undefined,
    retains: () => false,
    lossWhenScaled: () => undefined,
    isStopped,
    remember(object) {
      const before = markOf(object) === undefined ? annotationOf(object, annotation) : undefined
      return { stopped: isStopped(object), ...(before === undefined ? {} : { annotation: before }) }
    },
    async stop(cluster, { ref, stopped }) {
      if (stopped) return
      const wanted = value === 'the time' ? `${new Date().toISOString().slice(0, 19)}Z` : value
      await updateMarked(cluster, ref, (object) =>
        isOff(object) ? undefined : { mark: 'running', annotations: { [annotation]: wanted } },
      )
    },
    async start(cluster, { ref, stopped, annotation: before }) {
      if (stopped) return undefined
      let left: Wording | undefined
      const object = await updateMarked(cluster, ref, (now) => {
        const marked = markOf(now) !== undefined
        if (!marked && isOff(now)) left = (say) => say.workload.staysStopped(describeRef(ref))
        if (!marked) return undefined
        // who has started it meanwhile has said what it is to say
        return isOff(now) ? { mark: null, annotations: { [annotation]: before ?? null } } : { mark: null }
      })
      return object ? left : deletedMeanwhile(describeRef(ref))
    },
    isLeftStopped: (object) => object !== undefined && markOf(object) !== undefined && isOff(object),
  }
}

/** What an annotation says; undefined where it is not there. */
export function annotationOf({ metadata }: KubeObject, annotation: string): string | undefined {
  return metadata.annotations?.[annotation]
}
