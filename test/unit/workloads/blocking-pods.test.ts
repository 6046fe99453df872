import { expect, test } from 'vitest'
import { situationOf } from '../../../src/workloads/blocking-pods.ts'
import type { UsingPod } from '../../../src/workloads/pods.ts'

const pod: UsingPod = {
  ref: { apiVersion: 'v1', kind: 'Pod', namespace: 'jupyter', name: 'notebook' },
  claims: ['workspace'],
  finalizers: [],
  finished: false,
  appeared: false,
}

test('a pod whose grace period is to end at another time is told once, and one that is deleted is new', () => {
  const deleted = { ...pod, deletedAt: '2026-11-28T01:58:52Z' }
  expect(situationOf([deleted])).toBe(situationOf([{ ...deleted, deletedAt: '2026-11-28T01:58:50Z' }]))
  expect(situationOf([deleted])).not.toBe(situationOf([pod]))
  expect(situationOf([deleted])).not.toBe(situationOf([{ ...deleted, finalizers: ['example.dev/hold'] }]))
})
