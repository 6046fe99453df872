import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Cluster } from '../../../src/cluster/cluster.ts'
import { deadlineOf } from '../../../src/cluster/deadline.ts'
import { runStage } from '../../../src/copy/run.ts'
import type { KubeObject, ObjectRef } from '../../../src/domain/object.ts'
import { kind, request } from './requests.ts'

const MINUTE = 60_000

describe('a Job that is waited for', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  /** A cluster that shows a Job, and what it has, as they are at a time: milliseconds since it was created. */
  function clusterThat(shows: (now: number) => { pods?: KubeObject[]; events?: KubeObject[]; job?: object }): Cluster {
    const began = Date.now()
    const now = () => shows(Date.now() - began)
    let job: KubeObject | undefined
    const seen = () => job && { ...job, status: now().job }
    const find = async ({ kind }: ObjectRef) => (kind === 'Job' ? seen() : { apiVersion: 'v1', kind, metadata: {} })
    const items = (kind: string) =>
      kind === 'Pod' ? now().pods : kind === 'Event' ? now().events : kind === 'Job' && job ? [job] : []
    const cluster = {
      find,
      get: find,
      list: async ({ kind }: { kind: string }) => ({ items: items(kind) ?? [] }),
      create: async (object: KubeObject) => {
        job = { ...object, metadata: { ...object.metadata, uid: 'uid-job' } }
      },
      patch: async () => job,
      subresource: async () => 'juicify result copied=1',
      deadline: deadlineOf,
    }
    return cluster as unknown as Cluster
  }

  const pod = (uid: string, status: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: uid, uid }, status })
  const event = (message: string) => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e' },
    reason: 'FailedCreate',
    type: 'Warning',
    message,
  })

  const outcome = async (cluster: Cluster, time: number) => {
    const run = runStage(cluster, request(), kind(), 'the copy').then(
      (told) => told.map(({ told }) => told.result?.get('copied')),
      (error: Error) => error.message,
    )
    const late = vi.advanceTimersByTimeAsync(time).then(() => 'nothing')
    return Promise.race([run, late])
  }

  test('and that may have no pod is given up, with what its events say', async () => {
    const refused = clusterThat(() => ({ events: [event('pods "x" is forbidden: exceeded quota')] }))
    expect(await outcome(refused, 6 * MINUTE)).toBe(
      'the copy failed on node1: its pod has not started in 5 minutes: pods "x" is forbidden: exceeded quota',
    )
  })

  test('gets as long for its next pod as for its first, however late that one was evicted', async () => {
    const evicted = pod('first', { phase: 'Failed', reason: 'Evicted' })
    const cluster = clusterThat((now) => {
      if (now < 60 * MINUTE) return { pods: [pod('first', { phase: 'Running' })] }
      if (now < 61 * MINUTE) return { pods: [evicted] }
      if (now < 64 * MINUTE) return { pods: [evicted, pod('second', { phase: 'Pending' })] }
      const job = { conditions: [{ type: 'Complete', status: 'True' }] }
      return { pods: [evicted, pod('second', { phase: 'Succeeded' })], job }
    })
    expect(await outcome(cluster, 70 * MINUTE)).toEqual(['1'])
  })
})
