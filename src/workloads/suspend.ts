import { Failure } from '../domain/failure.ts'
import { describeRef, type KubeObject } from '../domain/object.ts'
import { type Wording, worded } from '../words/trouble.ts'
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
  | 'scales'
  | 'rollout'
  | 'retains'
  | 'lossWhenScaled'
>

/** How a spec says that nothing new is to be started, and that it goes on. */
interface Switch {
  off: Record<string, unknown>
  on: Record<string, unknown>
  isOff(object: KubeObject): boolean
  /** Both changes, in a few words. */
  change: string
}

/** How what has such a switch is stopped. */
export function suspendableBy({ off, on, isOff, change }: Switch): Common {
  const isStopped = (object: KubeObject) => isOff(object) && markOf(object) === undefined
  return {
    means: { by: 'patch', stop: off, start: on, change },
    replicas: undefined,
    scales: undefined,
    rollout: undefined,
    retains: () => false,
    lossWhenScaled: () => undefined,
    isStopped,
    remember: (object) => ({ stopped: isStopped(object) }),
    async stop(cluster, { ref, stopped }) {
      if (stopped) return
      const object = await updateMarked(cluster, ref, (now) =>
        isOff(now) ? undefined : { mark: 'running', spec: off },
      )
      if (!object || isOff(object)) return
      throw new Failure(...worded((say) => say.workload.notSuspended(describeRef(ref), JSON.stringify(off))))
    },
    async start(cluster, { ref, stopped }) {
      if (stopped) return undefined
      let left: Wording | undefined
      const object = await updateMarked(cluster, ref, (now) => {
        if (markOf(now) !== undefined) return { mark: null, spec: on }
        if (isOff(now)) left = (say) => say.workload.staysSuspended(describeRef(ref))
        return undefined
      })
      return object ? left : deletedMeanwhile(describeRef(ref))
    },
    isLeftStopped: (object) => object !== undefined && markOf(object) !== undefined && isOff(object),
  }
}

/** How what has `spec.suspend` is stopped. */
export const suspendable: Common = suspendableBy({
  off: { suspend: true },
  on: { suspend: false },
  isOff: isSuspended,
  change: 'suspend false → true → false',
})

export function isSuspended(object: KubeObject): boolean {
  return (object.spec as { suspend?: boolean } | undefined)?.suspend === true
}
