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
    const items = (kind: string) =>
      kind === 'Job' && job ? [job] : kind === 'Pod' && job ? [pod('p', {}, { of: job.metadata.uid })] : []
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

  const pod = (uid: string, status: object, { spec = {}, of = 'uid-job' }: { spec?: object; of?: string } = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: uid,
      uid,
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'job', uid: of, controller: true }],
    },
    spec,
    status,
  })
  const event = (message: string) => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e' },
    reason: 'FailedCreate',
    type: 'Warning',
    message,
  })

  const outcome = async (cluster: Cluster, time: number) => {
    const run = runStage(cluster, request(), kind(), () => 'the copy').then(
      (logs) => logs.map(({ result }) => result?.get('copied')),
      (error: Error) => error.message,
    )
    const late = vi.advanceTimersByTimeAsync(time).then(() => 'nothing')
    return Promise.race([run, late])
  }

  test('and that only looked at what was there is made anew, for by now there may be something else', async () => {
    const told = async (stage: StageSpec['stage']) => {
      const run = runStage(clusterAfter('empty=yes', 'empty=no', stage), request(), kind({ stage }), () => 'the look')
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
      'the copy failed on node1: timed out after 5 minutes waiting for its pod to start: pods "x" is forbidden: exceeded quota',
    )
  })

  test('and that was ended at its deadline says so, and not that nobody knows why its pod is gone', async () => {
    const condition = { type: 'Failed', status: 'True', reason: 'DeadlineExceeded', message: 'was active longer' }
    const run = runStage(
      clusterThat(() => ({ job: { conditions: [condition] } })),
      request(),
      kind({ stage: 'sample' }),
      () => 'the sample',
    )
    const told = run.then(
      () => 'well',
      (error: Error) => error.message,
    )
    const [, message] = await Promise.all([vi.advanceTimersByTimeAsync(MINUTE), told])
    expect(message).toBe('the sample failed on node1: it did not finish within 420 s, and was stopped')
  })

  test('and whose pod gets no further is spoken of within half a minute, then every ten minutes, and waited for', async () => {
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
    const running = runStage({ ...cluster, subresource: log }, request(), kind(), () => 'the copy', {
      onProgress: () => {},
      onStall: (stall) => told.push({ ...stall, after: Math.round((Date.now() - began) / 1000 - 300) }),
    })
    await vi.advanceTimersByTimeAsync(50 * MINUTE)
    expect((await running).map(({ node }) => node)).toEqual(['node1'])
    expect(told).toEqual([
      { node: 'node1', pod: 'mover', seconds: 25, after: expect.any(Number) },
      { node: 'node1', pod: 'mover', seconds: 625, after: expect.any(Number) },
      { node: 'node1', pod: 'mover', seconds: 1225, after: expect.any(Number) },
    ])
    expect((told[0] as { after: number }).after).toBeLessThan(30)
  })

  test('and whose volume cannot be mounted says so when it is seen, and with the cause that is not the newest', async () => {
    const told: unknown[] = []
    const said = (message: string) => ({ ...event(message), reason: 'FailedMount' })
    const refused =
      'MountVolume.SetUp failed for volume "data" : rpc error: code = Internal desc = Could not mount juicefs: dial tcp 10.0.0.20:6379: connect: connection refused'
    const newest =
      'Unable to attach or mount volumes: unmounted volumes=[file-system]: timed out waiting for the condition'
    const cluster = clusterThat((now) =>
      now < 2 * MINUTE
        ? { pods: [pod('p', { phase: 'Pending' })], events: [said(refused), said(newest)] }
        : { pods: [pod('p', { phase: 'Succeeded' })], job: { conditions: [{ type: 'Complete', status: 'True' }] } },
    )
    const running = runStage(cluster, request(), kind(), () => 'the copy', {
      onTrouble: (trouble) => told.push(trouble),
    })
    await vi.advanceTimersByTimeAsync(3 * MINUTE)
    await running
    expect(told).toMatchObject([
      {
        node: 'node1',
        why: expect.stringContaining('cannot be reached from that node'),
        remedy: expect.stringContaining('Secret kube-system/juicefs-sc-secret'),
      },
    ])
  })

  test('is not waited for where the password is wrong: that does not get better by itself', async () => {
    const wrong =
      'MountVolume.SetUp failed for volume "data" : rpc error: code = Internal desc = Could not mount juicefs: WRONGPASS invalid username-password pair or user is disabled.'
    const newest =
      'Unable to attach or mount volumes: unmounted volumes=[file-system]: timed out waiting for the condition'
    const cluster = clusterThat(() => ({
      pods: [pod('p', { phase: 'Pending' })],
      events: [event(wrong), event(newest)],
    }))
    expect(await outcome(cluster, MINUTE / 2)).toContain('the metadata engine refuses the password')
  })

  test('in which everything fails says so, and how many', async () => {
    const told: unknown[] = []
    const cluster = clusterThat((now) => ({
      pods: [pod('mover', { phase: 'Running' })],
      job: now > MINUTE ? { conditions: [{ type: 'Complete', status: 'True' }] } : {},
    }))
    const log = async () =>
      'juicify progress seconds 9 juicefs_sync_copied 0 juicefs_sync_copied_bytes 0 juicefs_sync_failed 12 juicefs_sync_handled 12 juicefs_sync_scanned 400 free 4096\njuicify result copied=1'
    const running = runStage({ ...cluster, subresource: log }, request(), kind(), () => 'the copy', {
      onProgress: ({ failed, left }) => told.push({ failed, left }),
      onTrouble: ({ why }) => told.push(why),
    })
    await vi.advanceTimersByTimeAsync(2 * MINUTE)
    await running
    expect(told).toContainEqual({ failed: 12, left: undefined })
    expect(told).toContain('12 files could not be copied so far, and none was: 4.0 KiB are free on the target')
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

  describe('into whose pod a webhook puts a container that never ends', () => {
    const spec = {
      containers: [
        { name: 'agent', command: ['agent'] },
        { name: 'copy', command: ['sh', '-c', '…', 'juicify', 'sum'] },
      ],
    }
    const withAgent = (copy: object) =>
      pod(
        'p',
        {
          phase: 'Running',
          containerStatuses: [
            { name: 'agent', state: { running: {} } },
            { name: 'copy', state: copy },
          ],
        },
        { spec },
      )

    test('is done when its own has ended, which tells its result, and the Job is ended', async () => {
      const cluster = clusterThat((now) => ({
        pods: [withAgent(now < MINUTE ? { running: {} } : { terminated: { exitCode: 0 } })],
      }))
      const log = vi.fn(async () => 'juicify result copied=1')
      const patch = vi.fn()
      expect(await outcome({ ...cluster, subresource: log, patch } as unknown as Cluster, 2 * MINUTE)).toEqual(['1'])
      expect(log).toHaveBeenCalledWith(expect.anything(), 'log', expect.objectContaining({ container: 'copy' }))
      const ended = {
        metadata: { uid: 'uid-job', annotations: { 'juicify.dev/read': 'yes' } },
        spec: { parallelism: 0 },
      }
      expect(patch).toHaveBeenCalledWith(expect.anything(), { type: 'merge', body: ended })
    })

    test('has failed when its own has, with what its own says', async () => {
      const cluster = clusterThat(() => ({ pods: [withAgent({ terminated: { exitCode: 67 } })] }))
      const log = async () => 'juicify failed the target is not empty'
      expect(await outcome({ ...cluster, subresource: log } as unknown as Cluster, MINUTE)).toBe(
        'the copy failed on node1: the target is not empty',
      )
    })
  })

  test('is not told to have done its work by a pod that only has its label', async () => {
    const job = { conditions: [{ type: 'Complete', status: 'True' }] }
    const cluster = clusterThat(() => ({ pods: [pod('planted', { phase: 'Succeeded' }, { of: 'uid-other' })], job }))
    expect(await outcome(cluster, MINUTE)).toContain('its log is gone, so its result is unknown')
  })
})
