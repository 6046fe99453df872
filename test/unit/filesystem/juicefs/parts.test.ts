import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/domain/object.ts'
import type { PodUse } from '../../../../src/domain/workload.ts'
import { isController, isNodePod } from '../../../../src/filesystem/juicefs/parts.ts'

const daemonSet: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'juicefs-csi-node', namespace: 'kube-system', uid: 'of-the-driver' },
}
const installation = { namespaces: ['kube-system'], daemonSet }
const controller = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'juicefs-csi-node' }
const pod = (namespace: string, uid: string) => ({ namespace, controller: { ...controller, uid } }) as PodUse
const statefulSet = (namespace: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'juicefs-csi-controller', namespace, labels: { app: 'juicefs-csi-controller' } },
})

describe('a part of the driver is in its namespace, and nobody says of his own that it is one:', () => {
  test.each([
    ['its DaemonSet’s', 'kube-system', 'of-the-driver', true],
    ['one of another DaemonSet by that name, which is gone', 'kube-system', 'of-another', false],
    ['a tenant’s, which names the driver’s DaemonSet', 'team', 'of-the-driver', false],
  ])('a pod on a node, %s', (_, namespace, uid, is) => {
    expect(isNodePod(pod(namespace, uid), installation)).toBe(is)
  })

  test.each([
    ['kube-system', true],
    ['team', false],
  ])('a controller in %s', (namespace, is) => {
    expect(isController(statefulSet(namespace), installation)).toBe(is)
  })
})
