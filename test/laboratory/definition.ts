import { vi } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { type KubeObject, refOf } from '../../src/domain/object.ts'

/** A CustomResourceDefinition, as far as its making needs it. */
export interface Definition extends KubeObject {
  spec: { group: string; names: { kind: string }; versions: { name: string }[] }
}

/** The subresource of a kind that is scaled as a Deployment is. */
export const SCALE = { scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } }

/** The definition of an operator's kind, whatever its objects hold. */
export function customKind(apiVersion: string, kind: string, subresources: object = {}): Definition {
  const [group = '', version = ''] = apiVersion.split('/')
  const singular = kind.toLowerCase()
  const plural = `${singular}s`
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
  const spec = {
    group,
    scope: 'Namespaced',
    names: { plural, singular, kind, listKind: `${kind}List` },
    versions: [{ name: version, served: true, storage: true, schema, subresources }],
  }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec,
  }
}

/** Defines a custom kind, and waits until it is served: a server does so a moment after it calls it established. */
export async function define(cluster: Cluster, definition: Definition): Promise<void> {
  await cluster.create<KubeObject>(definition)
  await cluster.waitFor<KubeObject & { status?: { conditions?: { type: string; status: string }[] } }>(
    refOf(definition),
    (now) => now?.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ?? false,
    { timeout: 120_000, what: `${definition.metadata.name} to be established` },
  )
  const { group, names, versions } = definition.spec
  const kind = { apiVersion: `${group}/${versions[0]?.name}`, kind: names.kind }
  // both the discovery and the resource have to be there: of a kind that is not, a list is empty and has no version
  await vi.waitFor(
    async () => {
      const { resourceVersion } = await cluster.list(kind)
      if (resourceVersion === '') throw new Error(`${names.kind} is not served yet`)
    },
    { timeout: 120_000 },
  )
}
