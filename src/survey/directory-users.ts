import pLimit from 'p-limit'
import type { Cluster, Kind } from '../cluster/cluster.ts'
import { unlessForbidden } from '../cluster/forbidden.ts'
import type { KubeObject } from '../domain/object.ts'
import type { DirectoryUser, OldDirectory } from '../domain/old-directory.ts'
import { namesPath, usersOf } from '../planner/directory-users.ts'
import { apiVersionsOf, CONTROLLER_KINDS } from '../workloads/kinds.ts'
import { type IsServed, servedBy } from './served.ts'

const LISTS_AT_ONCE = 3

/** Who uses old directories, as far as the cluster's objects tell. */
export interface DirectoryUsers {
  users: DirectoryUser[]
  /** Kinds that may not be read: what they use is not known. */
  unread: string[]
}

/** Reads all volumes, pods, and what makes pods, and tells who of them names a path of these directories. */
export async function directoryUsers(cluster: Cluster, directories: OldDirectory[]): Promise<DirectoryUsers> {
  if (directories.length === 0) return { users: [], unread: [] }
  const limit = pLimit(LISTS_AT_ONCE)
  const isServed = servedBy(cluster)
  const kinds: Kind[][] = [
    [{ apiVersion: 'v1', kind: 'PersistentVolume' }],
    [{ apiVersion: 'v1', kind: 'Pod' }],
    ...CONTROLLER_KINDS.map((known) => apiVersionsOf(known).map((apiVersion) => ({ apiVersion, kind: known.kind }))),
  ]
  const lists = await Promise.all(
    kinds.map(async (versions): Promise<{ kind: string; items: KubeObject[] | undefined }> => {
      const items = await limit(() => unlessForbidden(naming(cluster, versions, isServed), undefined))
      return { kind: versions[0]?.kind ?? '', items }
    }),
  )
  const objects = lists.flatMap(({ items }) => items ?? [])
  const unread = lists.flatMap(({ kind, items }) => (items ? [] : [kind]))
  return { users: usersOf(directories, objects), unread }
}

/** Those of a kind that name a path of a node at all; in the newest version that the server has. */
async function naming(cluster: Cluster, versions: Kind[], isServed: IsServed): Promise<KubeObject[]> {
  for (const kind of versions) {
    if (!(await isServed(kind.apiVersion))) continue
    const found: KubeObject[] = []
    let any = false
    const onPage = (page: KubeObject[]) => {
      any ||= page.length > 0
      // the rest of a large cluster need not be kept
      found.push(...page.filter(namesPath))
    }
    await cluster.list(kind, { onPage })
    if (any) return found
  }
  return []
}
