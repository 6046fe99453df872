import { expect, test } from 'vitest'
import type { PersistentVolume } from '../../../src/domain/volume.ts'
import { type WrittenVolume, writtenAs } from '../../../src/planner/written-volume.ts'

const THERE = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'a', uid: 'new', annotations: { 'juicify.dev/moved-from': '/data/a', 'pv.kubernetes.io/x': '1' } },
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteMany'],
    volumeMode: 'Filesystem',
    persistentVolumeReclaimPolicy: 'Retain',
    storageClassName: '',
    claimRef: { namespace: 'n', name: 'c', uid: 'claim' },
    mountOptions: ['subdir=a'],
    csi: { driver: 'd', volumeHandle: 'a' },
  },
} satisfies PersistentVolume

const written = (spec: object, metadata: object = {}): WrittenVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'a', ...metadata },
  spec,
})
const annotations = { 'juicify.dev/moved-from': '/data/a' }
const { mountOptions, csi } = THERE.spec

test('what the writer did not write, and the server adds by itself, is not written for him', () => {
  expect(
    writtenAs(written({ capacity: { storage: '1024Mi' }, accessModes: ['ReadWriteMany'], hostPath: {} }), THERE),
  ).toEqual(
    written({ capacity: { storage: '1024Mi' }, accessModes: ['ReadWriteMany'], mountOptions, csi }, { annotations }),
  )
})

test('what says the same already is the same object', () => {
  const same = written(
    { capacity: { storage: '1024Mi' }, accessModes: ['ReadWriteMany'], mountOptions, csi },
    { annotations },
  )
  expect(writtenAs(same, THERE)).toBe(same)
})

test('of a dump, what belongs to the volume that is gone is taken out, and whose claim it is stays', () => {
  const dump = written(
    {
      ...THERE.spec,
      csi: undefined,
      hostPath: { path: '/data/a' },
      claimRef: { ...THERE.spec.claimRef, resourceVersion: '7' },
    },
    {
      uid: 'old',
      resourceVersion: '9',
      labels: { own: 'yes' },
      annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes', mine: 'too' },
    },
  )
  expect(writtenAs(dump, THERE)).toEqual(
    written(THERE.spec, { labels: { own: 'yes' }, annotations: { mine: 'too', ...annotations } }),
  )
})

test('after a rollback the notes of where it came from go again', () => {
  const { mountOptions: _, csi: __, ...spec } = THERE.spec
  const back = { ...THERE, metadata: { name: 'a' }, spec: { ...spec, hostPath: { path: '/data/a' } } }
  const { claimRef: ___, ...without } = back.spec
  expect(writtenAs(written({ csi, mountOptions }, { annotations }), back)).toEqual(
    written({ capacity: without.capacity, accessModes: without.accessModes, hostPath: without.hostPath }),
  )
})
