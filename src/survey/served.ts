import type { Cluster } from '../cluster/cluster.ts'
import { unlessForbidden } from '../cluster/forbidden.ts'

/** An API group that a server has, with the versions in which it has it. */
export interface ApiGroup {
  name: string
  versions?: { groupVersion: string }[]
}

/** Whether a server has a version of an API group, as `apps/v1`. Throws what the server answers. */
export type IsServed = (apiVersion: string) => Promise<boolean>

/** The API groups of a server, without the oldest, which has no name. Throws what the server answers. */
export async function apiGroups(cluster: Cluster): Promise<ApiGroup[]> {
  const { groups = [] } = (await cluster.raw('GET', '/apis')) as { groups?: ApiGroup[] }
  return groups
}

/**
 * Asks a server once, when it is first needed, which API groups it has: juicify knows dozens of kinds of custom resources, and
 * most clusters have few of them. A server that does not tell may have any.
 */
export function servedBy(cluster: Cluster): IsServed {
  let told: Promise<ReadonlySet<string> | undefined> | undefined
  const ask = async () => {
    const groups = await unlessForbidden(apiGroups(cluster), undefined)
    return groups && new Set(groups.flatMap(({ versions = [] }) => versions.map(({ groupVersion }) => groupVersion)))
  }
  return async (apiVersion) => {
    told ??= ask()
    return !apiVersion.includes('/') || ((await told)?.has(apiVersion) ?? true)
  }
}
