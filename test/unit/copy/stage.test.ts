import { describe, expect, test } from 'vitest'
import { rsync } from '../../../src/copy/rsync.ts'
import { isKnown, jobsFor, programFor, type StageSpec } from '../../../src/copy/stage.ts'
import { volumeFor } from '../../../src/copy/storage.ts'
import type { CopyTask } from '../../../src/copy/task.ts'
import { excludedPaths } from '../../../src/copy/task.ts'
import type { CopySettings } from '../../../src/domain/migration.ts'
import { juicefsSync } from '../../../src/filesystem/juicefs/mover.ts'
import type { Job } from '../../../src/jobs/job.ts'
import { sha256Of } from '../../../src/jobs/program.ts'
import { kind, request } from './requests.ts'

// Read back from what would be sent, as the server would see it.
interface Container {
  command: string[]
  env: { name: string; value?: string; valueFrom?: unknown }[]
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[]
  resources: unknown
}
function containerOf(job: Job | undefined): Container {
  const spec = job?.spec as { template: { spec: { containers: Container[] } } }
  const [container] = spec.template.spec.containers
  if (!container) throw new Error('no container')
  return container
}
const mountsOf = (job: Job | undefined) =>
  Object.fromEntries(containerOf(job).volumeMounts.map((mount) => [mount.mountPath, mount.readOnly]))
const names = (jobs: Job[]) => jobs.map(({ metadata }) => metadata.name)

