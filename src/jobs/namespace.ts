import type { Cluster } from '../cluster/cluster.ts'
import { isApiError } from '../cluster/errors.ts'
import { update } from '../cluster/update.ts'
import { LABEL, MANAGER, NAMESPACE, namespaceManifest } from '../domain/names.ts'
import type { ObjectRef } from '../domain/object.ts'

const NAMESPACE_REF: ObjectRef = { apiVersion: 'v1', kind: 'Namespace', name: NAMESPACE }

/**
 * Creates juicify's namespace where it is missing. Where it is there and ours, but lacks the pod security label without
 * which its Jobs are refused on a cluster that enforces `baseline`, the label is added; a namespace that somebody else
 * made, or a label with another value, is left as it is, and so is one that juicify may not change. Throws as `update`
 * does where it cannot be created.
 */
export async function ensureNamespace(cluster: Cluster): Promise<void> {
  const manifest = namespaceManifest()
  try {
    await update(cluster, NAMESPACE_REF, (there) => {
      if (!there) return { do: 'create', object: manifest }
      if (there.metadata.labels?.[LABEL.managedBy] !== MANAGER) return undefined
      const missing = Object.entries(manifest.metadata.labels ?? {}).filter(
        ([key]) => there.metadata.labels?.[key] === undefined,
      )
      if (missing.length === 0) return undefined
      return { do: 'patch', body: { metadata: { labels: Object.fromEntries(missing) } } }
    })
  } catch (error) {
    // Juicify's role may not change a namespace. Where the label is needed, the first Job that is refused says so.
    if (!isApiError(error, 403) || !(await cluster.find(NAMESPACE_REF))) throw error
  }
}
