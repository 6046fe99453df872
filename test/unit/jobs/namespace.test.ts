import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../../src/cluster/cluster.ts'
import { ApiError } from '../../../src/cluster/errors.ts'
import { LABEL, MANAGER, NAMESPACE, namespaceManifest } from '../../../src/domain/names.ts'
import type { KubeObject } from '../../../src/domain/object.ts'
import { ensureNamespace } from '../../../src/jobs/namespace.ts'

const ENFORCE = 'pod-security.kubernetes.io/enforce'

/** A cluster with a namespace of these labels, or without it; it says what was asked of it. */
function clusterWith(
  labels: Record<string, string> | undefined,
  refuses?: ApiError,
): { cluster: Cluster; asked: unknown[] } {
  const asked: unknown[] = []
  const there = labels && { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } }
  const cluster = {
    find: async () => there,
    create: async (object: KubeObject) => asked.push(object),
    patch: async (_: unknown, { body }: { body: { metadata: KubeObject['metadata'] } }) => {
      if (refuses) throw refuses
      asked.push(body.metadata.labels)
    },
  }
  return { cluster: cluster as unknown as Cluster, asked }
}

describe('juicify’s namespace', () => {
  test('is made with the pod security level that its Jobs need', async () => {
    const { cluster, asked } = clusterWith(undefined)
    await ensureNamespace(cluster)
    expect(asked).toEqual([namespaceManifest()])
    expect(namespaceManifest().metadata.labels).toMatchObject({ [ENFORCE]: 'privileged' })
  })

  test('gets the level where it is ours and has none, and is left alone otherwise', async () => {
    const changes = async (labels: Record<string, string>) => {
      const { cluster, asked } = clusterWith(labels)
      await ensureNamespace(cluster)
      return asked
    }
    expect(await changes({ [LABEL.managedBy]: MANAGER })).toEqual([{ [ENFORCE]: 'privileged' }])
    expect(await changes({ [LABEL.managedBy]: MANAGER, [ENFORCE]: 'baseline' })).toEqual([])
    expect(await changes({})).toEqual([])
  })

  test('may be one that we may not change', async () => {
    const forbidden = new ApiError('namespaces "juicify" is forbidden', { status: 403, reason: 'Forbidden' })
    await expect(
      ensureNamespace(clusterWith({ [LABEL.managedBy]: MANAGER }, forbidden).cluster),
    ).resolves.toBeUndefined()
  })
})