describe('the Jobs of a copy', () => {
  test('have the same names for the same request, and others for another one', () => {
    const [job] = names(jobsFor(request(), kind(), 'run1'))
    expect(names(jobsFor(request(), kind(), 'run2'))).toEqual([job])
    const others = [
      jobsFor(request({ directory: '/data/other' }), kind(), ''),
      jobsFor(request({ subdir: 'other' }), kind({ claim: 'other' }), ''),
      jobsFor(request({ nodes: ['node2'] }), kind(), ''),
      jobsFor(request({ staying: ['/data/k8s/kubeflow/minio'] }), kind(), ''),
      jobsFor(request(), kind({ stage: 'catch-up' }), ''),
      jobsFor(request(), kind({ stage: 'catch-up', thorough: true }), ''),
      jobsFor(request(), kind({ image: 'tools:2' }), ''),
    ].flatMap(names)
    expect(new Set([job, ...others]).size).toBe(8)
  })

  test('have what the migration says of their pods, and no token whoever they run as', () => {
    const settings: CopySettings = {
      mode: 'copy',
      imagePullSecrets: [{ name: 'hub' }],
      serviceAccountName: 'copier',
    }
    for (const stage of ['warm', 'estimate', 'verify', 'check', 'back'] as const) {
      const [job] = jobsFor(request({ settings }), kind({ stage }), '')
      const own = { imagePullSecrets: [{ name: 'hub' }], serviceAccountName: 'copier' }
      // nor the addresses of the namespace's services in their environment
      const nothing = { automountServiceAccountToken: false, enableServiceLinks: false }
      expect(job?.spec).toMatchObject({ template: { spec: { ...own, ...nothing } } })
      const [plain] = jobsFor(request(), kind({ stage }), '')
      expect(plain?.spec).not.toHaveProperty(['template', 'spec', 'imagePullSecrets'])
    }
  })

  test('that look at an old directory mount it alone, and only to read; one sees the node’s processes, and none else does', () => {
    const specOf = (stage: StageSpec['stage']) => {
      const [job] = jobsFor(request(), kind({ stage, claim: '', since: 7 }), '')
      if (!job) throw new Error('no Job')
      const { template } = job.spec as { template: { spec: { hostPID?: boolean; containers: object[] } } }
      return { job, ...template.spec }
    }
    for (const stage of ['unused', 'open-files'] as const) {
      const { job } = specOf(stage)
      expect(mountsOf(job)).toEqual({ '/program': true, '/scratch': undefined, '/source': true })
      expect(job.spec).toMatchObject({ activeDeadlineSeconds: 3600 })
      expect(containerOf(job).env).toContainEqual({ name: 'SINCE', value: '7' })
    }
    const { hostPID, containers } = specOf('open-files')
    expect(hostPID).toBe(true)
    expect(containers[0]).toMatchObject({ securityContext: { privileged: true, readOnlyRootFilesystem: true } })
    for (const stage of ['unused', 'warm', 'estimate', 'verify', 'back'] as const) {
      const other = specOf(stage)
      expect(other.hostPID).toBeUndefined()
      expect(other.containers[0]).not.toHaveProperty('securityContext.privileged')
    }
  })

  test('that only take a sample have a deadline, and those that people’s data depends on have none', () => {
    const specOf = (stage: StageSpec['stage']) => jobsFor(request(), kind({ stage }), '')[0]?.spec
    expect(specOf('sample')).toMatchObject({ activeDeadlineSeconds: 420 })
    for (const stage of ['warm', 'catch-up', 'verify', 'back'] as const)
      expect(specOf(stage)).not.toHaveProperty('activeDeadlineSeconds')
  })

  test('fit into a label, however long the group’s name is', () => {
    const group = `${'a'.repeat(23)}-${'b'.repeat(39)}`
    for (const stage of ['warm', 'catch-up', 'estimate', 'verify', 'check', 'back'] as const) {
      for (const name of names(jobsFor(request({ group }), kind({ stage }), ''))) {
        expect(name).toMatch(/^[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])$/)
      }
    }
  })

  test('write only where they have to', () => {
    const mounts = (stage: Parameters<typeof kind>[0]) => mountsOf(jobsFor(request(), kind(stage), '')[0])
    expect(mounts({ stage: 'warm' })).toMatchObject({ '/source': true, '/target': false })
    expect(mounts({ stage: 'catch-up' })).toMatchObject({ '/source': true, '/target': false })
    expect(mounts({ stage: 'verify' })).toMatchObject({ '/source': true, '/target': true })
    const own = { '/program': true, '/scratch': undefined }
    expect(mounts({ stage: 'check' })).toEqual({ ...own, '/target': true })
    expect(mounts({ stage: 'estimate', claim: undefined })).toEqual({ ...own, '/source': true })
    expect(mounts({ stage: 'look', claim: undefined })).toEqual({ ...own, '/source': true })
    expect(mounts({ stage: 'back' })).toMatchObject({ '/source': true, '/target': false })
    const back = jobsFor(request(), kind({ stage: 'back' }), '')[0]
    expect(JSON.stringify(back)).toContain(
      '{"name":"node","hostPath":{"path":"/data/k8s/kubeflow","type":"Directory"}}',
    )
    expect(containerOf(back).volumeMounts.find(({ name }) => name === 'node')?.mountPath).toBe('/target')
  })

  test('reach a place by way of the root, where a mount of it would make no directory', () => {
    const target = { kind: 'nfs', nfs: { server: '10.0.0.9', path: '/export' }, mountOptions: [] }
    const task = request({ target, parts: ['node1', 'node2'], nodes: ['node1'] })
    const mounts = (stage: Parameters<typeof kind>[0]) =>
      containerOf(jobsFor(task, kind({ sharedClaim: 'root', ...stage }), 'run')[0]).volumeMounts
    const at = (mountPath: string, readOnly: boolean, subPath?: string) =>
      expect.objectContaining({ mountPath, readOnly, ...(subPath ? { subPath } : {}) })
    expect(mounts({ stage: 'warm' })).toEqual(
      expect.arrayContaining([
        at('/target', false, 'kubeflow'),
        at('/shared', false, expect.stringMatching(/^\.juicify-/)),
      ]),
    )
    expect(mounts({ stage: 'check' })).toEqual(expect.arrayContaining([at('/target', true, 'kubeflow')]))
    expect(mounts({ stage: 'back' })).toEqual(expect.arrayContaining([at('/source', true, 'kubeflow')]))
    for (const stage of ['estimate', 'places'] as const) {
      const root = mounts({ stage }).find(({ mountPath }) => mountPath === '/target')
      expect(root).toEqual({ name: 'file-system', mountPath: '/target', readOnly: stage === 'estimate' })
    }
    expect(JSON.stringify(jobsFor(request(), kind(), ''))).not.toContain('subPath')
  })

  test('run a program that lies in a ConfigMap of their name, and no other one than that which they name by its SHA-256', () => {
    const [job] = jobsFor(request(), kind(), '')
    expect(JSON.stringify(job?.spec)).toContain(
      `{"name":"program","configMap":{"name":"${job?.metadata.name}","items":[{"key":"program.sh","path":"program.sh"}]}}`,
    )
    const { command } = containerOf(job)
    expect(command.slice(3, 5)).toEqual(['juicify', sha256Of(programFor(request(), kind()))])
    // kubectl describe stays readable
    expect(command.slice(0, 5).join(' ').length).toBeLessThan(1000)
  })

  test('have of root’s powers those of a copier, and write to nothing of their own but their scratch', () => {
    const [job] = jobsFor(request(), kind(), '')
    expect(containerOf(job)).toMatchObject({
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'], add: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'SETFCAP'] },
        seccompProfile: { type: 'RuntimeDefault' },
      },
    })
  })

  test('never have a name in the text that a shell reads', () => {
    const odd = request({
      directory: '/data/$(reboot)',
      staying: ['/data/$(reboot)/"; rm -rf /'],
      subdir: 'x',
      nodes: ['node1', '`x`'],
    })
    const split = { ...odd, nodes: ['node1'], parts: ['node1', '`x`'] }
    for (const stage of ['warm', 'catch-up', 'verify', 'estimate', 'check'] as const) {
      const all = [odd, split].flatMap((each) => jobsFor(each, kind({ stage, sharedClaim: 'shared' }), 'run'))
      for (const job of all) {
        const [shell, flag, script] = containerOf(job).command
        expect([shell, flag]).toEqual(['sh', '-c'])
        expect(script).not.toMatch(/reboot|rm -rf \/[^s]|`x`/)
      }
    }
  })

  test('of several nodes know each other, and meet in one place', () => {
    const jobs = jobsFor(request({ nodes: ['node1', 'node2'] }), kind({ sharedClaim: 'shared' }), 'run7')
    expect(jobs.map(({ metadata }) => metadata.annotations)).toEqual([
      { 'juicify.dev/node': 'node1' },
      { 'juicify.dev/node': 'node2' },
    ])
    const values = jobs.map((job) => new Map(containerOf(job).env.map(({ name, value }) => [name, value])))
    expect(values.map((env) => env.get('NODE'))).toEqual(['0', '1'])
    expect(values.map((env) => env.get('SHARED'))).toEqual(['/shared/run7', '/shared/run7'])
    expect(mountsOf(jobs[1])).toHaveProperty('/shared')
  })

  describe('of a directory that is split', () => {
    const split = request({ parts: ['node1', 'node2', 'node1'] })
    const given = (stage: StageSpec['stage'], changes: Partial<StageSpec> = {}) =>
      jobsFor(split, kind({ stage, sharedClaim: 'shared', ...changes }), 'run7')
    const valuesOf = (job: Job) => new Map(containerOf(job).env.map(({ name, value }) => [name, value]))

    test('are one for each part, on its node, and meet in one place', () => {
      for (const stage of ['warm', 'catch-up', 'verify', 'back'] as const) {
        const jobs = given(stage)
        expect(jobs.map(({ metadata }) => metadata.annotations)).toEqual([
          { 'juicify.dev/node': 'node1', 'juicify.dev/part': '1 of 3' },
          { 'juicify.dev/node': 'node2', 'juicify.dev/part': '2 of 3' },
          { 'juicify.dev/node': 'node1', 'juicify.dev/part': '3 of 3' },
        ])
        expect(new Set(names(jobs)).size).toBe(3)
        expect(jobs.map((job) => valuesOf(job).get('NODE'))).toEqual(['0', '1', '2'])
        expect(new Set(jobs.map((job) => valuesOf(job).get('SHARED')))).toEqual(new Set(['/shared/run7']))
        expect(new Set(jobs.map((job) => job.metadata.labels?.['juicify.dev/run']))).toEqual(new Set(['run7']))
        expect(jobs.every((job) => mountsOf(job)['/shared'] === false)).toBe(true)
      }
    })

    test('are not found by a run that splits it otherwise', () => {
      const others = [request(), ...[2, 4].map((parts) => request({ parts: Array(parts).fill('node1') }))]
      const theirs = others.flatMap((other) => names(jobsFor(other, kind({ sharedClaim: 'shared' }), 'run7')))
      expect(theirs.filter((name) => names(given('warm')).includes(name))).toEqual([])
    })

    test('are not more than one where nothing is to be shared', () => {
      for (const stage of ['check', 'estimate'] as const) {
        expect(given(stage).map((job) => valuesOf(job).get('LAYOUT'))).toEqual(['single'])
      }
    })

    test('delete in their part only what they may', () => {
      const deletes = (changes: Partial<StageSpec>) =>
        given('catch-up', changes).map((job) => valuesOf(job).get('DELETE'))
      expect(deletes({})).toEqual(['yes', 'yes', 'yes'])
      expect(deletes({ existing: true })).toEqual(['no', 'no', 'no'])
      expect(given('warm').map((job) => valuesOf(job).get('DELETE'))).toEqual(['no', 'no', 'no'])
      expect(
        given('catch-up', { mover: juicefsSync }).every((job) => containerOf(job).command.includes('--delete-dst')),
      ).toBe(true)
    })
  })

  test('have no Secret, nor anything of one, whichever mover works in them', () => {
    for (const stage of ['warm', 'catch-up', 'back', 'verify', 'check', 'estimate'] as const) {
      for (const mover of [juicefsSync, rsync]) {
        const jobs = jobsFor(request(), kind({ stage, mover }), '')
        for (const job of jobs) {
          expect(containerOf(job).env.filter(({ valueFrom }) => valueFrom)).toEqual([])
          expect(JSON.stringify(job)).not.toMatch(/secret|metaurl|jfs:/i)
        }
      }
    }
  })

  test('leave out what was verified ahead only in a first catch-up, by a mover that can', () => {
    const first = kind({ stage: 'catch-up', mover: juicefsSync, verified: 'ab12', sharedClaim: 'shared' })
    expect(isKnown(first)).toBe(true)
    expect(isKnown({ ...first, thorough: true })).toBe(false)
    expect(isKnown({ ...first, mover: rsync })).toBe(false)
    for (const stage of ['warm', 'back'] as const) expect(isKnown({ ...first, stage })).toBe(false)
    const [job] = jobsFor(request(), first, 'run')
    expect(containerOf(job).env).toContainEqual({ name: 'VERIFIED', value: 'ab12' })
    expect(mountsOf(job)).toHaveProperty(['/shared'])
  })

  test('delete nothing on a target that held something before', () => {
    const args = (changes: Parameters<typeof kind>[0]) => containerOf(jobsFor(request(), kind(changes), '')[0]).command
    expect(args({ stage: 'catch-up' })).toContain('--delete')
    expect(args({ stage: 'catch-up', existing: true })).not.toContain('--delete')
    // what people have deleted there is deleted on the node, too, or the two would never be equal
    expect(args({ stage: 'back', existing: true })).toContain('--delete')
  })

  test('take the resources that the migration gives', () => {
    const resources = { limits: { memory: '2Gi' } }
    const given = request({ settings: { mode: 'copy', resources } })
    expect(containerOf(jobsFor(given, kind(), '')[0]).resources).toEqual(resources)
  })
})

