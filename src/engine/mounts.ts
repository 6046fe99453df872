import type { Cluster } from '../cluster/cluster.ts'
import { DeadlineError } from '../cluster/errors.ts'
import { Failure } from '../domain/failure.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import { describeRef, type KubeObject, refOf } from '../domain/object.ts'
import type { PlannedGroup } from '../domain/plan.ts'
import type { Workload } from '../domain/workload.ts'
import { objectsOf } from '../filesystem/objects.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { worded } from '../words/trouble.ts'
import { waitUntilNone } from '../workloads/wait-for-pods.ts'
import type { PlanOrigin } from './record.ts'
import { type GroupRun, recordOf } from './step.ts'
import { isReplaced, observeAll } from './volumes.ts'

/**
 * The pods with which the file system's driver holds mounts of the group's new volumes; none where it needs no pods for
 * that, or where the volumes are the old ones.
 */
export async function mountPodsOf(
  run: { cluster: Cluster; group: PlannedGroup },
  plan: Pick<PlanOrigin, 'migration'>,
): Promise<KubeObject[]> {
  const fileSystem = fileSystemOf(plan.migration.target)
  const handles = await handlesOf(run)
  if (handles.size === 0) return []
  return fileSystem.mounts.podsOf(handles, await listed(run.cluster, fileSystem))
}

/**
 * Workloads that the migration restarts pod by pod keep their old mounts until then. A rollback has to stop them where a
 * mount is a pod of the driver: it looks the volume up for as long as the pod is there, and does not survive to find
 * another kind of volume.
 */
export function stoppedForRollback<W extends Pick<Workload, 'quiesce'>>(workloads: W[], mountPods: KubeObject[]): W[] {
  if (mountPods.length === 0) return workloads
  return workloads.map((workload) => (workload.quiesce === 'rolling' ? { ...workload, quiesce: 'stop' } : workload))
}

/**
 * Waits until no pod of the driver holds a mount of the group's new volumes: a volume may be taken away only then. They
 * end some seconds after their last user. Throws DeadlineError that names those that are left.
 */
export async function waitForNoMounts(run: GroupRun): Promise<void> {
  const fileSystem = fileSystemOf(recordOf(run).kept.plan.migration.target)
  const handles = await handlesOf(run)
  if (handles.size === 0) return
  const objects = await listed(run.cluster, fileSystem)
  const isOne = (pod: KubeObject) => fileSystem.mounts.podsOf(handles, [...objects, asPod(pod)]).some(isSame(pod))
  const there = fileSystem.mounts.podsOf(handles, objects)
  if (there.length === 0) return
  const namespaces = [...new Set(there.map(({ metadata }) => metadata.namespace ?? ''))]
  const left = await waitUntilNone(
    run.cluster,
    { namespaces, isOne },
    {
      timeout: run.settings.stopTimeout,
      signal: run.signal,
      onWaiting: async (pods) =>
        run.emit({
          type: 'waiting-for-mounts',
          group: run.group.name,
          step: 'swap',
          pods: pods.map((pod) => describeRef(refOf(pod))),
        }),
    },
  )
  if (left.length > 0) throw stillMounted(run, left)
}

function stillMounted(run: GroupRun, left: KubeObject[]): DeadlineError {
  const seconds = Math.round(run.settings.stopTimeout / 1000)
  return new DeadlineError(...worded((say) => say.swap.stillMounted(run.group.name, seconds, named(left))))
}

/**
 * Looks at what the group's users really got: a mount may show another place than its volume says, for the driver's settings
 * win over it, and nothing fails. Says of how many volumes the mount was seen. Throws Failure where one is not the planned one.
 */
export async function lookAtMounts(run: GroupRun): Promise<void> {
  const { mounts, volumes, driver } = fileSystemOf(recordOf(run).kept.plan.migration.target)
  const { subdirOf, handleOf } = mounts
  if (!subdirOf || !handleOf) return
  const planned = new Map(
    run.group.volumes.flatMap(({ name, after }) => {
      const handle = after.spec.csi?.volumeHandle
      return handle === undefined ? [] : [[handle, { name, subdir: volumes.subdirOf(after) }]]
    }),
  )
  const pods = await mountPodsOf(run, recordOf(run).kept.plan)
  const seen = new Set<string>()
  for (const pod of pods) {
    const volume = planned.get(handleOf(pod) ?? '')
    const subdir = subdirOf(pod)
    if (!volume || subdir === undefined) continue
    seen.add(volume.name)
    if (subdir === volume.subdir) continue
    throw new Failure(
      ...worded((say) => say.swap.otherPlaceMounted(volume.name, volume.subdir, named([pod]), subdir, driver.see)),
    )
  }
  if (run.settings.rehearsal && pods.length === 0) return
  const unseen = run.group.volumes.map(({ name }) => name).filter((name) => !seen.has(name))
  run.emit({ type: 'mounts-seen', group: run.group.name, step: 'start', seen: [...seen].sort(), unseen })
}

/** The volumeHandles of those of the group's volumes that are the new ones. */
async function handlesOf(run: { cluster: Cluster; group: PlannedGroup }): Promise<Set<string>> {
  const observed = await observeAll(run)
  const replaced = run.group.volumes.filter((volume) => isReplaced(volume, observed.get(volume.name) ?? {}))
  return new Set(replaced.flatMap(({ after }) => after.spec.csi?.volumeHandle ?? []))
}

async function listed(cluster: Cluster, { mounts }: FileSystem): Promise<KubeObject[]> {
  return (await Promise.all(mounts.queries.map((query) => objectsOf(cluster, query)))).flat()
}

/** What a watch tells of a pod need not say that it is one. */
function asPod(pod: KubeObject): KubeObject {
  return { ...pod, apiVersion: 'v1', kind: 'Pod' }
}

function isSame({ metadata: { uid } }: KubeObject): (other: KubeObject) => boolean {
  return ({ metadata }) => metadata.uid === uid
}

function named(pods: KubeObject[]): string {
  const names = pods.map((pod) => describeRef(refOf(asPod(pod))))
  return `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`
}
