import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Cluster } from '../../../src/cluster/cluster.ts'
import { deadlineOf } from '../../../src/cluster/deadline.ts'
import { ApiError } from '../../../src/cluster/errors.ts'
import { runStage } from '../../../src/copy/run-stage.ts'
import { jobsFor, type StageSpec } from '../../../src/copy/stage.ts'
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
        if (object.kind === 'Job') job = { ...object, metadata: { ...object.metadata, uid: 'uid-job' } }
      },
      patch: async () => job,
      subresource: async () => 'juicify result copied=1',
      deadline: deadlineOf,
    }
    return cluster as unknown as Cluster
  }

  /** A cluster where a Job of an earlier run has succeeded, and nobody has read what it told; a new one tells `later`. */
  function clusterAfter(earlier: string, later: string, stage: StageSpec['stage']): Cluster {
    const [created] = jobsFor(request(), kind({ stage }), '')
    if (!created) throw new Error('no Job')
    let job: KubeObject | undefined = { ...created, metadata: { ...created.metadata, uid: 'uid-earlier' } }
    const status = { conditions: [{ type: 'Complete', status: 'True' }] }
    const find = async ({ kind }: ObjectRef) =>
      kind === 'Job' ? job && { ...job, status } : { apiVersion: 'v1', kind, metadata: {} }
    const items = (kind: string) => (kind === 'Job' && job ? [job] : kind === 'Pod' ? [pod('p', {})] : [])
    const cluster = {
      find,
      get: find,
      list: async ({ kind }: { kind: string }) => ({ items: items(kind) }),
      create: async (object: KubeObject) => {
        if (object.kind !== 'Job') return
        if (job) throw new ApiError('it is there', { status: 409, reason: 'AlreadyExists' })
        job = { ...object, metadata: { ...object.metadata, uid: 'uid-later' } }
      },
      delete: async () => {
        job = undefined
      },
      waitFor: async () => undefined,
      patch: async () => job,
      subresource: async () => `juicify result ${job?.metadata.uid === 'uid-later' ? later : earlier}`,
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
      (logs) => logs.map(({ result }) => result?.get('copied')),
      (error: Error) => error.message,
    )
    const late = vi.advanceTimersByTimeAsync(time).then(() => 'nothing')
    return Promise.race([run, late])
  }

  test('and that only looked at what was there is made anew, for by now there may be something else', async () => {
    const told = async (stage: StageSpec['stage']) => {
      const run = runStage(clusterAfter('empty=yes', 'empty=no', stage), request(), kind({ stage }), 'the look')
      const [, outcome] = await Promise.all([vi.advanceTimersByTimeAsync(MINUTE), run])
      return outcome.map(({ result }) => result?.get('empty'))
    }
    for (const stage of ['check', 'estimate', 'compare'] as const) expect(await told(stage)).toEqual(['no'])
    // what has been done is not done again
    for (const stage of ['warm', 'catch-up', 'back', 'verify'] as const) expect(await told(stage)).toEqual(['yes'])
  })

  test('and that may have no pod is given up, with what its events say', async () => {
    const refused = clusterThat(() => ({ events: [event('pods "x" is forbidden: exceeded quota')] }))
    expect(await outcome(refused, 6 * MINUTE)).toBe(
      'the copy failed on node1: its pod has not started in 5 minutes: pods "x" is forbidden: exceeded quota',
    )
  })

  test('and whose pod gets no further for ten minutes is spoken of, every ten minutes, and waited for', async () => {
    const told: unknown[] = []
    // it stands still from the fifth minute to the thirtieth
    const bytes = (now: number) => 1000 * (now < 5 * MINUTE ? now : now < 30 * MINUTE ? 5 * MINUTE : now)
    const began = Date.now()
    const cluster = clusterThat((now) => ({
      pods: [pod('mover', { phase: 'Running' })],
      job: now > 45 * MINUTE ? { conditions: [{ type: 'Complete', status: 'True' }] } : {},
    }))
    const log = async () => {
      const now = Date.now() - began
      return `juicify progress listed=1 read=1 bytes=${bytes(now)} of=100000000000 seconds=${now / 1000}\njuicify result copied=1`
    }
    const running = runStage({ ...cluster, subresource: log }, request(), kind(), 'the copy', {
      onProgress: () => {},
      onStall: (stall) => told.push({ ...stall, at: Math.round((Date.now() - began) / MINUTE) }),
    })
    await vi.advanceTimersByTimeAsync(50 * MINUTE)
    expect((await running).map(({ node }) => node)).toEqual(['node1'])
    expect(told).toEqual([
      { node: 'node1', pod: 'mover', minutes: 10, at: 15 },
      { node: 'node1', pod: 'mover', minutes: 10, at: 25 },
    ])
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
