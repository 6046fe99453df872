import { waitUntilUnused } from '../../workloads/pods.ts'
import { type GroupRun, recordOf } from '../step.ts'

/**
 * Waits until no running pod uses the group's claims. Returns true if there was one to wait for: it may have written in
 * the meantime. Throws DeadlineError naming those that do not go.
 */
export async function unused(run: GroupRun): Promise<boolean> {
  let waited = false
  const claims = run.group.volumes.flatMap(({ claim }) =>
    claim ? [{ namespace: claim.metadata.namespace, name: claim.metadata.name }] : [],
  )
  await waitUntilUnused(run.cluster, claims, {
    timeout: run.settings.stopTimeout,
    signal: run.signal,
    forceDelete: run.settings.forceDeletePods,
    except: recordOf(run).kept.workloads.flatMap(({ ref, quiesce }) => (quiesce === 'rolling' ? [ref] : [])),
    onWaiting: (text, pods) => {
      if (pods.length === 0) return
      waited = true
      run.emit({ type: 'message', group: run.group.name, level: 'info', text })
    },
  })
  return waited
}
