import type { Finding } from '../../../src/domain/finding.ts'
import type { Plan, PlannedGroup, PlannedVolume } from '../../../src/domain/plan.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../../src/domain/volume.ts'
import type { Workload } from '../../../src/domain/workload.ts'
import { fileSystemOf } from '../../../src/filesystem/registry.ts'
import { replacementOf } from '../../../src/planner/replacement.ts'

export const TARGET = {
  driver: 'csi.juicefs.com',
  secretRef: { name: 'juicefs-sc-secret', namespace: 'kube-system' },
  volumeAttributes: { 'juicefs/mount-cpu-limit': '5000m', 'juicefs/mount-memory-limit': '5Gi' },
  mountOptions: [],
}

/** A planned volume as cube-studio has them: one label, hostPath, RWX, the claim bound by name. */
export function plannedVolume(
  namespace: string,
  claimName: string,
  directory: string,
  subdir: string,
  change: { uid?: string; claimUid?: string; name?: string } = {},
): PlannedVolume {
  const name = change.name ?? `${namespace}-${claimName}`
  const claim: PersistentVolumeClaim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: claimName, namespace, uid: change.claimUid ?? `uid-of-${claimName}`, resourceVersion: '11' },
    spec: {
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '500Gi' } },
      storageClassName: '',
      volumeName: name,
    },
    status: { phase: 'Bound' },
  }
  const before: PersistentVolume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name,
      labels: { [`${namespace}-pvname`]: name },
      uid: change.uid ?? `uid-of-${name}`,
      resourceVersion: '7',
      creationTimestamp: '2022-09-28T09:26:16Z',
      finalizers: ['kubernetes.io/pv-protection'],
    },
    spec: {
      capacity: { storage: '500Gi' },
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      volumeMode: 'Filesystem',
      hostPath: { path: directory, type: '' },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace,
        name: claimName,
        uid: claim.metadata.uid,
        resourceVersion: '9',
      },
    },
    status: { phase: 'Bound' },
  }
  return {
    name,
    directory,
    subdir,
    claim,
    before,
    after: replacementOf(before, claim, { subdir }, fileSystemOf(TARGET)),
  }
}

export function group(name: string, volumes: PlannedVolume[], change: Partial<PlannedGroup> = {}): PlannedGroup {
  return {
    name,
    directories: [...new Set(volumes.map((volume) => volume.directory))],
    volumes,
    workloads: [],
    staying: [],
    copies: [],
    steps: ['record', 'retain', 'swap', 'finish'],
    blocked: false,
    ...change,
  }
}

const API_VERSIONS: Record<string, string> = {
  Pod: 'v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
  ScaledObject: 'keda.sh/v1alpha1',
  Notebook: 'kubeflow.org/v1',
}

export function workload(kind: string, namespace: string, name: string, change: Partial<Workload> = {}): Workload {
  return {
    ref: { apiVersion: API_VERSIONS[kind] ?? 'apps/v1', kind, namespace, name, uid: `uid-of-${name}` },
    labels: {},
    claims: [`${namespace}/kubeflow-archives`],
    pods: [`${name}-0`],
    stopped: false,
    quiesce: 'stop',
    writes: [`${namespace}/kubeflow-archives`],
    ...change,
  }
}

const DATA_STAYS: Finding = {
  severity: 'warn',
  code: 'data-stays',
  why: 'The plan copies nothing: what is in the old directories stays there, and the volumes start out with what is on JuiceFS.',
  remedy: 'Copy the directories first, or make sure that they are not needed.',
}

export function plan(groups: PlannedGroup[], change: Partial<Plan> = {}): Plan {
  return {
    apiVersion: 'juicify.dev/v1alpha1',
    kind: 'Plan',
    metadata: { name: 'jupyter' },
    cluster: { uid: '6f1b2c3d-0000-4000-8000-000000000000', version: 'v1.20.2', title: 'lab (https://lab)' },
    migration: {
      name: 'jupyter',
      select: { namespaces: ['jupyter'], volumes: [], exclude: [] },
      paths: [{ from: '/data/k8s', to: '' }],
      target: TARGET,
      source: { nodes: 'auto' },
      copy: { mode: 'none' },
      quiesce: { unfinished: 'refuse', rolling: [] },
    },
    options: { wholeGroups: false, dangerousSplit: false },
    findings: [],
    groups,
    done: [],
    digest: 'sha256:0',
    ...change,
  }
}

const WORKSPACE = '/data/k8s/kubeflow/pipeline/workspace'
const ARCHIVES = '/data/k8s/kubeflow/pipeline/archives'

/** The jupyter namespace of the article that juicify replaces. */
export function jupyterPlan(change: Partial<Plan> = {}): Plan {
  return plan(
    [
      group('archives-3f9a', [plannedVolume('jupyter', 'kubeflow-archives', ARCHIVES, 'kubeflow/archives')]),
      group('workspace-81c0', [
        plannedVolume('jupyter', 'kubeflow-user-workspace', WORKSPACE, 'kubeflow/pipeline/workspace'),
      ]),
    ],
    { findings: [DATA_STAYS], ...change },
  )
}

/** A group with everything that a table can show. */
export function cubePlan(): Plan {
  const namespaces = ['jupyter', 'pipeline', 'service', 'automl']
  const volumes = [
    ...namespaces.map((ns) => plannedVolume(ns, 'kubeflow-user-workspace', WORKSPACE, 'kubeflow/pipeline/workspace')),
    ...namespaces.map((ns) => plannedVolume(ns, 'kubeflow-archives', ARCHIVES, 'kubeflow/pipeline/archives')),
    plannedVolume('infra', 'infra-kubeflow', '/data/k8s/kubeflow', 'kubeflow', { name: 'infra-kubeflow' }),
  ]
  const findings: Finding[] = [
    {
      severity: 'warn',
      code: 'excluded-below',
      group: 'kubeflow-77aa',
      object: { apiVersion: 'v1', kind: 'PersistentVolume', name: 'kubeflow-minio-pv' },
      why: 'It is excluded and lies below infra-kubeflow, whose users will not see /data/k8s/kubeflow/minio there any more.',
      remedy: 'Make sure that nobody reads MinIO’s files through infra-kubeflow.',
    },
    {
      severity: 'block',
      code: 'in-use',
      group: 'model-01bc',
      object: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'pipeline', name: 'kubeflow-model-deploy' },
      why: 'The pods train-1 and train-2 use it.',
      remedy: 'Wait until they are finished, or stop them.',
    },
    DATA_STAYS,
  ]
  return plan(
    [
      group('kubeflow-77aa', volumes, {
        directories: ['/data/k8s/kubeflow'],
        staying: ['/data/k8s/kubeflow/minio'],
        steps: ['record', 'retain', 'stop', 'swap', 'start', 'finish'],
        workloads: [
          workload('Deployment', 'infra', 'kubeflow-dashboard', { pods: ['a', 'b', 'c'], replicas: 3 }),
          workload('Pod', 'jupyter', 'notebook-zhangsan', { user: '张三' }),
          workload('Deployment', 'service', 'old-model', { pods: [], stopped: true }),
        ],
      }),
      group('model-01bc', [plannedVolume('pipeline', 'kubeflow-model-deploy', '/mnt/ceph_fuse/meiyangchen', 'model')], {
        blocked: true,
      }),
    ],
    { metadata: { name: 'cube-studio' }, findings, done: ['jupyter-old'] },
  )
}
