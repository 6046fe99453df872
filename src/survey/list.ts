import type { Cluster, Kind } from '../cluster/cluster.ts'
import type { KubeObject } from '../domain/object.ts'

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
