import type { Cluster } from '../cluster/cluster.ts'
import { isApiError, isTransient } from '../cluster/errors.ts'
import { LABEL, MANAGER, NAMESPACE, namespaceManifest } from '../domain/names.ts'
import { type ObjectRef, refOf } from '../domain/object.ts'

const NAMESPACE_REF: ObjectRef = { apiVersion: 'v1', kind: 'Namespace', name: NAMESPACE }

const MOST_TRIES = 5

/**
 * Creates juicify's namespace where it is missing. Where it is there and ours, but lacks the pod security label without
 * which its Jobs are refused on a cluster that enforces `baseline`, the label is added; a namespace that somebody else
 * made, or a label with another value, is left as it is, and so is one that juicify may not change. Throws ApiError where
 * the server refuses to create it.
 */
export async function ensureNamespace(cluster: Cluster): Promise<void> {
  const manifest = namespaceManifest()
  for (let tries = 1; ; tries++) {
    try {
      const there = await cluster.find(NAMESPACE_REF)
      if (!there) await cluster.create(manifest)
      else if (there.metadata.labels?.[LABEL.managedBy] === MANAGER) await addMissingLabels(cluster, there)
      return
    } catch (error) {
      const changedMeanwhile = isApiError(error, 409)
      if (tries >= MOST_TRIES || (!changedMeanwhile && !isTransient(error))) throw error
    }
  }
}

async function addMissingLabels(cluster: Cluster, there: Awaited<ReturnType<Cluster['get']>>): Promise<void> {
  const missing = Object.entries(namespaceManifest().metadata.labels ?? {}).filter(
    ([key]) => there.metadata.labels?.[key] === undefined,
  )
  if (missing.length === 0) return
  const { uid, resourceVersion } = there.metadata
  const body = { metadata: { uid, resourceVersion, labels: Object.fromEntries(missing) } }
  try {
    await cluster.patch(refOf(there), { type: 'merge', body })
  } catch (error) {
    // Juicify's role may not change a namespace. Where the label is needed, the first Job that is refused says so.
    if (!isApiError(error, 403)) throw error
  }
}
