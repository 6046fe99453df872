import pc from 'picocolors'
import { expect, test } from 'vitest'
import { objectDiff, planDiff, workloadChange } from '../../../src/report/diff.ts'
import { cubePlan, jupyterPlan, plan, workload } from './plans.ts'

const layout = { color: pc.createColors(false) }

test('the diff of a volume shows what a person decides on, and nothing that the server sets', () => {
  const [archives] = jupyterPlan().groups
  expect(planDiff(plan(archives ? [archives] : []), layout)).toBe(`\
# lab (https://lab), Kubernetes v1.20.2
# group archives-3f9a
# PersistentVolumeClaim jupyter/kubeflow-archives: unchanged
--- PersistentVolume/jupyter-kubeflow-archives (before)
+++ PersistentVolume/jupyter-kubeflow-archives (after)
@@ -15,8 +15,18 @@
     name: kubeflow-archives
     namespace: jupyter
     uid: uid-of-kubeflow-archives
-  hostPath:
-    path: /data/k8s/kubeflow/pipeline/archives
-    type: ''
+  csi:
+    driver: csi.juicefs.com
+    fsType: juicefs
+    nodePublishSecretRef:
+      name: juicefs-sc-secret
+      namespace: kube-system
+    volumeAttributes:
+      juicefs/mount-cpu-limit: 5000m
+      juicefs/mount-memory-limit: 5Gi
+    volumeHandle: jupyter-kubeflow-archives
+  mountOptions:
+    - subdir=kubeflow/archives
   persistentVolumeReclaimPolicy: Retain
+  storageClassName: ''
   volumeMode: Filesystem
`)
})

test('a blocked group is named, with the reason, and has no diff', () => {
  const text = planDiff(cubePlan(), layout)
  expect(text).toContain('# group model-01bc is blocked by in-use: pipeline-kubeflow-model-deploy unchanged\n')
  expect(text).not.toContain('+++ PersistentVolume/pipeline-kubeflow-model-deploy')
})

test('a workload that is stopped and started again is one line', () => {
  expect(workloadChange(workload('Deployment', 'pipeline', 'web', { replicas: 3 }))).toBe(
    'Deployment pipeline/web: replicas 3 → 0 → 3',
  )
  expect(workloadChange(workload('Pod', 'jupyter', 'nb'))).toBe('Pod jupyter/nb: deleted, then created again')
  expect(workloadChange(workload('CronJob', 'a', 'b'))).toBe('CronJob a/b: suspend false → true → false')
  expect(workloadChange(workload('Deployment', 'a', 'b', { stopped: true }))).toBe(
    'Deployment a/b: already stopped, stays stopped',
  )
})

test('what never ends by itself is not said to finish', () => {
  expect(workloadChange(workload('VirtualMachine', 'a', 'b', { quiesce: 'refuse' }))).toBe(
    'VirtualMachine a/b: cannot be stopped',
  )
})

const object = (fields: Record<string, unknown>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x' },
  ...fields,
})

test('the order of keys is no difference', () => {
  expect(
    objectDiff(object({ data: { a: '1', b: '2' } }), object({ data: { b: '2', a: '1' } }), 'ConfigMap/x', layout),
  ).toBe('')
})

test('an object that is new is all there, and one that goes is all gone', () => {
  const before = object({ data: { a: '1' } })
  expect(objectDiff(undefined, before, 'ConfigMap/x', layout)).toContain('@@ -0,0 +1,6 @@\n+apiVersion: v1\n')
  expect(objectDiff(before, undefined, 'ConfigMap/x', layout)).toContain('@@ -1,6 +0,0 @@\n-apiVersion: v1\n')
})

test('two wholly different texts of many lines are still compared at once', () => {
  const lines = (letter: string) => Array.from({ length: 5000 }, (_, i) => `${letter}${i}`)
  const text = objectDiff(object({ data: lines('a') }), object({ data: lines('b') }), 'ConfigMap/x', layout)
  expect(text).toContain('@@ -1,5005 +1,5005 @@\n-apiVersion: v1\n')
  expect(text).toContain('\n+  - b4999\n')
})

test('numbers beyond 2^53 are shown as they are', () => {
  const text = objectDiff(
    object({ size: 9007199254740993n }),
    object({ size: 9007199254740995n }),
    'ConfigMap/x',
    layout,
  )
  expect(text).toContain('-size: 9007199254740993\n+size: 9007199254740995\n')
})

test('colour is there when asked for', () => {
  const text = objectDiff(object({ a: 1 }), object({ a: 2 }), 'ConfigMap/x', { color: pc.createColors(true) })
  expect(text).toContain('\u001b[31m-a: 1\u001b[39m\n\u001b[32m+a: 2\u001b[39m\n')
})
