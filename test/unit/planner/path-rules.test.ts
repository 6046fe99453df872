import { describe, expect, test } from 'vitest'
import { directoryFor, subdirFor, unknownPlaceholders } from '../../../src/planner/path-rules.ts'

describe('where a directory goes', () => {
  const rules = [
    { from: '/data/k8s', to: '' },
    { from: '/data/k8s/kubeflow/pipeline/archives', to: 'kubeflow/archives' },
    { from: '/', to: 'rest' },
  ]

  test.each([
    ['/data/k8s/kubeflow/pipeline/archives', 'kubeflow/archives'],
    ['/data/k8s/kubeflow/pipeline/archives/2022', 'kubeflow/archives/2022'],
    ['/data/k8s/kubeflow/pipeline/archives-old', 'kubeflow/pipeline/archives-old'],
    ['/data/k8s', ''],
    ['/data/k8s2', 'rest/data/k8s2'],
  ])('the longest rule that covers %s takes it to %s', (directory, subdir) => {
    expect(subdirFor({ directory, volume: 'data' }, rules)).toBe(subdir)
  })

  test('a directory that no rule covers goes nowhere', () => {
    expect(subdirFor({ directory: '/mnt/ceph', volume: 'data' }, rules.slice(0, 2))).toBeUndefined()
  })

  test('and back: the directory that the rules take to a subdir', () => {
    expect(directoryFor('kubeflow/archives', { volume: 'data' }, rules)).toBe('/data/k8s/kubeflow/pipeline/archives')
    expect(directoryFor('kubeflow/global', { volume: 'data' }, rules)).toBe('/data/k8s/kubeflow/global')
    expect(directoryFor('kubeflow/pipeline/archives', { volume: 'data' }, rules)).toBeUndefined()
    expect(
      directoryFor('x/y', { volume: 'data' }, [
        { from: '/a', to: 'x' },
        { from: '/b', to: 'x' },
      ]),
    ).toBeUndefined()
  })

  test('a rule for one node takes that node’s directory alone, and a rule for a volume comes before all others', () => {
    const some = [
      { from: '/mnt/disks', to: 'disks' },
      { from: '/mnt/disks', node: 'node1', to: 'first' },
      { from: '/mnt/disks/vol1/deeper', to: 'deeper' },
      { volume: 'pv-*', to: 'any' },
      { volume: 'pv-1', to: 'one' },
    ]
    const to = (volume: string, node?: string, directory = '/mnt/disks/vol1') =>
      subdirFor({ directory, volume, node }, some)
    expect(to('a', 'node1')).toBe('first/vol1')
    expect(to('a', 'node2')).toBe('disks/vol1')
    expect(to('a')).toBe('disks/vol1')
    expect(to('a', 'node1', '/mnt/disks/vol1/deeper')).toBe('deeper')
    expect(to('pv-1', 'node1')).toBe('one')
    expect(to('pv-2', 'node1')).toBe('any')
  })

  test('placeholders stand for what the volume has; where it has no such thing, it goes nowhere', () => {
    const some = [{ from: '/mnt', to: '{node}/{namespace}/{claim}-{volume}' }]
    const volume = { directory: '/mnt/x', volume: 'pv', node: 'node1', namespace: 'team', claim: 'data' }
    expect(subdirFor(volume, some)).toBe('node1/team/data-pv/x')
    expect(directoryFor('node1/team/data-pv/x', volume, some)).toBe('/mnt/x')
    const { node, claim, ...less } = volume
    expect(subdirFor(less, some)).toBeUndefined()
    expect(unknownPlaceholders(less, some)).toEqual(['node', 'claim'])
  })
})
