import { describeRef, type KubeObject } from '../domain/object.ts'
import { markOf, updateMarked } from './mark.ts'
import { deletedMeanwhile } from './replicas.ts'
import type { WorkloadKind } from './workload-kind.ts'

const SUSPENDED = { suspend: true }
const GOING_ON = { suspend: false }

type Common = Pick<
  WorkloadKind,
  'means' | 'isStopped' | 'remember' | 'stop' | 'start' | 'isLeftStopped' | 'replicas' | 'rollout' | 'lossWhenStopped'
>

/** How what has `spec.suspend` is stopped. */
export const suspendable: Common = {
  means: { by: 'patch', stop: SUSPENDED, start: GOING_ON, change: 'suspend false → true → false' },
  replicas: undefined,
  rollout: undefined,
  lossWhenStopped: () => undefined,
  isStopped: (object) => isSuspended(object) && markOf(object) === undefined,
  remember: (object) => ({ stopped: suspendable.isStopped(object) }),
  async stop(cluster, { ref, stopped }) {
    if (stopped) return
    await updateMarked(cluster, ref, (object) =>
      isSuspended(object) ? undefined : { mark: 'running', spec: SUSPENDED },
    )
  },
  async start(cluster, { ref, stopped }) {
    if (stopped) return undefined
    let left: string | undefined
    const object = await updateMarked(cluster, ref, (now) => {
      if (markOf(now) !== undefined) return { mark: null, spec: GOING_ON }
      if (isSuspended(now)) left = `${describeRef(ref)} is left suspended: somebody suspended it meanwhile.`
      return undefined
    })
    return object ? left : deletedMeanwhile(describeRef(ref))
  },
  isLeftStopped: (object) => object !== undefined && markOf(object) !== undefined && isSuspended(object),
}

export function isSuspended(object: KubeObject): boolean {
  return (object.spec as { suspend?: boolean } | undefined)?.suspend === true
}
