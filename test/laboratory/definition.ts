import { vi } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { type KubeObject, refOf } from '../../src/domain/object.ts'

/** A CustomResourceDefinition, as far as its making needs it. */
export interface Definition extends KubeObject {
  spec: { group: string; names: { kind: string }; versions: { name: string }[] }
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
