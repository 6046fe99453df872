import { expect, test } from 'vitest'
import type { Cluster } from '../../../src/cluster/cluster.ts'
import { removeCopy } from '../../../src/copy/copy.ts'
import type { KubeObject, ObjectRef } from '../../../src/domain/object.ts'

test('what copies needed is removed, and no volume of somebody’s that bears its labels', async () => {
  const labels = { 'juicify.dev/group': 'data-1234', 'juicify.dev/copy': 'abcd' }
  const volume = (name: string, namespace: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, uid: `uid-${name}`, labels },
    spec: { claimRef: { namespace, name } },
  })
  const there = [volume('ours', 'juicify'), volume('theirs', 'team')]
  const removed: string[] = []
  const cluster = {
    list: async ({ kind }: { kind: string }) => ({ items: there.filter((object) => object.kind === kind) }),
    delete: async ({ name }: ObjectRef) => void removed.push(name),
    find: async () => undefined,
    patch: async () => undefined,
    waitFor: async () => undefined,
  }
  await removeCopy(cluster as unknown as Cluster, 'data-1234')
  expect(removed).toEqual(['ours'])
})
