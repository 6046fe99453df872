import type { Cluster, Kind } from '../cluster/cluster.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import type { KubeObject } from '../domain/object.ts'
import { apiVersionsOf } from '../workloads/kinds.ts'
import type { WorkloadKind } from '../workloads/workload-kind.ts'
import type { IsServed } from './served.ts'
import { whatIsRead } from './what-is-read.ts'

/** From where it is read, and for which file system. */
export interface Source {
  cluster: Cluster
  fileSystem: FileSystem
  signal?: AbortSignal
}

/** All objects of a kind, with what is read of them and no more. */
export async function listAll<T extends KubeObject>(
  { cluster, fileSystem, signal }: Source,
  kind: Kind,
  labelSelector?: string,
): Promise<T[]> {
  const items: T[] = []
  const onPage = (page: KubeObject[]) => {
    for (const item of page) items.push(whatIsRead(item as T, fileSystem))
  }
  await cluster.list<T>(kind, { onPage, signal, ...(labelSelector === undefined ? {} : { labelSelector }) })
  return items
}

/** All workloads of a kind, without those that are labelled as ended, in the newest version in which the server has it. */
export async function listWorkloads(source: Source, kind: WorkloadKind, isServed: IsServed): Promise<KubeObject[]> {
  for (const apiVersion of apiVersionsOf(kind)) {
    if (!(await isServed(apiVersion))) continue
    // a kind that is not in it lists as empty, and what one version has the others have too
    const found = await listAll(source, { apiVersion, kind: kind.kind }, kind.unended)
    if (found.length > 0) return found
  }
  return []
}
