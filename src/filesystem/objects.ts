import type { Cluster } from '../cluster/cluster.ts'
import { unlessForbidden } from '../cluster/forbidden.ts'
import type { FileSystem, ObjectQuery } from '../domain/filesystem.ts'
import type { KubeObject } from '../domain/object.ts'

/** The objects that a query means: none, where the one that it names is not there. Throws what the server answers. */
export async function objectsOf(cluster: Cluster, query: ObjectQuery): Promise<KubeObject[]> {
  const { name, labelSelector, namespace, ...kind } = query
  const within = namespace === undefined ? {} : { namespace }
  if (name !== undefined) {
    const found = await cluster.find<KubeObject>({ ...kind, ...within, name })
    return found ? [found] : []
  }
  return (await cluster.list<KubeObject>(kind, { ...within, ...(labelSelector ? { labelSelector } : {}) })).items
}

/**
 * The image that the file system's driver mounts with, which the nodes have already; undefined where nothing that may be read
 * tells it.
 */
export async function imageOf(cluster: Cluster, { image }: FileSystem): Promise<string | undefined> {
  const found = image.queries.map((query) => unlessForbidden(objectsOf(cluster, query), []))
  return image.of((await Promise.all(found)).flat())
}
