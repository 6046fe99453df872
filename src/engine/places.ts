import type { CopyTask } from '../copy/task.ts'
import { isBelow, normalise, relationOf } from '../domain/directory.ts'
import { Failure } from '../domain/failure.ts'
import { NAMESPACE } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import { directoryOf, type PersistentVolume } from '../domain/volume.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { shareNode } from '../planner/grouping.ts'
import { nodesOf } from '../planner/nodes.ts'
import { worded } from '../words/trouble.ts'
import type { GroupRun } from './step.ts'

/**
 * To be asked right before a copy to the file system: a bound volume that shows the place, a part of it or what is around
 * it has users, and a copy would overwrite and delete what they write. The root of the file system is around every place, and
 * counts only where the copy is to go over what is there. Throws Failure that names the volumes.
 */
export async function mustBeUnmounted({ cluster, group }: GroupRun, task: CopyTask): Promise<void> {
  const { title, volumes: on } = fileSystemOf(task.target)
  const rootCounts = task.subdir === '' || task.settings.intoExisting === true
  const users = (await boundVolumes(cluster)).filter((pv) => {
    if (!on.isSame(pv) || pv.spec.claimRef?.namespace === NAMESPACE) return false
    const there = on.subdirOf(pv)
    return (there !== '' || rootCounts) && relationOf(there, task.subdir) !== 'apart'
  })
  if (users.length === 0) return
  const { directory, subdir } = task
  throw new Failure(...worded((say) => say.copy.mounted(directory, subdir, title, names(users), group.name)))
}

/**
 * The same before a copy back to a node: a bound volume that is not the group's and shows the old directory has users, who
 * write there and nowhere else.
 */
export async function mustBeDisused({ cluster, group }: GroupRun, task: CopyTask): Promise<void> {
  const own = new Set(group.volumes.map(({ name }) => name))
  const [volumes, nodes] = await Promise.all([boundVolumes(cluster), listAll(cluster, 'Node')])
  const users = volumes.filter((pv) => {
    const path = directoryOf(pv)
    if (path === undefined || own.has(pv.metadata.name)) return false
    const directory = normalise(path)
    const stays = task.staying.some((staying) => directory === staying || isBelow(directory, staying))
    return (
      !stays &&
      relationOf(directory, task.directory) !== 'apart' &&
      shareNode({ directory, nodes: nodesOf(pv, nodes) }, task)
    )
  })
  if (users.length === 0) return
  throw new Failure(...worded((say) => say.copy.used(task.directory, names(users))))
}

async function boundVolumes(cluster: GroupRun['cluster']): Promise<PersistentVolume[]> {
  return (await listAll<PersistentVolume>(cluster, 'PersistentVolume')).filter(
    ({ status }) => status?.phase === 'Bound',
  )
}

async function listAll<T extends KubeObject>(cluster: GroupRun['cluster'], kind: string): Promise<T[]> {
  return (await cluster.list<T>({ apiVersion: 'v1', kind })).items
}

function names(volumes: PersistentVolume[]): string[] {
  return volumes.map(
    ({ metadata, spec: { claimRef } }) => `${metadata.name} (${claimRef?.namespace}/${claimRef?.name})`,
  )
}
