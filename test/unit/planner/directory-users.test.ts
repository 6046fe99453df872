import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/domain/object.ts'
import type { PersistentVolume } from '../../../src/domain/volume.ts'
import { oldDirectoriesIn, usersOf } from '../../../src/planner/directory-users.ts'

const OLD = [{ directory: '/data/k8s', nodes: ['node1'], staying: ['/data/k8s/minio'] }]

const spec = (path: string, { readOnly = false, ...more }: Record<string, unknown> = {}) => ({
  containers: [{ name: 'main', volumeMounts: [{ name: 'disk', mountPath: '/x', ...(readOnly ? { readOnly } : {}) }] }],
  volumes: [{ name: 'disk', hostPath: { path } }],
  ...more,
})
let made = 0
const object = (apiVersion: string, kind: string, content: object, more: Partial<KubeObject> = {}): KubeObject => {
  const { metadata, ...rest } = more
  const name = kind.toLowerCase()
  return { apiVersion, kind, metadata: { namespace: 'n', name, uid: `${++made}`, ...metadata }, spec: content, ...rest }
}
const found = (...objects: KubeObject[]) =>
  usersOf(OLD, objects).map(({ user, uses }) => `${uses ? 'uses' : 'sees'} ${user}`)

test.each([
  ['at', '/data/k8s/', ['uses Pod n/pod']],
  ['below', '/data/k8s//a', ['uses Pod n/pod']],
  ['above', '/data', ['uses Pod n/pod']],
  ['beside', '/data/k8s-old', []],
  ['below what has not moved', '/data/k8s/minio/x', []],
  ['the root of the node', '/', ['sees Pod n/pod']],
])('a pod that mounts a path %s an old directory', (_, path, users) => {
  expect(found(object('v1', 'Pod', spec(path)))).toEqual(users)
})

test('who only reads from above is told apart, and who only reads the directory itself uses it', () => {
  expect(found(object('v1', 'Pod', spec('/data', { readOnly: true })))).toEqual(['sees Pod n/pod'])
  expect(found(object('v1', 'Pod', spec('/data/k8s', { readOnly: true })))).toEqual(['uses Pod n/pod'])
})

test('a pod of another node uses a directory of its own', () => {
  expect(found(object('v1', 'Pod', spec('/data/k8s', { nodeName: 'node2' })))).toEqual([])
  expect(found(object('v1', 'Pod', spec('/data/k8s', { nodeName: 'node1' })))).toEqual(['uses Pod n/pod'])
})

test('what makes pods counts at 0, suspended, and where it is of a custom kind; what has ended does not', () => {
  const template = { spec: spec('/data/k8s/a') }
  expect(
    found(
      object('apps/v1', 'Deployment', { replicas: 0, template }),
      object('batch/v1', 'CronJob', { suspend: true, jobTemplate: { spec: { template } } }),
      object('argoproj.io/v1alpha1', 'CronWorkflow', {
        suspend: true,
        workflowSpec: { volumes: [{ name: 'disk', hostPath: { path: '/data/k8s/a' } }], templates: [] },
      }),
      object('batch/v1', 'Job', { template }, { status: { conditions: [{ type: 'Complete', status: 'True' }] } }),
      object('v1', 'Pod', spec('/data/k8s/a'), { status: { phase: 'Succeeded' } }),
    ),
  ).toEqual(['uses CronJob n/cronjob', 'uses CronWorkflow n/cronworkflow', 'uses Deployment n/deployment'])
})

test('of a workload and its pods, only the workload is told', () => {
  const template = { spec: spec('/data/k8s') }
  const owner = object('apps/v1', 'DaemonSet', { template })
  const ownerReferences = [
    { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'daemonset', uid: owner.metadata.uid ?? '', controller: true },
  ]
  const pod = object('v1', 'Pod', spec('/data/k8s'), {
    metadata: { name: 'pod', namespace: 'n', uid: 'p', ownerReferences },
  })
  expect(found(pod, owner)).toEqual(['uses DaemonSet n/daemonset'])
})

test('a volume on the directory counts, and one on the file system does not', () => {
  const local = object('v1', 'PersistentVolume', { local: { path: '/data/k8s/disk' } }, {
    metadata: { name: 'disk', namespace: undefined },
  } as object)
  const moved = object('v1', 'PersistentVolume', { csi: { driver: 'd', volumeHandle: '/data/k8s' } })
  expect(found(local, moved)).toEqual(['uses PersistentVolume disk'])
})

test('volumes that have moved say which directories are old, and what has stayed below them', () => {
  const volume = (name: string, annotations: Record<string, string>) =>
    ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name, annotations }, spec: {} }) as PersistentVolume
  expect(
    oldDirectoriesIn([
      volume('a', { 'juicify.dev/moved-from': '/data/k8s/a' }),
      volume('all', { 'juicify.dev/moved-from': '/data/k8s', 'juicify.dev/moved-without': '/data/k8s/minio' }),
      volume('other', { 'juicify.dev/moved-from': '/data/k8s/b', 'juicify.dev/moved-from-nodes': 'node2' }),
      volume('stays', {}),
    ]),
  ).toEqual([
    { directory: '/data/k8s', staying: ['/data/k8s/minio'] },
    { directory: '/data/k8s/b', staying: [], nodes: ['node2'] },
  ])
})
