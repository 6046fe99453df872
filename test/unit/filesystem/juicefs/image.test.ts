import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/domain/object.ts'
import { moverProblem } from '../../../../src/filesystem/juicefs/image.ts'
import { juicefs } from '../../../../src/filesystem/juicefs/juicefs.ts'

const { image, mounts } = juicefs.open({
  driver: 'csi.juicefs.com',
  secretRef: { name: 'team-fs', namespace: 'team' },
  volumeAttributes: {},
  mountOptions: [],
})

function mountPod(namespace: string, containers = [{ name: 'jfs-mount', image: `image-of-${namespace}` }]): KubeObject {
  const labels = { 'app.kubernetes.io/name': 'juicefs-mount', 'volume-id': 'data' }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'juicefs-node1-data', namespace, labels },
    spec: { containers },
  }
}

function daemonSet(namespace: string, env: { name: string; value: string }[] = [], image?: string): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'juicefs-csi-node', namespace, labels: { app: 'juicefs-csi-node' } },
    spec: { template: { spec: { containers: [{ name: 'juicefs-plugin', env, image }] } } },
  }
}

function csiDriver(release?: string): KubeObject {
  const annotations: Record<string, string> = release === undefined ? {} : { 'meta.helm.sh/release-namespace': release }
  return { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: 'csi.juicefs.com', annotations } }
}

function settings(namespace: string, yaml: string): KubeObject {
  const metadata = { name: 'juicefs-csi-driver-config', namespace }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'config.yaml': yaml } }
}

describe('the image that Jobs run as root', () => {
  test('is that of a mount pod in the namespace of the driver’s DaemonSet', () => {
    const sidecar = { name: 'sidecar', image: 'other' }
    const pod = mountPod('kube-system', [sidecar, { name: 'jfs-mount', image: 'juicedata/mount:ce-v1.3.0' }])
    expect(image.of([daemonSet('kube-system'), pod])).toBe('juicedata/mount:ce-v1.3.0')
  })

  test('is the DaemonSet’s setting where no mount pod runs, the community edition’s first', () => {
    const [ce, old] = [
      { name: 'JUICEFS_CE_MOUNT_IMAGE', value: 'ce' },
      { name: 'JUICEFS_MOUNT_IMAGE', value: 'old' },
    ]
    expect(image.of([daemonSet('kube-system', [old, ce])])).toBe('ce')
    expect(image.of([daemonSet('kube-system', [old])])).toBe('old')
    expect(image.of([daemonSet('kube-system')])).toBeUndefined()
  })

  test('is the driver’s own, which has juicefs, where it was installed a minute ago and nothing names another', () => {
    const installed = (image: string) => [daemonSet('kube-system', [], image)]
    for (const own of ['juicedata/juicefs-csi-driver:v0.32.4', 'registry:5000/csi@sha256:0123', 'csi:latest']) {
      expect(image.of(installed(own))).toBe(own)
    }
    const old = installed('juicedata/juicefs-csi-driver:v0.17.1')
    expect(image.of(old)).toBeUndefined()
  })

  test('is the one that the driver’s settings name for every mount pod, where none runs yet', () => {
    const forAll = 'mountPodPatch:\n- ceMountImage: registry/mount:ce-v1.3.1\n'
    const forSome = 'mountPodPatch:\n- ceMountImage: theirs\n  pvcSelector: {matchName: data}\n'
    const env = [{ name: 'JUICEFS_CE_MOUNT_IMAGE', value: 'env' }]
    const installed = daemonSet('kube-system', env)
    expect(image.of([installed, settings('kube-system', forAll)])).toBe('registry/mount:ce-v1.3.1')
    expect(image.of([installed, settings('kube-system', forSome)])).toBe('env')
    expect(image.of([installed, settings('kube-system', '{')])).toBe('env')
    // the Secret's namespace, where the driver is not
    expect(image.of([installed, settings('team', forAll)])).toBe('env')
  })

  test('is too old for the mover where its name says a juicefs before 1.2', () => {
    const old = [
      'juicedata/mount:v1.0.2-4.8.0',
      'hub/juicedata/mount:ce-v1.1.3',
      'juicedata/juicefs-csi-driver:v0.17.1',
    ]
    for (const one of old) expect(moverProblem(one)).toContain('1.2 or later')
    const fits = [
      'juicedata/mount:ce-v1.2.0',
      'mount:ce-v2.0.0',
      'juicedata/mount:ee-5.1.2',
      'hub/tools:1',
      'mount:latest',
    ]
    expect(fits.map(moverProblem)).toEqual(fits.map(() => undefined))
  })

  test('is found where Helm noted the driver’s namespace on the CSIDriver, and beside the Secret', () => {
    expect(image.of([csiDriver('storage'), daemonSet('storage'), mountPod('storage')])).toBe('image-of-storage')
    expect(image.of([csiDriver(), daemonSet('team'), mountPod('team')])).toBe('image-of-team')
  })

  test('is never chosen by a pod of a tenant’s, whatever label it has', () => {
    const tenant = mountPod('alice')
    expect(image.of([tenant])).toBeUndefined()
    expect(image.of([tenant, daemonSet('kube-system')])).toBeUndefined()
    expect(image.of([tenant, daemonSet('kube-system'), mountPod('kube-system')])).toBe('image-of-kube-system')
  })

  test('is never chosen by a DaemonSet of a tenant’s, nor by pods beside it', () => {
    const env = [{ name: 'JUICEFS_CE_MOUNT_IMAGE', value: 'theirs' }]
    const theirs = [daemonSet('alice', env), mountPod('alice')]
    expect(image.of(theirs)).toBeUndefined()
    expect(image.of([...theirs, csiDriver('storage')])).toBeUndefined()
  })

  test('is never chosen by who may write beside the Secret, where the driver is somewhere else', () => {
    expect(image.of([daemonSet('kube-system'), daemonSet('team'), mountPod('team')])).toBeUndefined()
    expect(image.of([mountPod('team')])).toBeUndefined()
  })
})

describe('the mounts of a volume', () => {
  test('are the mount pods of its handle in the driver’s namespace, and nobody else’s', () => {
    const objects = [daemonSet('kube-system'), mountPod('kube-system'), mountPod('alice')]
    const found = mounts.podsOf(new Set(['data']), objects)
    expect(found.map(({ metadata: { namespace } }) => namespace)).toEqual(['kube-system'])
    expect(mounts.podsOf(new Set(['other']), objects)).toEqual([])
  })

  test('have no limit of inodes where JuiceFS says how many are free without one, however full it is', () => {
    const unlimited = [10_485_760, 20_971_520, 10_485_760 * 2 ** 12]
    expect(unlimited.map(mounts.freeInodes)).toEqual(unlimited.map(() => undefined))
    const limited = [0, 1, 1_000_000, 5_242_880, 10_485_759, 10_485_761, 15_728_640]
    expect(limited.map(mounts.freeInodes)).toEqual(limited)
  })
})
