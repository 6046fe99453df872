import type { Cluster } from '../cluster/cluster.ts'
import type { Mover } from '../domain/mover.ts'
import { NAMESPACE } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import type { PersistentVolume } from '../domain/volume.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { ensureOwnClaim } from '../jobs/claims.ts'
import { createUnlessThere } from '../jobs/objects.ts'
import { copyIdOf, labelsOf, nameOf } from './names.ts'
import type { CopyTask } from './task.ts'
import { WORK_SUBDIR } from './task.ts'

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
  return ownClaim(cluster, task, `${WORK_SUBDIR}/${task.group}-${copyIdOf(task)}`, 'shared', signal)
}

function ownClaim(
  cluster: Cluster,
  task: CopyTask,
  subdir: string,
  role: string,
  signal?: AbortSignal,
): Promise<string> {
  return ensureOwnClaim(cluster, volumeFor(task, subdir, role), signal)
}

/** The volume of juicify's own: its name and handle change with anything that the driver looks at. */
export function volumeFor(task: CopyTask, subdir: string, role: string): PersistentVolume {
  const { target } = task
  const name = nameOf(task.group, role, task.directory, subdir, target)
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
      ...fileSystemOf(target).volumes.sourceFor({ name, subdir, claim: { namespace: NAMESPACE, name } }),
    },
  }
}

/**
 * A Secret of juicify's own with what a mover needs of the file system's, and nothing else: a Job reads only its own
 * namespace's. Undefined where it needs nothing. Throws Failure where the file system's Secret lacks it.
 */
export async function credentialsFor(
  cluster: Cluster,
  task: CopyTask,
  mover: Mover,
): Promise<{ secret: string; variables: string[] } | undefined> {
  const { secretRef } = fileSystemOf(task.target)
  if (!mover.credentials || !secretRef) return undefined
  const data = mover.credentials(await cluster.get<KubeObject>({ apiVersion: 'v1', kind: 'Secret', ...secretRef }))
  const name = nameOf(task.group, 'credentials', task.directory, secretRef, data)
  const metadata = { name, namespace: NAMESPACE, labels: labelsOf(task) }
  await createUnlessThere(cluster, { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data })
  return { secret: name, variables: Object.keys(data) }
}
