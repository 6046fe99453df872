import type { Cluster, Kind } from '../cluster/cluster.ts'
import type { KubeObject } from '../domain/object.ts'
import { apiVersionsOf } from '../workloads/kinds.ts'
import type { WorkloadKind } from '../workloads/workload-kind.ts'

/** All objects of a kind, without the server's notes of who wrote which field, which are often half of an object. */
export async function listAll<T extends KubeObject>(cluster: Cluster, kind: Kind, signal?: AbortSignal): Promise<T[]> {
  const items: T[] = []
  const onPage = (page: KubeObject[]) => {
    for (const item of page) {
      delete item.metadata.managedFields
      items.push(item as T)
    }
  }
  await cluster.list<T>(kind, { onPage, signal })
  return items
}

/** All workloads of a kind, in the newest version in which the server has it. */
export async function listWorkloads(cluster: Cluster, kind: WorkloadKind, signal?: AbortSignal): Promise<KubeObject[]> {
  for (const apiVersion of apiVersionsOf(kind)) {
    // a version that is not served lists as empty, and what one version has the others have too
    const found = await listAll(cluster, { apiVersion, kind: kind.kind }, signal)
    if (found.length > 0) return found
  }
  return []
}
