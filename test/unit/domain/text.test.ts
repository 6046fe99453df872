import { describe, expect, test } from 'vitest'
import { matchesGlob, nearest, plain } from '../../../src/domain/text.ts'

describe('a glob', () => {
  test.each([
    ['*', ''],
    ['*minio*', 'kubeflow-minio-pv'],
    ['minio?-pv', 'minio1-pv'],
    ['a*b*c', 'abbbcbc'],
    ['jupyter', 'jupyter'],
    ['a.c', 'a.c'],
  ])('%s matches %s', (glob, name) => expect(matchesGlob(glob, name)).toBe(true))

  test.each([
    ['minio?', 'minio'],
    ['a.c', 'abc'],
    ['jupyter', 'jupyter2'],
    ['*-pv', 'pv'],
    ['', 'a'],
    ['[ab]', 'a'],
  ])('%s does not match %s', (glob, name) => expect(matchesGlob(glob, name)).toBe(false))

  test('one that was made to be slow is not', () => {
    expect(matchesGlob('*a'.repeat(30), `${'a'.repeat(250)}b`)).toBe(false)
  })
})

describe('the nearest word', () => {
  test.each([
    ['jupytr', 'jupyter'],
    ['JUPYTER', 'jupyter'],
    ['pipelines', 'pipeline'],
  ])('to %s is %s', (word, near) => expect(nearest(word, ['service', 'pipeline', 'jupyter'])).toBe(near))

  test('is none where nothing is like it', () => expect(nearest('xyz', ['jupyter'])).toBeUndefined())
})

test('a name cannot move the cursor, end a line or turn the direction of writing', () => {
  expect(plain('a\u001b[2Jb\nc\u202ed')).toBe('a\\u001b[2Jb\\u000ac\\u202ed')
})
