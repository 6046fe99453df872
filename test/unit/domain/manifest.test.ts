import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../src/domain/digest.ts'
import { withoutServerFields } from '../../../src/domain/manifest.ts'

const asTheServerSentIt = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: {
    name: 'data',
    uid: 'u',
    resourceVersion: '7',
    generation: 1,
    creationTimestamp: '2022-09-28T09:26:16Z',
    deletionTimestamp: '2022-09-29T09:26:16Z',
    deletionGracePeriodSeconds: 0,
    managedFields: [{}],
    selfLink: '/x',
    labels: { team: 'vision' },
    annotations: {
      'pv.kubernetes.io/bound-by-controller': 'yes',
      'pv.kubernetes.io/provisioned-by': 'p',
      note: 'mine',
    },
    finalizers: ['kubernetes.io/pv-protection', 'example.com/hold'],
    futureField: { kept: true },
  },
  spec: {
    hostPath: { path: '/data', futureField: 1 },
    claimRef: { namespace: 'n', name: 'c', uid: 'cu', resourceVersion: '5' },
  },
  status: { phase: 'Bound' },
  futureField: [1],
}

describe('a manifest without what the server set', () => {
  test('is what created it, fields of the future included', () => {
    expect(withoutServerFields(asTheServerSentIt)).toEqual({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: {
        name: 'data',
        labels: { team: 'vision' },
        annotations: { 'pv.kubernetes.io/provisioned-by': 'p', note: 'mine' },
        finalizers: ['example.com/hold'],
        futureField: { kept: true },
      },
      spec: { hostPath: { path: '/data', futureField: 1 }, claimRef: { namespace: 'n', name: 'c', uid: 'cu' } },
      futureField: [1],
    })
  })

  test('leaves the object that was given as it is, and is the same if made twice', () => {
    const before = structuredClone(asTheServerSentIt)
    const once = withoutServerFields(asTheServerSentIt)
    expect(asTheServerSentIt).toEqual(before)
    expect(withoutServerFields(once)).toEqual(once)
  })
})

describe('a digest', () => {
  test('does not depend on the order of keys, nor on keys without a value', () => {
    expect(digestOf({ a: 1, b: { c: [1, 2], d: undefined } })).toBe(digestOf({ b: { c: [1, 2] }, a: 1 }))
  })

  test.each([[{ a: '1' }], [{ a: [1] }], [{ a: null }], [{}], [{ a: 1, b: null }]])(
    'of {a: 1} is not that of %j',
    (other) => {
      expect(digestOf(other)).not.toBe(digestOf({ a: 1 }))
    },
  )

  test('tells integers apart that a double cannot', () => {
    expect(digestOf({ a: 9007199254740993n })).not.toBe(digestOf({ a: 9007199254740992n }))
    expect(digestOf({ a: 5n })).toBe(digestOf({ a: 5 }))
  })

  test('takes a key named __proto__ for what it is', () => {
    expect(digestOf(JSON.parse('{"__proto__": {"a": 1}}'))).not.toBe(digestOf({}))
  })
})
