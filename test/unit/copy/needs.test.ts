import { expect, test } from 'vitest'
import type { Cluster } from '../../../src/cluster/cluster.ts'
import { ownObjectsFor } from '../../../src/copy/needs.ts'
import { refOf } from '../../../src/domain/object.ts'
import { request } from './requests.ts'

const settings = { mode: 'copy', image: 'local/tools:1' } as const
const none = {} as Cluster

async function asked(stage: 'catch-up' | 'back', changes: Parameters<typeof request>[0] = {}): Promise<string[]> {
  const objects = await ownObjectsFor(none, request({ settings, ...changes }), stage)
  return objects.map((object) => `${refOf(object).kind} ${object.metadata.name.replace(/-[0-9a-f]{10}$/, '')}`)
}

test('all that a copy creates is asked for: its place, where its Jobs leave something for each other, each Job and its pod', async () => {
  const there = await asked('catch-up')
  const jobs = there.filter((name) => name.startsWith('Job '))
  expect(jobs).toHaveLength(3)
  expect(jobs.some((name) => name.endsWith('verify-ahead'))).toBe(true)
  expect(there.filter((name) => name.startsWith('Pod '))).toHaveLength(3)
  expect(there.filter((name) => name.startsWith('PersistentVolumeClaim '))).toHaveLength(2)
})

test('and nothing that it does not', async () => {
  const back = await asked('back')
  expect(back.filter((name) => name.startsWith('Job '))).toHaveLength(2)
  expect(back.filter((name) => name.startsWith('PersistentVolumeClaim '))).toHaveLength(1)
  const hurried = await asked('catch-up', { settings: { ...settings, verify: 'metadata' } })
  expect(hurried.filter((name) => name.startsWith('Job '))).toHaveLength(2)
})
