import type { KubeObject } from '../../src/domain/object.ts'

/** A file system that stories are told on. */
export interface StoryFileSystem {
  kind: string
  /** As a migration's `spec.target` has it, in one line of YAML. */
  target: string
  /** The path rules, and names of volumes: what is not one directory cannot go where there are no directories. */
  paths: string
  volumes: string
  /** The CSI driver, where it has one. */
  driver?: string
  /** The Secret, where it takes one. */
  secret?: { namespace: string; name: string }
}

const EVERYWHERE = { paths: '[{from: /data/k8s, to: ""}]', volumes: '["*"]' }

/** What every story has to hold on: each kind, and what its driver is told in different ways. */
export const FILE_SYSTEMS: readonly StoryFileSystem[] = [
  {
    ...EVERYWHERE,
    kind: 'juicefs',
    target: '{secretRef: {name: juicefs-sc-secret, namespace: kube-system}}',
    driver: 'csi.juicefs.com',
    secret: { namespace: 'kube-system', name: 'juicefs-sc-secret' },
  },
  {
    ...EVERYWHERE,
    kind: 'csi, as csi-driver-nfs takes it',
    target:
      '{csi: {driver: nfs.csi.k8s.io, volumeHandle: "10.0.0.9#export#{name}", volumeAttributes: {server: 10.0.0.9, share: /export, subDir: "{subdir}"}}, mountOptions: [nfsvers=4.1]}',
    driver: 'nfs.csi.k8s.io',
  },
  {
    ...EVERYWHERE,
    kind: 'csi, as ceph-csi takes it',
    target:
      '{csi: {driver: cephfs.csi.ceph.com, volumeAttributes: {clusterID: c1, fsName: cephfs, staticVolume: "true", rootPath: "/volumes/cube/{subdir}"}, nodeStageSecretRef: {name: csi-cephfs-secret, namespace: kube-system}}}',
    driver: 'cephfs.csi.ceph.com',
    secret: { namespace: 'kube-system', name: 'csi-cephfs-secret' },
  },
  { ...EVERYWHERE, kind: 'nfs', target: '{nfs: {server: 10.0.0.9, path: /export}, mountOptions: [nfsvers=4.1]}' },
  {
    kind: 'curvefs',
    target: '{driver: csi.curvefs.com, name: workspace, mdsAddr: "10.0.0.21:6700"}',
    paths: '[{from: /data/k8s/kubeflow/pipeline/workspace, to: ""}]',
    volumes: '["*-workspace"]',
    driver: 'csi.curvefs.com',
  },
]

/** Objects of a laboratory with the driver of each of them on every node, and their Secrets. */
export function withFileSystems(objects: KubeObject[]): KubeObject[] {
  const drivers = FILE_SYSTEMS.flatMap(({ driver }) => driver ?? [])
  const there = new Set(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`))
  const added = FILE_SYSTEMS.flatMap(({ driver, secret }): KubeObject[] => [
    ...(driver
      ? [
          {
            apiVersion: 'storage.k8s.io/v1',
            kind: 'CSIDriver',
            metadata: { name: driver },
            spec: { attachRequired: false },
          },
        ]
      : []),
    ...(secret
      ? [{ apiVersion: 'v1', kind: 'Secret', metadata: secret, stringData: { userID: 'u', userKey: 'k' } }]
      : []),
  ])
  return [
    ...objects.map((object) =>
      object.kind === 'CSINode'
        ? {
            ...object,
            spec: { drivers: drivers.map((name) => ({ name, nodeID: object.metadata.name, topologyKeys: null })) },
          }
        : object,
    ),
    ...added.filter(({ kind, metadata }) => !there.has(`${kind} ${metadata.name}`)),
  ]
}

/** The migration of a story. */
export function migrationOnto({ target, paths, volumes }: StoryFileSystem, copy: string): string {
  return `
apiVersion: juicify.dev/v1alpha1
kind: Migration
metadata: {name: story}
spec:
  select: {volumes: ${volumes}}
  paths: ${paths}
  target: ${target}
  source: {nodes: [node1]}
  copy: ${copy}
`
}
