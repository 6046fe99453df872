import type { Cluster } from '../cluster/cluster.ts'
import { NAMESPACE } from '../domain/names.ts'
import type { PersistentVolume } from '../domain/volume.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { ensureOwnClaim } from '../jobs/claims.ts'
import { labelsOf, nameOf, workSubdirOf } from './names.ts'
import type { CopyTask } from './task.ts'

/** A claim of juicify's own on the request's place of the file system, bound. Returns its name. */
export function targetClaim(cluster: Cluster, task: CopyTask, signal?: AbortSignal): Promise<string> {
  return ownClaim(cluster, task, task.subdir, 'data', signal)
}

/** The same for the whole file system: nothing is made on it by being mounted, as a missing subdir would be. */
export function rootClaim(cluster: Cluster, task: CopyTask, signal?: AbortSignal): Promise<string> {
  return ownClaim(cluster, task, '', 'root', signal)
}

/** The same for the place where the Jobs of several nodes meet. */
export function sharedClaim(cluster: Cluster, task: CopyTask, signal?: AbortSignal): Promise<string> {
  return ownClaim(cluster, task, workSubdirOf(task), 'shared', signal)
}

/**
 * What a Job mounts of the claim on a place: all of it, where the claim is on the place; the place, where the file system would
 * not make a directory that is missing, and the claim is on the root.
 */
export function subPathOf({ target }: Pick<CopyTask, 'target'>, subdir: string): string | undefined {
  return subdir === '' || fileSystemOf(target).mounts.makesPlaces ? undefined : subdir
}

function ownClaim(
  cluster: Cluster,
  task: CopyTask,
  subdir: string,
  role: string,
  signal?: AbortSignal,
): Promise<string> {
  const mounted = subPathOf(task, subdir) === undefined ? subdir : ''
  return ensureOwnClaim(cluster, volumeFor(task, mounted, mounted === subdir ? role : 'root'), signal)
}

/** The volume of juicify's own: its name and handle change with anything that the driver looks at. */
export function volumeFor(task: CopyTask, subdir: string, role: string): PersistentVolume {
  const { target } = task
  const name = nameOf(task.group, role, task.directory, subdir, target)
  const { volumes } = fileSystemOf(target)
  const { mountOptions = [], ...source } = volumes.sourceFor({ name, subdir, claim: { namespace: NAMESPACE, name } })
  const options = mountOptions.filter((option) => !volumes.isForUsersAlone?.(option))
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, labels: labelsOf(task) },
    spec: {
      capacity: { storage: '1Gi' },
      volumeMode: 'Filesystem',
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: NAMESPACE, name },
      ...source,
      ...(options.length > 0 ? { mountOptions: options } : {}),
    },
  }
}
