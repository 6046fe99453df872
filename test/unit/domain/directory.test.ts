import { describe, expect, test } from 'vitest'
import { below, isBelow, normalise, relationOf, sortByDirectory, topmost } from '../../../src/domain/directory.ts'

describe('a directory', () => {
  test.each([
    ['/data/k8s/kubeflow/', '/data/k8s/kubeflow'],
    ['//data/./k8s', '/data/k8s'],
    ['/', '/'],
    ['', ''],
    ['a//b/', 'a/b'],
    ['/a/b/../c', '/a/c'],
    ['/..', '/'],
  ])('%j is %j', (path, plain) => expect(normalise(path)).toBe(plain))

  test.each([
    ['/a', '/a', 'equal'],
    ['/a', '/a/b', 'above'],
    ['/a/b', '/a', 'below'],
    ['/a', '/ab', 'apart'],
    ['/a-b', '/a/b', 'apart'],
    ['/', '/a', 'above'],
    ['', 'a', 'above'],
    ['', '', 'equal'],
  ])('%j lies to %j as %s', (a, b, relation) => expect(relationOf(a, b)).toBe(relation))

  test('what is left of a path below another one', () => {
    expect([below('/a/b/c', '/a'), below('/a', '/a'), below('/ab', '/a'), below('/a', '/'), below('a', '')]).toEqual([
      'b/c',
      '',
      undefined,
      'a',
      'a',
    ])
    expect(isBelow('/a', '/a')).toBe(false)
  })

  test('is followed by what lies below it, before any other', () => {
    const sorted = sortByDirectory(['/a-b', '/a/c', '/b', '/a', '/', '/a!'], (path) => path)
    expect(sorted).toEqual(['/', '/a', '/a/c', '/a!', '/a-b', '/b'])
    expect(topmost(['/b/c', '/a-b', '/a/c', '/a', '/b/c', '/b/c/d'])).toEqual(['/a', '/a-b', '/b/c'])
  })
})
