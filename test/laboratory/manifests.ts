import type { KubeObject } from '../../src/domain/object.ts'

/**
 * A laboratory in small: two directories of which each is two volumes, in two namespaces, and one workload of every kind
 * that uses them; some were stopped by their owners before anybody thought of a migration.
 */
export function laboratory(): KubeObject[] {
  return [...nodes(), ...juicefs(), ...volumes(), ...workloads()]
}

/** The least that has everything in it that may go wrong: two groups that share a workload, in two namespaces. */
export function smallLaboratory(): KubeObject[] {
  const { workspace, archives } = DIRECTORIES
  return [
    ...nodes(),
    ...juicefs(),
    ...NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...volume('jupyter', 'workspace', workspace),
    ...volume('pipeline', 'workspace', workspace),
    ...volume('pipeline', 'archives', archives, 'Delete'),
    ...volume('jupyter', 'archives', archives),
    controller('apps/v1', 'Deployment', 'web', ['workspace', 'archives'], { replicas: 2 }),
    cronJob('nightly', false),
    notebook('alice'),
  ]
}

export const NAMESPACES = ['jupyter', 'pipeline']

export function nodes(): KubeObject[] {
  return ['node1', 'node2'].flatMap((name) => [
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { 'kubernetes.io/hostname': name } },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    },
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSINode',
      metadata: { name },
      spec: { drivers: [{ name: 'csi.juicefs.com', nodeID: name, topologyKeys: null }] },
    },
  ])
}

export function juicefs(): KubeObject[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } },
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSIDriver',
      metadata: { name: 'csi.juicefs.com' },
      spec: { attachRequired: false, podInfoOnMount: false },
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'juicefs-sc-secret', namespace: 'kube-system' },
      type: 'Opaque',
      stringData: {
        name: 'zj-juicefs',
        metaurl: 'redis://:planted-password@192.0.2.1:6379/1',
        storage: 'minio',
        bucket: 'http://192.0.2.2:9000/data',
        'access-key': 'planted-access',
        'secret-key': 'planted-secret',
      },
    },
  ]
}

const DIRECTORIES = {
  workspace: '/data/k8s/kubeflow/pipeline/workspace',
  archives: '/data/k8s/kubeflow/pipeline/archives',
}

function volumes(): KubeObject[] {
  return NAMESPACES.flatMap((namespace) => [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    ...Object.entries(DIRECTORIES).flatMap(([claim, path]) =>
      // one that Kubernetes would dispose of, were its claim gone for a moment
      volume(namespace, claim, path, namespace === 'pipeline' && claim === 'archives' ? 'Delete' : 'Retain'),
    ),
  ])
}

/** A volume in the form of 2026, bound by name, with its claim. */
export function volume(namespace: string, claim: string, path: string, policy = 'Retain'): KubeObject[] {
  const name = `${namespace}-${claim}`
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, labels: { [`${namespace}-pvname`]: name } },
      spec: {
        capacity: { storage: '500Gi' },
        accessModes: ['ReadWriteMany'],
        persistentVolumeReclaimPolicy: policy,
        storageClassName: '',
        hostPath: { path },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: claim, namespace },
      spec: {
        accessModes: ['ReadWriteMany'],
        resources: { requests: { storage: '500Gi' } },
        storageClassName: '',
        volumeName: name,
      },
    },
  ]
}

export function podSpec(claims: string[], more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    terminationGracePeriodSeconds: 0,
    ...more,
    containers: [
      {
        name: 'main',
        image: 'local/pause:1',
        imagePullPolicy: 'Never',
        volumeMounts: claims.map((claim) => ({ name: claim, mountPath: `/${claim}` })),
      },
    ],
    volumes: claims.map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: claim } })),
  }
}

export function controller(
  apiVersion: string,
  kind: string,
  name: string,
  claims: string[],
  spec: Record<string, unknown>,
): KubeObject {
  const labels = { app: name }
  const selector = kind === 'ReplicationController' ? labels : { matchLabels: labels }
  return {
    apiVersion,
    kind,
    metadata: { name, namespace: 'pipeline', labels },
    spec: { selector, template: { metadata: { labels }, spec: podSpec(claims) }, ...spec },
  }
}

function workloads(): KubeObject[] {
  const { workspace, archives } = { workspace: ['workspace'], archives: ['archives'] }
  return [
    controller('apps/v1', 'Deployment', 'web', [...workspace, ...archives], { replicas: 3 }),
    controller('apps/v1', 'Deployment', 'resting', workspace, { replicas: 0 }),
    controller('apps/v1', 'StatefulSet', 'store', workspace, { replicas: 2, serviceName: 'store' }),
    controller('apps/v1', 'DaemonSet', 'agent', archives, {}),
    controller('apps/v1', 'ReplicaSet', 'plain', archives, { replicas: 1 }),
    controller('v1', 'ReplicationController', 'old', workspace, { replicas: 1 }),
    cronJob('nightly', false),
    cronJob('paused', true),
    {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web', namespace: 'pipeline' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 2,
        maxReplicas: 5,
      },
    },
    notebook('alice'),
    notebook('bob'),
    { ...notebook('carol'), status: { phase: 'Succeeded' } },
  ]
}

export function cronJob(name: string, suspend: boolean, claims = ['archives']): KubeObject {
  return {
    apiVersion: 'batch/v1beta1',
    kind: 'CronJob',
    metadata: { name, namespace: 'pipeline' },
    spec: {
      schedule: '0 3 1 1 *',
      suspend,
      jobTemplate: { spec: { template: { spec: podSpec(claims, { restartPolicy: 'Never' }) } } },
    },
  }
}

/** cube-studio's notebooks: pods without an owner. */
export function notebook(user: string, claims = ['workspace', 'archives']): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `notebook-${user}`, namespace: 'jupyter', labels: { user } },
    spec: podSpec(claims, { restartPolicy: 'Never' }),
  }
}
