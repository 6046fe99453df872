import { describe, expect, test } from 'vitest'
import { causeOf, hopeless } from '../../../src/jobs/diagnosis.ts'
import { wasKilled } from '../../../src/jobs/pods.ts'

describe('a pod of a Job', () => {
  const pod = (status: Record<string, unknown>) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, status })
  const ended = (terminated: Record<string, unknown>) => pod({ containerStatuses: [{ state: { terminated } }] })

  test('is worth another try where it was evicted or killed, and not where the copy failed', () => {
    expect(wasKilled(pod({ reason: 'Evicted' }))).toBe(true)
    expect(wasKilled(ended({ exitCode: 143 }))).toBe(true)
    expect(wasKilled(ended({ exitCode: 137, reason: 'Error' }))).toBe(true)
    expect(wasKilled(ended({ exitCode: 137, reason: 'OOMKilled' }))).toBe(false)
    expect(wasKilled(ended({ exitCode: 11 }))).toBe(false)
  })

  test('is not waited for where it can never start', () => {
    const event = (message: string) => ({ apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' }, message })
    // as kubelets of 1.20 and of 1.37 say it
    for (const what of [
      'failed: /d is not a directory',
      'failed, /d is not a directory, unable to determine its type: path "/d" does not exist',
    ]) {
      const check = event(`MountVolume.SetUp failed for volume "node" : hostPath type check ${what}`)
      expect(hopeless(pod({}), [check], '/d')).toMatchObject({
        why: '/d is not there on its node, or is no directory',
      })
    }
    expect(hopeless(pod({}), [event('0/2 nodes are available')], '/d')).toBeUndefined()
    const waiting = (reason: string) => pod({ containerStatuses: [{ state: { waiting: { reason, message: 'm' } } }] })
    expect(hopeless(waiting('ErrImageNeverPull'), [], '/d')).toEqual({ why: 'ErrImageNeverPull: m' })
    expect(hopeless(waiting('ContainerCreating'), [], '/d')).toBeUndefined()
  })

  test('is refused for good where the namespace does not allow host paths, and the label that does is named', () => {
    const event = (message: string) => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e' },
      reason: 'FailedCreate',
      message,
    })
    const refusal =
      'Error creating: pods "juicify-a-warm-1-x" is forbidden: violates PodSecurity "baseline:latest": hostPath volumes (volume "node")'
    const cause = hopeless(undefined, [event(refusal)], '/d')
    expect(cause?.why).toContain('hostPath volumes')
    expect(cause?.remedy).toContain('kubectl label namespace juicify pod-security.kubernetes.io/enforce=privileged')
    expect(hopeless(undefined, [event('Error creating: pods "x" is forbidden: exceeded quota')], '/d')).toBeUndefined()
  })
})

describe('why a Job failed', () => {
  const tool = { name: 'rsync', exitCodes: { 23: { means: 'some files were not transferred' } } }
  const ended = (exitCode: number, reason?: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    status: { containerStatuses: [{ state: { terminated: { exitCode, ...(reason ? { reason } : {}) } } }] },
  })

  test('is told by its exit code, whatever the names of the files that its log tells of', () => {
    const lines = [
      'rsync: [sender] send_files failed to open "/source/quota-2024/report.csv": Permission denied (13)',
      'rsync: [sender] send_files failed to open "/source/No space left on device": Permission denied (13)',
    ]
    const cause = causeOf(ended(23), undefined, lines, { tool })
    expect(cause).toEqual({
      why: `rsync ended with 23 (some files were not transferred): ${lines[0]}`,
      remedy: undefined,
    })
    const said = 'the place is not empty: no space is left.csv, the quota is used up, out of memory'
    expect(causeOf(ended(67), said, [], { tool })).toMatchObject({
      why: said,
      remedy: expect.stringContaining('--into-existing'),
    })
    expect(causeOf(ended(23), said, [], { tool }).remedy).toBeUndefined()
  })

  test('comes with what to do about it where the code says more than that it failed', () => {
    expect(causeOf(ended(77), 'no space is left where it writes', [], { tool }).remedy).toContain('Make room')
    expect(causeOf(ended(79), 'people have written', [], { tool }).remedy).toContain(
      'overwrites what people have written there',
    )
    expect(causeOf(ended(137, 'OOMKilled'), undefined, [], { tool }).remedy).toContain('limits.memory')
    expect(causeOf(ended(127), undefined, ['sh: rsync: not found'], { tool })).toMatchObject({
      why: 'rsync ended with 127 (the image lacks a command that is needed): sh: rsync: not found',
      remedy: expect.stringContaining('spec.copy.image'),
    })
  })
})