test('the volume of its own is the place that the workloads will see, under a handle of its own', () => {
  const volume = volumeFor(request(), 'kubeflow', 'data')
  expect(volume.spec).toMatchObject({
    mountOptions: ['subdir=kubeflow'],
    persistentVolumeReclaimPolicy: 'Retain',
    storageClassName: '',
    csi: {
      driver: 'csi.juicefs.com',
      volumeHandle: volume.metadata.name,
      nodePublishSecretRef: { name: 'juicefs-sc-secret', namespace: 'kube-system' },
    },
  })
  expect(volume.metadata.name).toMatch(/^[a-z0-9-]{1,63}$/)
})

test('what users mount without writing, or with writes that are kept back, our Jobs mount without that', () => {
  const target = {
    ...request().target,
    mountOptions: ['writeback', 'cache-size=1024', 'read-only'],
  } as CopyTask['target']
  expect(volumeFor(request({ target }), '', 'data').spec.mountOptions).toEqual(['cache-size=1024'])
  expect(volumeFor(request(), '', 'data').spec).not.toHaveProperty('mountOptions')
})

describe('what is left out of a copy', () => {
  test('is below the directory', () => {
    expect(excludedPaths(request({ staying: ['/data/k8s/kubeflow/minio', '/data/k8s/kubeflow/a/b/'] }))).toEqual([
      'minio',
      'a/b',
    ])
    expect(() => excludedPaths(request({ staying: ['/data/k8s/other'] }))).toThrow('not inside /data/k8s/kubeflow')
    expect(() => excludedPaths(request({ staying: ['/data/k8s/kubeflow'] }))).toThrow('not inside')
    expect(() => excludedPaths(request({ staying: ['/data/k8s/kubeflow/a\nb'] }))).toThrow('control character')
  })

  test('at the root of the file system, juicify’s own directory of that very copy is, and a .juicify of people’s is not', () => {
    const [own, ...others] = excludedPaths(request({ subdir: '' }))
    expect(others).toEqual([])
    expect(own).toMatch(/^\.juicify-k8s-kubeflow-1234-[0-9a-f]{8}$/)
    expect(excludedPaths(request({ subdir: '', directory: '/data/other' }))).not.toEqual([own])
  })
})
