import type { Cluster } from '../cluster/cluster.ts'
import { unlessForbidden } from '../cluster/forbidden.ts'
import type { CubeStudioConfig } from '../domain/cube-studio.ts'
import { type KubeObject, refOf } from '../domain/object.ts'

/** Where cube-studio's manifests put its backend, and how they call the ConfigMap with its settings. */
const NAMESPACE = 'infra'
const NAME = 'kubeflow-dashboard-config'

/**
 * The settings of a cube-studio that name directories of the nodes; undefined where there is none, or its ConfigMap may not
 * be read. Nothing else of it is kept: it may hold passwords.
 * Source: install/kubernetes/cube/overlays/kustomization.yml and config/config.py of cube-studio.
 */
export async function cubeStudioConfig(cluster: Cluster): Promise<CubeStudioConfig | undefined> {
  const kind = { apiVersion: 'v1', kind: 'ConfigMap' }
  const list = cluster.list<KubeObject & { data?: Record<string, string> }>(kind, { namespace: NAMESPACE })
  const { items } = await unlessForbidden(list, { items: [] })
  // kustomize may end the name with a hash, and what it made before stays
  const ours = items
    .filter(({ metadata, data }) => metadata.name.startsWith(NAME) && data?.['config.py'] !== undefined)
    .sort((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''))
    .at(-1)
  if (!ours) return undefined
  const text = ours.data?.['config.py'] ?? ''
  return {
    object: refOf(ours),
    workspace: pathsIn(text, 'WORKSPACE_HOST_PATH'),
    archives: pathsIn(text, 'ARCHIVES_HOST_PATH'),
    deleted: pathsIn(text, 'DELETE_OLD_DATA'),
  }
}

/** The absolute paths that a Python setting is given, a string or a list of them; whatever else it is, is not run. */
function pathsIn(text: string, setting: string): string[] {
  const uncommented = text.replace(/^[ \t]*#.*$/gm, '')
  const [, value = ''] = new RegExp(`^${setting}\\s*=\\s*(\\[[^\\]]*\\]|[^\\n]*)`, 'm').exec(uncommented) ?? []
  return [...value.matchAll(/(["'])(\/[^"'\n]*)\1/g)].flatMap(([, , path]) => path ?? [])
}
