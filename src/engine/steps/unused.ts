import { waitUntilUnused } from '../../workloads/pods.ts'
import type { GroupRun } from '../step.ts'

/** Waits until no running pod uses the group's claims. Throws DeadlineError naming those that do. */
export async function unused(run: GroupRun): Promise<void> {
  const claims = run.group.volumes.flatMap(({ claim }) =>
    claim ? [{ namespace: claim.metadata.namespace, name: claim.metadata.name }] : [],
  )
  await waitUntilUnused(run.cluster, claims, {
    timeout: run.settings.stopTimeout,
    signal: run.signal,
    forceDelete: run.settings.forceDeletePods,
    onWaiting: (text) => run.emit({ type: 'message', group: run.group.name, level: 'info', text }),
  })
}
