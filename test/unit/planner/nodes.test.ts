import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/domain/object.ts'
import type { PersistentVolume } from '../../../src/domain/volume.ts'
import { nodesOf } from '../../../src/planner/nodes.ts'

test('a volume’s node is known by its name, whatever it is called and whatever its hostname label says', () => {
  const node = (name: string, hostname: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': hostname } },
  })
  const nodes = [node('10.0.0.11', 'vm-1'), node('ip-10-0-0-12.cn-north-1.compute.internal', '10.0.0.11')]
  const on = (hostname: string): PersistentVolume => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'pv' },
    spec: {
      local: { path: '/data' },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [hostname] }] },
          ],
        },
      },
    },
  })
  expect(nodesOf(on('vm-1'), nodes)).toEqual(['10.0.0.11'])
  expect(nodesOf(on('10.0.0.11'), nodes)).toEqual(['ip-10-0-0-12.cn-north-1.compute.internal'])
})

test('a volume stays with the node that it names, also where that node is gone, by its name as by its label', () => {
  const on = (term: object) =>
    ({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'pv' },
      spec: { local: { path: '/data' }, nodeAffinity: { required: { nodeSelectorTerms: [term] } } },
    }) as PersistentVolume
  const names = (key: string) => [{ key, operator: 'In', values: ['gone'] }]
  expect(nodesOf(on({ matchExpressions: names('kubernetes.io/hostname') }), [])).toEqual(['gone'])
  expect(nodesOf(on({ matchFields: names('metadata.name') }), [])).toEqual(['gone'])
})
