import { update } from '../cluster/update.ts'
import { Failure } from '../domain/failure.ts'
import { describeRef, type KubeObject } from '../domain/object.ts'
import { worded } from '../words/trouble.ts'
import { isFinished } from './kinds.ts'
import type { Handling, State } from './workload-kind.ts'

/**
 * Work that cannot be stopped and started again: Jobs of servers that cannot suspend them, and the runs of operators
 * (Argo Workflow, Volcano job, TFJob, PyTorchJob, MPIJob). It is waited for, refused, or deleted.
 */
export const unfinished: Handling & { remember(object: KubeObject): State } = {
  remember: (object) => ({ stopped: isFinished(object) }),
  async stop(cluster, { ref, quiesce, stopped }) {
    if (stopped) return
    if (quiesce === 'delete') {
      // in the version that is there: what is late of it, when somebody has taken the work back, is refused
      await update(cluster, ref, (now) =>
        now && !now.metadata.deletionTimestamp ? { do: 'delete', propagation: 'Background' } : undefined,
      )
      return
    }
    if (quiesce !== 'refuse') return
    const object = await cluster.find<KubeObject>(ref)
    if (!object || isFinished(object)) return
    throw new Failure(...worded((say) => say.workload.unfinished(describeRef(ref))))
  },
  async start() {
    return undefined
  },
  isStarted: () => true,
}
