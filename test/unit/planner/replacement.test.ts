import { load } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import type { PersistentVolume } from '../../../src/domain/volume.ts'
import { fileSystemOf } from '../../../src/filesystem/registry.ts'
import { makePlan } from '../../../src/planner/plan.ts'
import { boundTo, replacementOf } from '../../../src/planner/replacement.ts'
import { migration, surveyOfFixture } from './cluster.ts'

// Written by hand after the article that juicify replaces; do not make it from the code.
const BY_HAND = `
apiVersion: v1
kind: PersistentVolume
metadata:
  name: jupyter-kubeflow-archives
  labels:
    jupyter-pvname: jupyter-kubeflow-archives
spec:
  capacity:
    storage: 500Gi
  volumeMode: Filesystem
  accessModes:
    - ReadWriteMany
  persistentVolumeReclaimPolicy: Retain
  claimRef:
    apiVersion: v1
    kind: PersistentVolumeClaim
    name: kubeflow-archives
    namespace: jupyter
  csi:
    driver: csi.juicefs.com
    volumeHandle: jupyter-kubeflow-archives
    fsType: juicefs
    nodePublishSecretRef:
      name: juicefs-sc-secret
      namespace: kube-system
    volumeAttributes:
      juicefs/mount-cpu-limit: 5000m
      juicefs/mount-memory-limit: 5Gi
      juicefs/mount-cpu-request: 1m
      juicefs/mount-memory-request: 1Mi
  mountOptions:
    - subdir=kubeflow/archives
`

const fileSystem = fileSystemOf(migration('jupyter').target)

function hostPathVolume(changes: Partial<PersistentVolume['spec']> = {}): PersistentVolume {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'data' },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteMany'], hostPath: { path: '/data' }, ...changes },
  }
}

describe('the replacement of a volume', () => {
  test.each(['jupyter', 'cube-studio-2022', 'cube-studio-2026'])(
    "of jupyter's archives is the manifest written by hand, the class and the claim's uid apart (%s)",
    (fixture) => {
      const plan = makePlan(surveyOfFixture(fixture), migration('jupyter'), {
        wholeGroups: false,
        dangerousSplit: false,
      })
      const volume = plan.groups
        .flatMap(({ volumes }) => volumes)
        .find(({ name }) => name === 'jupyter-kubeflow-archives')
      const { storageClassName, claimRef, ...spec } = volume?.after.spec ?? {}
      const { uid, ...ref } = claimRef ?? {}
      const { annotations, ...metadata } = volume?.after.metadata ?? {}
      expect({ ...volume?.after, metadata, spec: { ...spec, claimRef: ref } }).toEqual(load(BY_HAND))
      // where it came from, for volumes that come to that directory later
      expect(annotations).toEqual({ 'juicify.dev/moved-from': '/data/k8s/kubeflow/pipeline/archives' })
      expect(storageClassName).toBe('')
      expect(uid).toBe('uid-PersistentVolumeClaim-jupyter-kubeflow-archives')
    },
  )

  test("keeps what a person wrote on it, and nothing of a controller's or of kubectl's", () => {
    const pv = hostPathVolume()
    pv.metadata = {
      name: 'data',
      uid: 'u',
      resourceVersion: '7',
      creationTimestamp: '2022-09-28T09:26:16Z',
      finalizers: ['kubernetes.io/pv-protection'],
      labels: { team: 'vision' },
      annotations: {
        'example.com/owner': 'lin',
        'pv.kubernetes.io/bound-by-controller': 'yes',
        'pv.kubernetes.io/provisioned-by': 'example.com/local',
        'volume.beta.kubernetes.io/storage-class': 'slow',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
      },
    }
    const { metadata, status } = replacementOf(pv, undefined, { subdir: 'x' }, fileSystem)
    expect(metadata).toEqual({ name: 'data', labels: { team: 'vision' }, annotations: { 'example.com/owner': 'lin' } })
    expect(status).toBeUndefined()
  })

  test('is for any node, is Retained, keeps its class, and drops what only a disk understands', () => {
    const pv = hostPathVolume({
      hostPath: undefined,
      local: { path: '/mnt/disk1' },
      storageClassName: 'local-minio',
      persistentVolumeReclaimPolicy: 'Delete',
      mountOptions: ['noatime'],
      nodeAffinity: { required: { nodeSelectorTerms: [] } },
    })
    const { spec } = replacementOf(pv, undefined, { subdir: '' }, fileSystem)
    expect(Object.keys(spec).sort()).toEqual(
      ['accessModes', 'capacity', 'csi', 'persistentVolumeReclaimPolicy', 'storageClassName', 'volumeMode'].sort(),
    )
    expect(spec).toMatchObject({ persistentVolumeReclaimPolicy: 'Retain', storageClassName: 'local-minio' })
  })

  test("has the claim's access modes, not the volume's", () => {
    const pv = hostPathVolume({ accessModes: ['ReadWriteMany', 'ReadOnlyMany'] })
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim' as const,
      metadata: { name: 'c', namespace: 'n', uid: 'u' },
      spec: { accessModes: ['ReadOnlyMany'] },
    }
    expect(replacementOf(pv, claim, { subdir: 'x' }, fileSystem).spec).toMatchObject({
      accessModes: ['ReadOnlyMany'],
      claimRef: { namespace: 'n', name: 'c', uid: 'u' },
    })
  })

  test('of a volume that was put on JuiceFS by hand differs from it in the uid it lacked only', () => {
    const byHand = load(BY_HAND) as PersistentVolume
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim' as const,
      metadata: { name: 'kubeflow-archives', namespace: 'jupyter', uid: 'u' },
      spec: {},
    }
    expect(boundTo(byHand, claim)).toEqual({
      ...byHand,
      spec: { ...byHand.spec, storageClassName: '', claimRef: { ...byHand.spec.claimRef, uid: 'u' } },
    })
  })
})
