import { describe, expect, test } from 'vitest'
import { causeOf, troubleOfJob } from '../../../src/jobs/diagnosis.ts'
import { troubleOf } from '../../../src/jobs/pod-trouble.ts'
import { wasKilled } from '../../../src/jobs/pods.ts'

const trouble = (pod: Parameters<typeof troubleOfJob>[0], events: Parameters<typeof troubleOfJob>[1]) =>
  troubleOfJob(pod, events, { directory: '/d' })

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
      expect(trouble(pod({}), [check])).toMatchObject({
        lasting: true,
        why: '/d does not exist on its node, or is not a directory',
        absent: true,
      })
    }
    expect(trouble(pod({}), [event('0/2 nodes are available')])).toEqual({
      why: '0/2 nodes are available',
      lasting: false,
    })
    const waiting = (reason: string) => pod({ containerStatuses: [{ state: { waiting: { reason, message: 'm' } } }] })
    expect(trouble(waiting('ErrImageNeverPull'), [])).toEqual({ why: 'ErrImageNeverPull: m', lasting: true })
    expect(trouble(waiting('InvalidImageName'), [])).toMatchObject({ lasting: true })
    expect(trouble(waiting('ImagePullBackOff'), [])).toMatchObject({ lasting: false })
    expect(trouble(waiting('ContainerCreating'), [])).toBeUndefined()
  })

  test('is in no trouble where the kubelet only warns of its name servers', () => {
    for (const reason of ['MissingClusterDNS', 'DNSConfigForming', 'CheckLimitsForResolvConf']) {
      const said = { type: 'Warning', reason, message: 'Nameserver limits were exceeded' }
      expect(troubleOf({ metadata: { name: 'p' } }, [said])).toBeUndefined()
    }
  })

  test('of somebody else’s is never answered with a change of juicify’s namespace', () => {
    const message =
      'Error creating: pods "web-x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true'
    const found = troubleOf(undefined, [{ reason: 'FailedCreate', message }])
    expect(found).toMatchObject({ lasting: true, remedy: expect.stringContaining('labels pod-security') })
    expect(`${found?.why} ${found?.remedy}`).not.toContain('juicify')
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
    const cause = trouble(undefined, [event(refusal)])
    expect(cause?.lasting).toBe(true)
    expect(cause?.why).toContain('hostPath volumes')
    expect(cause?.remedy).toContain('kubectl label namespace juicify pod-security.kubernetes.io/enforce=privileged')
    const denied = (words: string) => trouble(undefined, [event(`Error creating: ${words}`)])
    expect(
      denied('pods "x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=5, limited: pods=5'),
    ).toMatchObject({
      lasting: false,
      remedy: expect.stringContaining('resourcequota'),
    })
    expect(denied('pods "x" is forbidden: failed quota: q: must specify limits.cpu')).toMatchObject({
      lasting: true,
      why: expect.stringContaining('must specify limits.cpu'),
      remedy: expect.stringContaining('resourcequotas'),
    })
    expect(denied('admission webhook "a.b" denied the request: no')).toMatchObject({
      lasting: true,
      remedy: expect.stringContaining('a.b'),
    })
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
    expect(cause).toMatchObject({
      why: `rsync failed with exit code 23 (some files were not transferred): ${lines[0]}`,
    })
    expect(cause.remedy).toBeUndefined()
    const said = 'the place is not empty: no space is left.csv, the quota is used up, out of memory'
    expect(causeOf(ended(67), said, [], { tool })).toMatchObject({
      why: said,
      remedy: expect.stringContaining('--into-existing'),
    })
    expect(causeOf(ended(23), said, [], { tool }).remedy).toBeUndefined()
  })

  test('comes with what to do about it where the code says more than that it failed', () => {
    expect(causeOf(ended(77), 'no space left on the target', [], { tool }).remedy).toContain('Raise the limit')
    expect(causeOf(ended(79), 'people have written', [], { tool }).remedy).toContain(
      'overwrites what users have written there',
    )
    expect(causeOf(ended(137, 'OOMKilled'), undefined, [], { tool }).remedy).toContain('limits.memory')
    expect(causeOf(ended(127), undefined, ['sh: rsync: not found'], { tool })).toMatchObject({
      why: 'rsync failed with exit code 127 (the image lacks a required command): sh: rsync: not found',
      remedy: expect.stringContaining('spec.copy.image'),
    })
  })
})
