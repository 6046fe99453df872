import type { Cluster } from '../cluster/cluster.ts'
import { update } from '../cluster/update.ts'
import { LABEL } from '../domain/names.ts'
import type { KubeObject, ObjectRef } from '../domain/object.ts'

/** What it was before juicify stopped it; undefined where juicify has not stopped it. */
export function markOf(object: KubeObject): string | undefined {
  return object.metadata.labels?.[LABEL.stoppedFrom]
}

/** What is to be changed of a workload: parts of it, as in a merge patch. */
export interface MarkedChange {
  /** The label above; null takes it off, undefined leaves it. */
  mark?: string | null
  annotations?: Record<string, string | null>
  spec?: Record<string, unknown>
}

/**
 * Changes a workload and its mark in one request, as `decide` says of how it is (undefined: it is as wanted). Returns it
 * as it is then, or undefined where it is gone, or another has its name. Throws as `update` does.
 */
export function updateMarked(
  cluster: Cluster,
  ref: ObjectRef,
  decide: (object: KubeObject) => MarkedChange | undefined,
): Promise<KubeObject | undefined> {
  return update(cluster, ref, (now) => {
    const change = now && decide(now)
    if (!change) return undefined
    const { mark, annotations, spec } = change
    const metadata = { labels: { [LABEL.stoppedFrom]: mark }, ...(annotations ? { annotations } : {}) }
    return { do: 'patch', body: { metadata, ...(spec ? { spec } : {}) } }
  })
}
