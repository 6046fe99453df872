import { describe, expect, test } from 'vitest'
import { directoryFor, subdirFor } from '../../../src/planner/path-rules.ts'

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
    expect(subdirFor(directory, rules)).toBe(subdir)
  })

  test('a directory that no rule covers goes nowhere', () => {
    expect(subdirFor('/mnt/ceph', rules.slice(0, 2))).toBeUndefined()
  })

  test('and back: the directory that the rules take to a subdir', () => {
    expect(directoryFor('kubeflow/archives', rules)).toBe('/data/k8s/kubeflow/pipeline/archives')
    expect(directoryFor('kubeflow/global', rules)).toBe('/data/k8s/kubeflow/global')
    expect(directoryFor('kubeflow/pipeline/archives', rules)).toBeUndefined()
    expect(
      directoryFor('x/y', [
        { from: '/a', to: 'x' },
        { from: '/b', to: 'x' },
      ]),
    ).toBeUndefined()
  })
})
