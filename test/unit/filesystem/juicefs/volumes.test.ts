import { describe, expect, test } from 'vitest'
import type { PersistentVolume } from '../../../../src/domain/volume.ts'
import { juicefs } from '../../../../src/filesystem/juicefs/juicefs.ts'

const DRIVER = 'csi.juicefs.com'
const { volumes } = juicefs.open({
  driver: DRIVER,
  secretRef: { name: 'juicefs-sc-secret', namespace: 'kube-system' },
  volumeAttributes: {},
  mountOptions: ['writeback'],
})

const { handles } = volumes
if (!handles) throw new Error('its volumes have no handles')

function volume(spec: PersistentVolume['spec']): PersistentVolume {
  return { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'data' }, spec }
}

const ofSecret = (name: string, namespace = 'kube-system') =>
  volume({ csi: { driver: DRIVER, volumeHandle: 'x', nodePublishSecretRef: { name, namespace } } })

describe('a volume on JuiceFS', () => {
  test.each([
    [{ mountOptions: ['cache-size=1', 'subdir=/a//b/'] }, 'a/b'],
    [{ mountOptions: ['cache-size=1,subdir=a'] }, 'a'],
    [{ csi: { driver: 'd', volumeHandle: 'h', volumeAttributes: { subPath: 'pvc-1' } } }, 'pvc-1'],
    [{}, ''],
  ])('a volume on JuiceFS says where it is: %j', (spec, subdir) => {
    expect(volumes.subdirOf(volume(spec))).toBe(subdir)
  })

  test('is on the same file system as another only where it has the same Secret', () => {
    expect(volumes.isSame(ofSecret('juicefs-sc-secret'))).toBe(true)
    expect(volumes.isSame(ofSecret('juicefs-sc-secret', 'alice'))).toBe(false)
    expect(volumes.isSame(ofSecret('another'))).toBe(false)
    expect(volumes.holds(ofSecret('another'))).toBe(true)
    expect(volumes.holds(volume({ csi: { driver: 'nfs.csi.k8s.io', volumeHandle: 'x' } }))).toBe(false)
  })

  test('can be shown under another name: the same place, with a handle of its own', () => {
    const there = volume(volumes.sourceFor({ name: 'data', subdir: 'a/b' }))
    expect(volumes.sourceLike(there, 'probe')).toEqual(volumes.sourceFor({ name: 'probe', subdir: 'a/b' }))
  })
})

describe('what JuiceFS can take', () => {
  test.each([
    '',
    'kubeflow/archives',
    'a.b_c-D/9',
    'alice/.config',
    '.config-of-alice',
    '团队/数据',
    'Jup@v1+x',
    'k:1',
    'l%20',
  ])('subdir %j', (subdir) => expect(volumes.subdirProblem(subdir)).toBeUndefined())

  test.each([
    'a b',
    'a,b',
    'a/../b',
    '..',
    '.',
    'a/./b',
    '.trash',
    '.config/x',
    '.stats',
    '.accesslog',
    '.jfs.trash',
    '~',
    'a*',
    'a$b',
    'a;b',
    'a\nb',
    'a"b',
    'a\\b',
    'a=b',
  ])('not subdir %j', (subdir) => expect(volumes.subdirProblem(subdir)).toBeDefined())

  test.each(['data', 'a', 'x'.repeat(63)])('volumeHandle %s', (handle) =>
    expect(handles.problem(handle)).toBeUndefined(),
  )

  test.each(['a.b', 'A', '-a', 'a-', '', 'x'.repeat(64), 'pvc-0f2c1a9e-5b7d-4c8e-9a1b-2c3d4e5f6a7b'])(
    'not volumeHandle %s',
    (handle) => expect(handles.problem(handle)).toBeDefined(),
  )

  test.each(['pvc-0f2c1a9e-5b7d-4c8e-9a1b-2c3d4e5f6a7b', 'my.pv.name', 'n'.repeat(200), '数据', 'A_b'])(
    'gives a volume named %s a handle of its own, always the same, and another at another attempt',
    (name) => {
      const handle = handles.another(name, 0)
      expect(handles.problem(handle)).toBeUndefined()
      expect(handles.another(name, 0)).toBe(handle)
      expect(handles.another(name, 1)).not.toBe(handle)
      expect(handles.problem(handles.another(name, 1))).toBeUndefined()
    },
  )
})
