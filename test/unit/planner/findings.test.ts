import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FINDING_CODES, type Finding, type FindingCode, type Severity } from '../../../src/domain/finding.ts'
import type { Migration } from '../../../src/domain/migration.ts'
import { type KubeObject, refOf } from '../../../src/domain/object.ts'
import {
  copyKey,
  type Measured,
  type MeasuredNode,
  type Place,
  type Plan,
  type PlanOptions,
} from '../../../src/domain/plan.ts'
import type { Survey } from '../../../src/domain/survey.ts'
import type { PodUse } from '../../../src/domain/workload.ts'
import { makePlan } from '../../../src/planner/plan.ts'
import { said } from '../../../src/words/finding.ts'
import { clusterWith, podWith, teamMigration, volume } from './cluster.ts'

interface Case {
  title: string
  code: FindingCode
  severity: Severity
  /** What it is said of, as `Kind name`; of the cluster, where absent. */
  object?: string
  /** Words that must be in it. */
  says?: string[]
  survey: Survey
  migration?: Partial<Migration>
  options?: Partial<PlanOptions>
  /** What each directory holds, and its place. */
  measured?: Measured
}

const data = volume('data', '/data/team')
const select = (changes: Partial<Migration['select']>) => ({
  select: { namespaces: ['team'], volumes: [], exclude: [], ...changes },
})
const onJuiceFS = (name: string, subdir: string, claimRef?: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteMany'],
    csi: {
      driver: 'csi.juicefs.com',
      volumeHandle: name,
      nodePublishSecretRef: { name: 'juicefs-sc-secret', namespace: 'kube-system' },
    },
    mountOptions: [`subdir=${subdir}`],
    ...(claimRef ? { claimRef } : {}),
  },
  status: { phase: claimRef ? 'Available' : 'Bound' },
})
const nfsTarget = (volumeHandle: string) => ({
  kind: 'csi',
  csi: { driver: 'nfs.csi.k8s.io', volumeHandle, volumeAttributes: { server: 's', share: '/e', subDir: '{subdir}' } },
  mountOptions: [],
})
const limited = { ...teamMigration({}).target, quota: 'capacity' }
const onNfs = (name: string, volumeHandle: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteMany'],
    csi: { driver: 'nfs.csi.k8s.io', volumeHandle, volumeAttributes: { server: 's', share: '/other' } },
  },
  status: { phase: 'Bound' },
})
/** The same cluster with csi-driver-nfs on every node. */
const withNfs = (...objects: (KubeObject | KubeObject[])[]): Survey => {
  const survey = clusterWith(...objects)
  const csiNodes = survey.csiNodes.map((node) => ({
    ...node,
    spec: { drivers: [{ name: 'nfs.csi.k8s.io', nodeID: node.metadata.name }] },
  }))
  return { ...survey, csiNodes }
}
const movedFrom = (directory: string, pv: KubeObject): KubeObject => ({
  ...pv,
  metadata: { ...pv.metadata, annotations: { 'juicify.dev/moved-from': directory } },
})
const volumeOf = (name: string, node: string): KubeObject[] =>
  volume(name, '/data/vol1', {
    spec: {
      hostPath: undefined,
      local: { path: '/data/vol1' },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
          ],
        },
      },
    },
  })
const deployment = (
  name: string,
  claim: string,
  changes: { spec?: object; metadata?: object; pod?: object } = {},
): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'team', ...changes.metadata },
  spec: {
    replicas: 1,
    template: { metadata: { labels: { app: name } }, spec: { ...(podWith(claim).spec as object), ...changes.pod } },
    ...changes.spec,
  },
})
const workflow: KubeObject = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  metadata: { name: 'train', namespace: 'team', uid: 'uid-train' },
  status: { phase: 'Running' },
}
const ownedBy = ({ apiVersion, kind, metadata: { name, uid = '' } }: KubeObject) => ({
  metadata: { name: 'owned', namespace: 'team', ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] },
})
const ownerOf = (owner: KubeObject) => ({ ownerReferences: ownedBy(owner).metadata.ownerReferences })
const notebookPod: KubeObject = podWith('data', {
  metadata: { name: 'notebook', namespace: 'team', uid: 'uid-notebook' },
})
const neighbour: KubeObject = deployment('web', 'other', { metadata: { uid: 'uid-web' } })
const operated: KubeObject = { ...workflow, apiVersion: 'example.com/v1', kind: 'Thing' }
const stream: KubeObject = {
  apiVersion: 'sparkoperator.k8s.io/v1beta2',
  kind: 'SparkApplication',
  metadata: { name: 'stream', namespace: 'team', uid: 'uid-stream' },
  spec: { restartPolicy: { type: 'Always' } },
}
/** One whose controller deletes its claims when it is scaled down. */
const claimsGo = (metadata: object = {}): KubeObject => ({
  ...deployment('db', 'data', {
    metadata,
    spec: {
      volumeClaimTemplates: [{ metadata: { name: 'own' } }],
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' },
    },
  }),
  kind: 'StatefulSet',
})
/** What an owner has made, whom its scale subresource scales. */
const ownedAndScaled = (owner: KubeObject, owned: KubeObject): Survey => {
  const survey = clusterWith(data, owned)
  return { ...survey, controllers: [...survey.controllers, owner], scales: [{ ref: refOf(owner), replicas: 1 }] }
}
const withoutKind = (survey: Survey, list: 'csiDrivers' | 'csiNodes'): Survey => ({ ...survey, [list]: [] })
const withoutSecret = ({ secret: _, ...survey }: Survey): Survey => survey
const withSecret = (keys: string[], endpoints: NonNullable<Survey['secret']>['endpoints'] = []): Survey => ({
  ...clusterWith(data),
  secret: { namespace: 'kube-system', name: 'juicefs-sc-secret', keys, endpoints },
})
/** As a server has it where a person made it, and another scaled it later. */
const scaledLastBy = (manager: string) => ({
  metadata: {
    managedFields: [
      { manager, operation: 'Update', time: '2026-11-26T10:00:00Z', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
      {
        manager: 'kubectl-client-side-apply',
        operation: 'Update',
        time: '2026-11-25T10:00:00Z',
        fieldsV1: { 'f:spec': { 'f:replicas': {}, 'f:template': {} } },
      },
    ],
  },
})
const onlyOnce = volume('data', '/data/team', {
  spec: { accessModes: ['ReadWriteOnce'] },
  claim: { spec: { accessModes: ['ReadWriteOnce'] } },
})
/** The cluster, with another spec of the driver's CSIDriver. */
const withDriver = (spec: object, ...objects: Parameters<typeof clusterWith>): Survey => {
  const survey = clusterWith(...objects)
  return {
    ...survey,
    csiDrivers: survey.csiDrivers.map((driver) => ({ ...driver, spec: { attachRequired: false, ...spec } })),
  }
}
/** A Deployment that mounts the claim in a certain way. */
const mountingBy = (how: object): KubeObject => {
  const web = deployment('web', 'data')
  const { template } = web.spec as { template: { spec: { containers: { volumeMounts: object[] }[] } } }
  for (const container of template.spec.containers)
    container.volumeMounts = container.volumeMounts.map((mount) => ({ ...mount, ...how }))
  return web
}
/** The same number of volumes on each node. */
const withLimit = (count: number, ...objects: Parameters<typeof clusterWith>): Survey => {
  const survey = clusterWith(...objects)
  const limited = (node: KubeObject): KubeObject => ({
    ...node,
    spec: { drivers: [{ name: 'csi.juicefs.com', nodeID: 'n', topologyKeys: null, allocatable: { count } }] },
  })
  return { ...survey, csiNodes: survey.csiNodes.map(limited) }
}
const withoutImage = ({ image: _, ...survey }: Survey): Survey => survey
/** The cluster, with its driver's pods changed. */
const withDriverPods = (change: (pod: PodUse) => PodUse): Survey => {
  const survey = clusterWith(data)
  const pods = survey.pods.map((pod) => (pod.controller?.kind === 'DaemonSet' ? change(pod) : pod))
  return { ...survey, pods }
}
const withoutDriverOnNode2 = (...objects: KubeObject[]): Survey => {
  const survey = clusterWith(data, ...objects)
  const nodes = survey.nodes.map((node) =>
    node.metadata.name === 'node2'
      ? { ...node, metadata: { ...node.metadata, labels: { ...node.metadata.labels, gpu: 'true' } } }
      : node,
  )
  return { ...survey, nodes, csiNodes: survey.csiNodes.slice(0, 1) }
}
const plugin = (container: object) => ({
  template: { spec: { containers: [{ name: 'juicefs-plugin', ...container }] } },
})
/** The cluster, with another container of the driver in its DaemonSet. */
const withDriverContainer = (container: object): Survey => {
  const survey = clusterWith(data)
  const controllers = survey.controllers.map((object) =>
    object.metadata.name === 'juicefs-csi-node' ? { ...object, spec: plugin(container) } : object,
  )
  return { ...survey, controllers }
}
const webhook: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'juicefs-csi-controller', namespace: 'kube-system', labels: { app: 'juicefs-csi-controller' } },
  spec: { replicas: 1, ...plugin({ image: 'juicedata/juicefs-csi-driver:v0.32.0', args: ['--webhook=true'] }) },
}
const withSettings = (yaml: string): Survey => {
  const metadata = { name: 'juicefs-csi-driver-config', namespace: 'kube-system' }
  return {
    ...clusterWith(data),
    driverSettings: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'config.yaml': yaml } }],
  }
}
const settings = (unfinished: Migration['quiesce']['unfinished'], rolling: Migration['quiesce']['rolling'] = []) => ({
  quiesce: { unfinished, rolling },
})

const copying: Partial<Migration> = { copy: { mode: 'copy', image: 'mount' }, source: { nodes: ['node1'] } }
const merging: Partial<Migration> = {
  copy: { mode: 'copy', mover: 'rsync', image: 'tools' },
  source: { nodes: ['node1', 'node2'] },
}
const holding = (changes: Partial<MeasuredNode> = {}): MeasuredNode => ({
  node: 'node1',
  files: 90,
  directories: 10,
  links: 0,
  bytes: 1e9,
  space: 2 ** 30,
  left: { count: 0, examples: [] },
  ...changes,
})
const measuredAs = (place: Partial<Place>, ...nodes: MeasuredNode[]): Measured => ({
  at: '2026-11-23T10:00:00.000Z',
  nodes: nodes.length > 0 ? nodes : [holding()],
  place: { state: 'absent', entries: 0, space: 0, examples: [], freeBytes: 2 ** 40, ...place },
})

const cordoned = (survey: Survey): Survey => ({
  ...survey,
  nodes: survey.nodes.map((node) => ({ ...node, spec: { unschedulable: true } })),
})
const withNode2Away = (survey: Survey): Survey => ({
  ...survey,
  nodes: survey.nodes.map((node) => (node.metadata.name === 'node2' ? { ...node, status: { conditions: [] } } : node)),
})
const boundTo = (node: string) => {
  const terms = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }]
  return { spec: { nodeAffinity: { required: { nodeSelectorTerms: terms } } } }
}

const CASES: Case[] = [
  {
    title: 'the Secret may not be read',
    code: 'secret-unread',
    severity: 'warn',
    object: 'Secret juicefs-sc-secret',
    says: ['Such a plan cannot be applied'],
    survey: {
      ...withoutSecret(clusterWith(data)),
      unread: [
        {
          part: 'secret',
          object: { apiVersion: 'v1', kind: 'Secret', namespace: 'kube-system', name: 'juicefs-sc-secret' },
        },
      ],
    },
  },
  {
    title: 'the records may not be read',
    code: 'unread',
    severity: 'warn',
    object: 'Namespace juicify',
    says: ['a group of this plan may be in progress'],
    survey: {
      ...clusterWith(data),
      unread: [{ part: 'records', object: { apiVersion: 'v1', kind: 'Namespace', name: 'juicify' } }],
    },
  },
  {
    title: 'a Secret to pull the image with is not in juicify’s namespace',
    code: 'missing-for-pods',
    severity: 'block',
    object: 'Secret hubsecret',
    says: ['kubectl create secret docker-registry hubsecret -n juicify'],
    survey: {
      ...clusterWith(data),
      missingForPods: [{ apiVersion: 'v1', kind: 'Secret', namespace: 'juicify', name: 'hubsecret' }],
    },
  },
  {
    title: 'others have been given rights in juicify’s namespace',
    code: 'namespace-shared',
    severity: 'block',
    object: 'RoleBinding dev',
    says: ['Group dev', 'ClusterRole edit', '--trust-namespace'],
    survey: {
      ...clusterWith(data),
      grants: [
        {
          binding: {
            apiVersion: 'rbac.authorization.k8s.io/v1',
            kind: 'RoleBinding',
            namespace: 'juicify',
            name: 'dev',
          },
          role: 'ClusterRole edit',
          subjects: ['Group dev'],
        },
      ],
    },
  },
  {
    title: 'no rule covers the directory',
    code: 'no-path-rule',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['/mnt/team'],
    survey: clusterWith(volume('data', '/mnt/team')),
  },
  {
    title: 'a part of a group',
    code: 'partial-group',
    severity: 'block',
    says: ['other', '--whole-groups'],
    survey: clusterWith(data, volume('other', '/data/team')),
    migration: select({ volumes: ['data'] }),
  },
  {
    title: 'a part of a group, and the rest keeps a database',
    code: 'partial-group',
    severity: 'block',
    says: ['Exclude db (spec.select.exclude): Deployment team/db runs MySQL on it'],
    survey: clusterWith(
      data,
      volume('db', '/data/team/mysql'),
      deployment('db', 'db', { pod: { containers: [{ name: 'c', image: 'mysql:5.7' }] } }),
    ),
    migration: select({ volumes: ['data'] }),
  },
  {
    title: 'a part of a group, split on purpose',
    code: 'partial-group',
    severity: 'warn',
    says: ['no longer see'],
    survey: clusterWith(data, volume('other', '/data/team/x')),
    migration: select({ volumes: ['data'] }),
    options: { dangerousSplit: true },
  },
  {
    title: 'what the migration excludes',
    code: 'excluded',
    severity: 'note',
    object: 'PersistentVolume other',
    says: ['/data/other'],
    survey: clusterWith(data, volume('other', '/data/other')),
    migration: select({ exclude: ['other'] }),
  },
  {
    title: 'excluded below what moves',
    code: 'excluded-below',
    severity: 'warn',
    object: 'PersistentVolume minio',
    says: ['/data/team/minio', 'data'],
    survey: clusterWith(data, volume('minio', '/data/team/minio')),
    migration: select({ exclude: ['minio'] }),
  },
  {
    title: 'excluded with the same directory',
    code: 'excluded-shares',
    severity: 'block',
    object: 'PersistentVolume other',
    survey: clusterWith(data, volume('other', '/data/team/')),
    migration: select({ exclude: ['other'] }),
  },
  {
    title: 'excluded above what moves',
    code: 'excluded-shares',
    severity: 'block',
    object: 'PersistentVolume parent',
    survey: clusterWith(data, volume('parent', '/data')),
    migration: select({ exclude: ['parent'] }),
    options: { dangerousSplit: true },
  },
  {
    title: 'two directories to one subdir',
    code: 'subdir-collision',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['other'],
    survey: clusterWith(data, volume('other', '/mnt/team')),
    migration: {
      paths: [
        { from: '/data', to: '' },
        { from: '/mnt', to: '' },
      ],
    },
  },
  {
    title: 'the same directory of two nodes, and a rule that tells the nodes apart as the way out',
    code: 'subdir-collision',
    severity: 'block',
    object: 'PersistentVolume vol-a',
    says: ['{from: /data/vol1, to: "vol1/{node}"}', '{volume: vol-a, to: …}'],
    survey: clusterWith(volumeOf('vol-a', 'node1'), volumeOf('vol-b', 'node2')),
  },
  {
    title: 'a rule that asks for the node of a volume that may be on any',
    code: 'no-path-rule',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['{node}', '{volume: data, to: …}'],
    survey: clusterWith(data),
    migration: { paths: [{ from: '/data', to: '{node}' }], source: { nodes: 'auto' } },
  },
  {
    title: 'strangers whose subdirs nest',
    code: 'subdir-collision',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['other'],
    survey: clusterWith(data, volume('other', '/mnt/x')),
    migration: {
      paths: [
        { from: '/data', to: '' },
        { from: '/mnt', to: 'team' },
      ],
    },
  },
  {
    title: 'nested directories whose subdirs do not',
    code: 'relation-lost',
    severity: 'block',
    object: 'PersistentVolume child',
    says: ['data'],
    survey: clusterWith(data, volume('child', '/data/team/child')),
    migration: {
      paths: [
        { from: '/data', to: '' },
        { from: '/data/team/child', to: 'elsewhere' },
      ],
    },
  },
  {
    title: 'nested directories whose subdirs are nested, and at another place',
    code: 'relation-lost',
    severity: 'block',
    object: 'PersistentVolume child',
    says: ['team/child'],
    survey: clusterWith(data, volume('child', '/data/team/deep/child')),
    migration: {
      paths: [
        { from: '/data', to: '' },
        { from: '/data/team/deep/child', to: 'team/child' },
      ],
    },
  },
  {
    title: 'a subdir that JuiceFS cannot take',
    code: 'subdir-invalid',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['our team'],
    survey: clusterWith(volume('data', '/data/our team')),
  },
  ...['.juicify-x/y', '.trash'].map(
    (to): Case => ({
      title: `the subdir ${to}, which is not for people`,
      code: 'subdir-invalid',
      severity: 'block',
      object: 'PersistentVolume data',
      says: [to],
      survey: clusterWith(volume('data', '/data/team')),
      migration: { paths: [{ from: '/data/team', to }] },
    }),
  ),
  {
    title: 'a subdir that another volume has',
    code: 'subdir-in-use',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['web'],
    survey: clusterWith(data, onJuiceFS('web', 'team')),
  },
  {
    title: 'a subdir above that of another volume',
    code: 'subdir-in-use',
    severity: 'block',
    object: 'PersistentVolume data',
    survey: clusterWith(data, onJuiceFS('web', 'team/web')),
  },
  {
    title: 'a subdir above that of another volume, where a third one is the root',
    code: 'subdir-in-use',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['web'],
    survey: clusterWith(data, onJuiceFS('all', ''), onJuiceFS('web', 'team/web')),
  },
  {
    title: 'the subdir of the half that was moved before',
    code: 'subdir-in-use',
    severity: 'warn',
    object: 'PersistentVolume data',
    survey: clusterWith(data, onJuiceFS('web', 'team')),
    options: { dangerousSplit: true },
  },
  {
    title: 'the subdir of another volume, where data would be copied to it, whatever may be split',
    code: 'subdir-in-use',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['would overwrite'],
    survey: clusterWith(data, onJuiceFS('web', 'team')),
    options: { dangerousSplit: true },
    migration: copying,
  },
  {
    title: 'a subdir below a volume at the root, where data would be copied over what is there',
    code: 'subdir-in-use',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['Remove --into-existing'],
    survey: clusterWith(data, onJuiceFS('all', '')),
    migration: { ...copying, copy: { mode: 'copy', image: 'mount', intoExisting: true } },
  },
  {
    title: 'a subdir below a volume at the root',
    code: 'subdir-in-use',
    severity: 'warn',
    object: 'PersistentVolume data',
    survey: clusterWith(data, onJuiceFS('all', '')),
    migration: copying,
  },
  {
    title: 'a directory that has moved already',
    code: 'joins',
    severity: 'note',
    says: ['was already migrated to team, with web', '--bring-missing'],
    survey: clusterWith(data, movedFrom('/data/team', onJuiceFS('web', 'team'))),
    migration: copying,
  },
  {
    title: 'a directory that has moved already, where nothing can compare it with its place',
    code: 'joins',
    severity: 'warn',
    says: ['is not compared'],
    survey: clusterWith(data, movedFrom('/data/team', onJuiceFS('web', 'team'))),
  },
  {
    title: 'a directory below which one has moved, and to which another one has come as well',
    code: 'subdir-in-use',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['web'],
    survey: clusterWith(data, movedFrom('/data/team/web', onJuiceFS('web', 'team/web'))),
    migration: copying,
  },
  {
    title: 'a name that cannot be a volumeHandle',
    code: 'volume-handle-invalid',
    severity: 'note',
    object: 'PersistentVolume a.b',
    says: ['Its volumeHandle will be a-b-'],
    survey: clusterWith(volume('a.b', '/data/team')),
  },
  {
    title: 'a volume whose name is the handle of another one',
    code: 'volume-handle-invalid',
    severity: 'note',
    object: 'PersistentVolume data',
    says: ['another volume uses it'],
    survey: clusterWith(data, [{ ...onJuiceFS('web', 'web'), spec: { ...(onJuiceFS('data', 'web').spec as object) } }]),
  },
  {
    title: 'two volumes of which a template makes one handle',
    code: 'csi-template',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['other'],
    survey: withNfs(data, [onNfs('other', 'team-data')]),
    migration: { target: nfsTarget('{namespace}-{claim}') },
  },
  {
    title: 'a template that names a claim, and a volume without one',
    code: 'csi-template',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['{claim}'],
    survey: withNfs(volume('data', '/data/team', { claim: null })),
    migration: { ...select({ namespaces: [], volumes: ['data'] }), target: nfsTarget('{name}-{claim}') },
  },
  {
    title: 'reclaim policy Delete',
    code: 'reclaim-policy',
    severity: 'warn',
    object: 'PersistentVolume data',
    says: ['Delete'],
    survey: clusterWith(volume('data', '/data/team', { spec: { persistentVolumeReclaimPolicy: 'Delete' } })),
  },
  {
    title: 'reclaim policy Recycle',
    code: 'reclaim-policy',
    severity: 'warn',
    object: 'PersistentVolume data',
    says: ['Recycle'],
    survey: clusterWith(volume('data', '/data/team', { spec: { persistentVolumeReclaimPolicy: 'Recycle' } })),
  },
  {
    title: 'no claim',
    code: 'unclaimed',
    severity: 'note',
    object: 'PersistentVolume data',
    survey: clusterWith(volume('data', '/data/team', { claim: null })),
    migration: select({ namespaces: [] }),
  },
  {
    title: 'a volume that is reserved for a claim to come',
    code: 'unclaimed',
    severity: 'note',
    object: 'PersistentVolume data',
    says: ['reserved for the claim team/later', 'so is the replacement'],
    survey: clusterWith(
      volume('data', '/data/team', { spec: { claimRef: { namespace: 'team', name: 'later' } }, claim: null }),
    ),
    migration: select({ namespaces: [] }),
  },
  {
    title: 'a claim that waits',
    code: 'claim-not-bound',
    severity: 'block',
    object: 'PersistentVolumeClaim data',
    says: ['Pending'],
    survey: clusterWith(
      volume('data', '/data/team', {
        spec: { claimRef: { namespace: 'team', name: 'data' } },
        claim: { status: { phase: 'Pending' } },
      }),
    ),
  },
  {
    title: 'a claim that is not there',
    code: 'claim-missing',
    severity: 'block',
    object: 'PersistentVolumeClaim data',
    survey: clusterWith(
      volume('data', '/data/team', {
        spec: { claimRef: { namespace: 'team', name: 'data', uid: 'gone' } },
        status: { phase: 'Bound' },
        claim: null,
      }),
    ),
  },
  {
    title: "another claim under the bound one's name",
    code: 'claim-missing',
    severity: 'block',
    object: 'PersistentVolumeClaim data',
    says: ['another claim'],
    survey: clusterWith(
      volume('data', '/data/team', {
        spec: { claimRef: { namespace: 'team', name: 'data', uid: 'old' } },
        claim: { status: { phase: 'Pending' } },
      }),
    ),
  },
  {
    title: 'a Lost claim with nothing left of its volume',
    code: 'claim-lost',
    severity: 'block',
    object: 'PersistentVolumeClaim data',
    says: ['PersistentVolume data no longer exists'],
    survey: clusterWith(volume('data', '/data/team', { claim: { status: { phase: 'Lost' } } }).slice(1)),
  },
  {
    title: 'a Lost claim whose volume was made again by hand',
    code: 'claim-lost',
    severity: 'note',
    object: 'PersistentVolumeClaim data',
    says: ['uid'],
    survey: clusterWith(
      onJuiceFS('data', 'team', { namespace: 'team', name: 'data' }),
      volume('data', '', { claim: { status: { phase: 'Lost' } } }).slice(1),
    ),
  },
  {
    title: 'a claim that is being deleted',
    code: 'claim-deleting',
    severity: 'block',
    object: 'PersistentVolumeClaim data',
    survey: clusterWith(
      volume('data', '/data/team', { claim: { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } } }),
    ),
  },
  {
    title: 'a selected volume that is on no disk',
    code: 'not-on-a-disk',
    severity: 'note',
    says: ['share (nfs)', 'is not migrated'],
    survey: clusterWith(volume('share', '', { spec: { hostPath: undefined, nfs: { server: 'nfs', path: '/team' } } })),
  },
  {
    title: 'a selected volume of another CSI driver',
    code: 'not-on-a-disk',
    severity: 'note',
    says: ['share (csi nfs.csi.k8s.io)'],
    survey: clusterWith(
      volume('share', '', { spec: { hostPath: undefined, csi: { driver: 'nfs.csi.k8s.io', volumeHandle: 'share' } } }),
    ),
  },
  {
    title: 'a volume that was Released',
    code: 'volume-released',
    severity: 'warn',
    object: 'PersistentVolume data',
    says: ['team/data'],
    survey: clusterWith(
      volume('data', '/data/team', {
        spec: { claimRef: { namespace: 'team', name: 'data', uid: 'gone' } },
        status: { phase: 'Released' },
        claim: null,
      }),
    ),
  },
  {
    title: 'a volume that was Released, and whose claim was made anew with another',
    code: 'volume-released',
    severity: 'warn',
    object: 'PersistentVolume old',
    says: ['A new claim of that name uses data'],
    survey: clusterWith(
      data,
      volume('old', '/data/old', {
        spec: { claimRef: { namespace: 'team', name: 'data', uid: 'gone' } },
        status: { phase: 'Released' },
        claim: null,
      }),
    ),
  },
  {
    title: 'a second volume for a claim that has one',
    code: 'claim-not-bound',
    severity: 'block',
    object: 'PersistentVolumeClaim data',
    says: ['for data', 'exclude spare'],
    survey: clusterWith(
      data,
      volume('spare', '/data/spare', { spec: { claimRef: { namespace: 'team', name: 'data' } }, claim: null }),
    ),
  },
  {
    title: 'a volume that Failed',
    code: 'volume-failed',
    severity: 'warn',
    object: 'PersistentVolume data',
    says: ['no deleter'],
    survey: clusterWith(
      volume('data', '/data/team', {
        spec: { claimRef: { namespace: 'team', name: 'data', uid: 'gone' } },
        status: { phase: 'Failed', message: 'no deleter' },
        claim: null,
      }),
    ),
  },
  {
    title: 'a volume stuck in Terminating',
    code: 'stuck-terminating',
    severity: 'note',
    object: 'PersistentVolume data',
    survey: clusterWith(volume('data', '/data/team', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })),
  },
  {
    title: "a finalizer that is not Kubernetes' own",
    code: 'foreign-finalizer',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['example.com/hold'],
    survey: clusterWith(volume('data', '/data/team', { metadata: { finalizers: ['example.com/hold'] } })),
  },
  {
    title: "a finalizer of the volume's provisioner",
    code: 'foreign-finalizer',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['kubernetes.io/pv-controller', 'Set Retain'],
    survey: clusterWith(
      volume('data', '/data/team', {
        metadata: { finalizers: ['kubernetes.io/pv-protection', 'kubernetes.io/pv-controller'] },
        spec: { persistentVolumeReclaimPolicy: 'Delete' },
      }),
    ),
  },
  {
    title: 'block mode',
    code: 'block-mode',
    severity: 'block',
    object: 'PersistentVolume data',
    survey: clusterWith(volume('data', '/data/team', { spec: { volumeMode: 'Block' } })),
  },
  {
    title: 'a file and not a directory',
    code: 'not-a-directory',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['File'],
    survey: clusterWith(
      volume('data', '/data/team', { spec: { hostPath: { path: '/data/team', type: 'FileOrCreate' } } }),
    ),
  },
  {
    title: 'a device of the node',
    code: 'not-a-directory',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['/dev/disk/by-id/nvme0 is not on a disk'],
    survey: clusterWith(
      volume('data', '/dev/disk/by-id/nvme0', {
        spec: { hostPath: undefined, local: { path: '/dev/disk/by-id/nvme0', fsType: 'ext4' } },
      }),
    ),
    migration: { paths: [{ from: '/dev', to: 'dev' }] },
  },
  {
    title: 'a claim that only reads',
    code: 'read-only',
    severity: 'note',
    object: 'PersistentVolume data',
    survey: clusterWith(volume('data', '/data/team', { claim: { spec: { accessModes: ['ReadOnlyMany'] } } })),
  },
  {
    title: 'a selector that does not match',
    code: 'selector-mismatch',
    severity: 'warn',
    object: 'PersistentVolumeClaim data',
    survey: clusterWith(
      volume('data', '/data/team', {
        metadata: { labels: { tier: 'a' } },
        claim: { spec: { selector: { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['a'] }] } } },
      }),
    ),
  },
  {
    title: 'a claim that asks for more than there is',
    code: 'request-exceeds-capacity',
    severity: 'warn',
    object: 'PersistentVolumeClaim data',
    says: ['1025Mi', '1Gi'],
    survey: clusterWith(
      volume('data', '/data/team', { claim: { spec: { resources: { requests: { storage: '1025Mi' } } } } }),
    ),
  },
  {
    title: 'in use',
    code: 'in-use',
    severity: 'note',
    says: ['Deployment team/web', 'Pod team/uses-data (lin)'],
    survey: clusterWith(
      data,
      deployment('web', 'data'),
      podWith('data', { metadata: { name: 'uses-data', namespace: 'team', labels: { user: 'lin' } } }),
    ),
  },
  {
    title: 'unfinished work',
    code: 'unfinished',
    severity: 'block',
    object: 'Workflow train',
    survey: clusterWith(data, workflow, podWith('data', ownedBy(workflow))),
  },
  {
    title: 'unfinished work that is waited for',
    code: 'unfinished',
    severity: 'note',
    object: 'Workflow train',
    survey: clusterWith(data, workflow, podWith('data', ownedBy(workflow))),
    migration: settings('wait'),
  },
  {
    title: 'unfinished work that is deleted',
    code: 'unfinished',
    severity: 'warn',
    object: 'Workflow train',
    survey: clusterWith(data, workflow, podWith('data', ownedBy(workflow))),
    migration: settings('delete'),
  },
  {
    title: 'a controller that nobody knows',
    code: 'unknown-controller',
    severity: 'block',
    object: 'Thing train',
    says: ['example.com/v1'],
    survey: { ...clusterWith(data, podWith('data', ownedBy(operated))), controllers: [operated] },
  },
  {
    title: 'a SparkApplication that is started again whenever it has ended, although unfinished work is waited for',
    code: 'unknown-controller',
    severity: 'block',
    object: 'SparkApplication stream',
    says: ['restartPolicy is Always'],
    survey: { ...clusterWith(data, podWith('data', ownedBy(stream))), controllers: [stream] },
    migration: settings('wait'),
  },
  {
    title: 'a controller that nobody knows, although unfinished work is waited for: it is never over',
    code: 'unknown-controller',
    severity: 'block',
    object: 'Thing train',
    survey: { ...clusterWith(data, podWith('data', ownedBy(operated))), controllers: [operated] },
    migration: settings('wait'),
  },
  ...(['File', 'ReadWriteOnceWithFSType'] as const).map(
    (fsGroupPolicy): Case => ({
      title: `pods whose fsGroup the kubelet applies, by the policy ${fsGroupPolicy}`,
      code: 'fs-group',
      severity: 'warn',
      object: 'PersistentVolume data',
      says: ['Deployment team/web (100)', 'fsGroupPolicy: None'],
      survey: withDriver(
        { fsGroupPolicy },
        onlyOnce,
        deployment('web', 'data', { pod: { securityContext: { fsGroup: 100 } } }),
      ),
    }),
  ),
  {
    title: 'pods that write to a claim for readers: a host path lets them',
    code: 'read-only-written',
    severity: 'warn',
    object: 'PersistentVolume data',
    says: ['Deployment team/web', 'for readers only'],
    survey: clusterWith(
      volume('data', '/data/team', {
        spec: { accessModes: ['ReadOnlyMany'] },
        claim: { spec: { accessModes: ['ReadOnlyMany'] } },
      }),
      deployment('web', 'data'),
    ),
  },
  {
    title: 'pods that pass on what is mounted below their volume',
    code: 'mount-propagation',
    severity: 'warn',
    object: 'PersistentVolume data',
    says: ['Deployment team/web', '/data/team'],
    survey: clusterWith(data, mountingBy({ mountPropagation: 'Bidirectional' })),
  },
  ...([true, false] as const).map(
    (seLinuxMount): Case => ({
      title: `pods with SELinux labels of their own, seLinuxMount: ${seLinuxMount}`,
      code: 'selinux',
      severity: 'warn',
      object: 'PersistentVolume data',
      says: [seLinuxMount ? 'different labels cannot use it on one node' : 'relabel every file'],
      survey: withDriver(
        { seLinuxMount },
        data,
        deployment('web', 'data', { pod: { securityContext: { seLinuxOptions: { level: 's0:c1,c2' } } } }),
      ),
    }),
  ),
  ...(['subPath', 'subPathExpr'] as const).map(
    (field): Case => ({
      title: `pods that mount a ${field} of a volume of which nothing is copied`,
      code: 'sub-path',
      severity: 'warn',
      object: 'PersistentVolume data',
      says: ['copy.mode: none', 'belongs to root'],
      survey: clusterWith(data, mountingBy({ [field]: 'alice' })),
      migration: { copy: { ...teamMigration().copy, mode: 'none' } },
    }),
  ),
  {
    title: 'a node on which the driver allows fewer volumes than its pods would use',
    code: 'volume-limit',
    severity: 'warn',
    object: 'CSINode node1',
    says: ['use 2 volumes', 'allows 1'],
    survey: withLimit(
      1,
      data,
      volume('more', '/data/more'),
      podWith('data', { spec: { nodeName: 'node1' } }),
      podWith('more', { metadata: { name: 'other', namespace: 'team' }, spec: { nodeName: 'node1' } }),
    ),
  },
  {
    title: 'a StatefulSet that deletes its claims when it is scaled down',
    code: 'claims-retained',
    severity: 'note',
    object: 'StatefulSet db',
    says: ['whenScaled', 'Retain'],
    survey: clusterWith(data, claimsGo()),
  },
  {
    title: 'a pod on a node that is not ready',
    code: 'pods-unreachable',
    severity: 'warn',
    says: ['Pod team/uses-data (node2)', '--force-delete-pods'],
    survey: withNode2Away(clusterWith(data, podWith('data', { spec: { nodeName: 'node2' } }))),
  },
  {
    title: 'a pod that somebody’s finalizer would keep when it is deleted',
    code: 'pod-finalizer',
    severity: 'warn',
    says: ['Pod team/uses-data (example.com/hold)'],
    survey: clusterWith(
      data,
      podWith('data', {
        metadata: {
          name: 'uses-data',
          namespace: 'team',
          finalizers: ['batch.kubernetes.io/job-tracking', 'example.com/hold'],
        },
      }),
    ),
  },
  {
    title: 'a claim that goes with the pod that owns it, as that of a generic ephemeral volume',
    code: 'claim-owned',
    severity: 'block',
    object: 'PersistentVolumeClaim data',
    says: ['Pod team/notebook', 'Exclude data'],
    survey: clusterWith(volume('data', '/data/team', { claim: { metadata: ownerOf(notebookPod) } }), notebookPod),
  },
  {
    title: 'a claim of a run that juicify would wait for',
    code: 'claim-owned',
    severity: 'block',
    object: 'PersistentVolumeClaim data',
    says: ['Workflow team/train', 'finished'],
    survey: clusterWith(
      volume('data', '/data/team', { claim: { metadata: ownerOf(workflow) } }),
      workflow,
      podWith('data', ownedBy(workflow)),
    ),
    migration: settings('wait'),
  },
  {
    title: 'a claim that stays, of a pod that is deleted and made again',
    code: 'claim-owned',
    severity: 'warn',
    object: 'PersistentVolumeClaim scratch',
    says: ['Pod team/notebook', 'reclaim policy is Delete'],
    survey: clusterWith(
      data,
      volume('scratch', '/mnt/scratch', { claim: { metadata: ownerOf(notebookPod) } }),
      notebookPod,
    ),
    migration: select({ exclude: ['scratch'] }),
  },
  {
    title: 'a StatefulSet that deletes its claims when it is scaled down, by an owner whom juicify would scale',
    code: 'claims-deleted',
    severity: 'block',
    object: 'Thing train',
    says: ['StatefulSet team/db', 'whenScaled'],
    survey: ownedAndScaled(operated, claimsGo({ ownerReferences: ownedBy(operated).metadata.ownerReferences })),
  },
  ...(
    [
      ['StatefulSet', 'its persistentVolumeClaimRetentionPolicy.whenScaled is Delete'],
      ['CloneSet', 'its operator deletes the claims of the pods'],
    ] as const
  ).map(([kind, says]): Case => {
    const scaled: KubeObject = {
      apiVersion: 'apps.kruise.io/v1alpha1',
      kind,
      metadata: { name: 'db', namespace: 'team', uid: 'uid-db' },
      spec: {
        replicas: 1,
        volumeClaimTemplates: [{ metadata: { name: 'own' } }],
        ...(kind === 'StatefulSet' ? { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } } : {}),
      },
    }
    return {
      title: `a custom resource that deletes its claims when it is scaled down, a ${kind}`,
      code: 'claims-deleted',
      severity: 'block',
      object: `${kind} db`,
      says: [says, `kubectl get ${kind.toLowerCase()}.apps.kruise.io`],
      survey: ownedAndScaled(scaled, podWith('data', ownedBy(scaled))),
    }
  }),
  ...[
    ['Argo CD', { annotations: { 'argocd.argoproj.io/tracking-id': 'lab:apps/StatefulSet:team/db' } }],
    ['Flux', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'lab' } }],
    ['db-operator', { managedFields: [{ manager: 'db-operator', fieldsV1: { 'f:spec': { 'f:replicas': {} } } }] }],
    [
      'argocd-controller',
      {
        labels: { 'app.kubernetes.io/instance': 'lab' },
        managedFields: [{ manager: 'argocd-controller', fieldsV1: { 'f:spec': { 'f:replicas': {} } } }],
      },
    ],
    // it leaves the scale to others, who have set it last
    [
      'argocd-application-controller',
      {
        labels: { 'app.kubernetes.io/instance': 'lab' },
        managedFields: [
          {
            manager: 'argocd-application-controller',
            time: '2026-11-26T03:00:00Z',
            fieldsV1: { 'f:spec': { 'f:persistentVolumeClaimRetentionPolicy': { 'f:whenScaled': {} } } },
          },
          { manager: 'kubectl-scale', time: '2026-11-26T04:00:00Z', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
        ],
      },
    ],
  ].map(([by, metadata]) => ({
    title: `a StatefulSet that deletes its claims when it is scaled down, kept by ${by}`,
    code: 'claims-deleted' as const,
    severity: 'block' as const,
    object: 'StatefulSet db',
    says: [`${by} manages it`, 'Retain'],
    survey: clusterWith(data, claimsGo(metadata as object)),
  })),
  ...[
    ['installed by Helm', { annotations: { 'meta.helm.sh/release-name': 'lab' } }],
    ['of a chart that was applied by hand', { labels: { 'app.kubernetes.io/instance': 'lab' } }],
    ['with a setting for Argo CD, which does not keep it', { annotations: { 'argocd.argoproj.io/sync-wave': '1' } }],
    [
      'whose policy a person has set',
      {
        managedFields: [
          { manager: 'kubectl-edit', fieldsV1: { 'f:spec': { 'f:persistentVolumeClaimRetentionPolicy': {} } } },
        ],
      },
    ],
    ['with a setting for Flux', { annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' } }],
  ].map(([what, metadata]) => ({
    title: `a StatefulSet that deletes its claims when it is scaled down, ${what}`,
    code: 'claims-retained' as const,
    severity: 'note' as const,
    object: 'StatefulSet db',
    survey: clusterWith(data, claimsGo(metadata as object)),
  })),
  {
    title: 'a pod that names a neighbour’s workload as its owner',
    code: 'false-owner',
    severity: 'warn',
    object: 'Pod owned',
    says: ['Deployment web', 'not stopped for it'],
    survey: clusterWith(data, neighbour, podWith('data', ownedBy(neighbour))),
  },
  {
    title: 'a rolling workload that can write',
    code: 'rolling-writable',
    severity: 'warn',
    object: 'Deployment web',
    says: ['team/data'],
    survey: clusterWith(data, deployment('web', 'data')),
    migration: settings('refuse', [{ name: 'web' }]),
  },
  {
    title: 'one that cannot be restarted pod by pod',
    code: 'not-rolling',
    severity: 'warn',
    object: 'Deployment web',
    says: ['Recreate', 'stopped'],
    survey: clusterWith(data, deployment('web', 'data', { spec: { strategy: { type: 'Recreate' } } })),
    migration: settings('refuse', [{ name: 'web' }]),
  },
  {
    title: 'a pod that mounts the directory itself',
    code: 'direct-mount',
    severity: 'warn',
    says: ['team/direct', '/data/team/x'],
    survey: clusterWith(
      data,
      podWith('none', {
        metadata: { name: 'direct', namespace: 'team' },
        spec: { volumes: [{ name: 'x', hostPath: { path: '/data/team/x/' } }] },
      }),
    ),
  },
  {
    title: 'a pod that mounts the directory above',
    code: 'direct-mount',
    severity: 'warn',
    survey: clusterWith(data, podWith('none', { spec: { volumes: [{ name: 'x', hostPath: { path: '/data' } }] } })),
  },
  {
    title: 'what JuiceFS stands on',
    code: 'juicefs-dependency',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['metaurl', 'team/redis'],
    survey: {
      ...withSecret(['name', 'metaurl', 'storage', 'bucket'], [{ key: 'metaurl', host: '10.1.2.3' }]),
      pods: clusterWith(
        data,
        podWith('data', { metadata: { name: 'redis', namespace: 'team' }, status: { podIP: '10.1.2.3' } }),
      ).pods,
    },
  },
  {
    title: 'a database',
    code: 'database',
    severity: 'warn',
    object: 'PersistentVolume data',
    says: ['MySQL', 'Deployment team/db'],
    survey: clusterWith(
      data,
      deployment('db', 'data', {
        spec: { replicas: 0 },
        pod: {
          containers: [
            {
              name: 'db',
              image: 'registry.example.com:5000/bitnami/mysql:8.0@sha256:00',
              volumeMounts: [{ name: 'data', mountPath: '/x' }],
            },
          ],
        },
      }),
    ),
  },
  {
    title: "an object of Helm's",
    code: 'managed',
    severity: 'warn',
    object: 'PersistentVolume data',
    says: ['Helm'],
    survey: clusterWith(
      volume('data', '/data/team', { metadata: { annotations: { 'meta.helm.sh/release-name': 'x' } } }),
    ),
  },
  {
    title: "a workload of Argo CD's",
    code: 'managed',
    severity: 'warn',
    object: 'Deployment web',
    says: ['Argo CD'],
    survey: clusterWith(
      data,
      deployment('web', 'data', { metadata: { annotations: { 'argocd.argoproj.io/tracking-id': 'x' } } }),
    ),
  },
  {
    title: 'a workload that an operator has scaled last',
    code: 'managed',
    severity: 'warn',
    object: 'Deployment web',
    says: ['model-operator', '2026-11-26T10:00:00Z'],
    survey: clusterWith(data, deployment('web', 'data', scaledLastBy('model-operator'))),
  },
  {
    title: 'no driver at all',
    code: 'driver-missing',
    severity: 'block',
    object: 'CSIDriver csi.juicefs.com',
    survey: withoutKind(withoutKind(clusterWith(data), 'csiDrivers'), 'csiNodes'),
  },
  {
    title: 'what an uninstallation leaves of the driver',
    code: 'driver-missing',
    severity: 'block',
    object: 'CSIDriver csi.juicefs.com',
    says: ['uninstallation'],
    survey: withoutKind(clusterWith(data), 'csiNodes'),
  },
  {
    title: 'the driver on some nodes only',
    code: 'driver-incomplete',
    severity: 'warn',
    object: 'CSIDriver csi.juicefs.com',
    says: ['node2'],
    survey: { ...clusterWith(data), csiNodes: clusterWith(data).csiNodes.slice(0, 1) },
  },
  {
    title: 'a driver whose pod on one node is not ready',
    code: 'driver-not-ready',
    severity: 'warn',
    object: 'CSIDriver csi.juicefs.com',
    says: ['no ready pod on node2'],
    survey: withDriverPods(({ ready: _, ...pod }) => (pod.node === 'node1' ? { ...pod, ready: true } : pod)),
  },
  {
    title: 'a driver of which no pod is ready',
    code: 'driver-not-ready',
    severity: 'block',
    object: 'CSIDriver csi.juicefs.com',
    says: ['no ready pod on node1, node2'],
    survey: withDriverPods(({ ready: _, ...pod }) => pod),
  },
  {
    title: 'a driver that was installed in a way that is not known',
    code: 'driver-unseen',
    severity: 'note',
    object: 'CSIDriver csi.juicefs.com',
    says: ['juicify probe'],
    survey: { ...clusterWith(data), controllers: [] },
  },
  {
    title: 'a workload whose nodeSelector fits no node that has the driver',
    code: 'driver-not-where-needed',
    severity: 'block',
    object: 'Deployment train',
    says: ['node2 and nowhere else', 'Deployment team/train'],
    survey: withoutDriverOnNode2(
      deployment('train', 'data', { pod: { nodeName: undefined, nodeSelector: { gpu: 'true' } } }),
    ),
  },
  {
    title: 'a pod that is kept to a node without the driver',
    code: 'driver-not-where-needed',
    severity: 'block',
    object: 'Pod uses-data',
    says: ['node2 and nowhere else'],
    survey: withoutDriverOnNode2(podWith('data', { spec: { nodeName: 'node2', nodeSelector: { gpu: 'true' } } })),
  },
  {
    title: 'a DaemonSet that runs on a node without the driver too',
    code: 'driver-not-where-needed',
    severity: 'block',
    object: 'DaemonSet agent',
    says: ['node2'],
    survey: withoutDriverOnNode2({
      ...deployment('agent', 'data', { pod: { nodeName: undefined } }),
      kind: 'DaemonSet',
    }),
  },
  {
    title: 'a driver that mounts by process',
    code: 'driver-mode',
    severity: 'warn',
    object: 'CSIDriver csi.juicefs.com',
    says: ['by process'],
    survey: withDriverContainer({ args: ['--by-process=true'] }),
  },
  {
    title: 'a driver from before there were mount pods',
    code: 'driver-mode',
    severity: 'warn',
    object: 'CSIDriver csi.juicefs.com',
    says: ['v0.9.0 mounts by process'],
    survey: withDriverContainer({ image: 'juicedata/juicefs-csi-driver:v0.9.0' }),
  },
  {
    title: 'a driver that mounts in sidecars, and on no node',
    code: 'driver-mode',
    severity: 'block',
    object: 'CSIDriver csi.juicefs.com',
    says: ['juicify does not support that'],
    survey: withoutKind(clusterWith(data, webhook), 'csiNodes'),
  },
  {
    title: 'a driver that mounts in sidecars in some namespaces',
    code: 'driver-mode',
    severity: 'warn',
    object: 'CSIDriver csi.juicefs.com',
    says: ['juicefs.com/enable-injection'],
    survey: clusterWith(data, webhook),
  },
  {
    title: 'settings of the driver that put a claim somewhere else',
    code: 'mount-options',
    severity: 'block',
    object: 'PersistentVolumeClaim data',
    says: ['sets subdir for it'],
    survey: withSettings(
      'mountPodPatch:\n- pvcSelector: {matchName: data}\n  mountOptions: ["cache-size=1,subdir=all"]\n',
    ),
  },
  {
    title: 'settings of the driver that let nobody write',
    code: 'mount-options',
    severity: 'block',
    object: 'PersistentVolumeClaim data',
    says: ['nobody could write'],
    survey: withSettings('mountPodPatch:\n- mountOptions: [ro]\n'),
  },
  {
    title: 'settings of the driver that keep back what our Jobs write',
    code: 'writeback',
    severity: 'block',
    object: 'ConfigMap juicefs-csi-driver-config',
    says: ['no other node could read it'],
    survey: withSettings('mountPodPatch:\n- mountOptions: [writeback]\n'),
  },
  {
    title: 'settings of the driver that keep back what users write',
    code: 'writeback',
    severity: 'warn',
    object: 'PersistentVolumeClaim data',
    says: ['rollback --copy-back fails'],
    survey: withSettings(
      'mountPodPatch:\n- mountOptions: ["cache-size=1,writeback"]\n  pvcSelector: {matchExpressions: [{key: app.kubernetes.io/managed-by, operator: NotIn, values: [juicify]}]}\n',
    ),
  },
  {
    title: 'settings of the driver that cannot be read',
    code: 'mount-options',
    severity: 'warn',
    object: 'ConfigMap juicefs-csi-driver-config',
    survey: withSettings('mountPodPatch: ['),
  },
  {
    title: 'settings of the driver that one may not read',
    code: 'unread',
    severity: 'warn',
    object: 'ConfigMap juicefs-csi-driver-config',
    says: ['mount options'],
    survey: {
      ...clusterWith(data),
      unread: [
        {
          part: 'driver-settings',
          object: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name: 'juicefs-csi-driver-config' },
        },
      ],
    },
  },
  {
    title: 'a node that is away',
    code: 'nodes-not-ready',
    severity: 'warn',
    says: ['Not ready: node2'],
    survey: withNode2Away(clusterWith(data)),
  },
  {
    title: 'a driver whose volumes Kubernetes waits for somebody to attach',
    code: 'driver-attach',
    severity: 'block',
    object: 'CSIDriver csi.juicefs.com',
    says: ['attachRequired: true'],
    survey: withDriver({ attachRequired: true }, data),
  },
  {
    title: 'a driver that runs, and has no CSIDriver',
    code: 'driver-attach',
    severity: 'block',
    object: 'CSIDriver csi.juicefs.com',
    says: ['CSIDriver csi.juicefs.com does not exist'],
    survey: { ...clusterWith(data), csiDrivers: [] },
  },
  {
    title: 'no Secret',
    code: 'secret-missing',
    severity: 'block',
    object: 'Secret juicefs-sc-secret',
    survey: { ...clusterWith(data), secret: undefined },
  },
  {
    title: 'a Secret without an address',
    code: 'secret-incomplete',
    severity: 'block',
    object: 'Secret juicefs-sc-secret',
    says: ['metaurl'],
    survey: withSecret(['name', 'storage', 'bucket']),
  },
  {
    title: 'a Secret without a bucket',
    code: 'secret-incomplete',
    severity: 'warn',
    object: 'Secret juicefs-sc-secret',
    says: ['bucket', "node's own disk"],
    survey: withSecret(['name', 'metaurl', 'storage']),
  },
  {
    title: 'data that is not copied',
    code: 'data-stays',
    severity: 'warn',
    survey: clusterWith(data),
    migration: { copy: { mode: 'none' } },
  },
  {
    title: 'a host path of nobody knows which node',
    code: 'source-unclear',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['2 nodes', 'node1'],
    survey: clusterWith(data, podWith('data')),
    migration: { source: { nodes: 'auto' }, copy: { mode: 'copy', mover: 'rsync', image: 'tools' } },
  },
  {
    title: 'a host path, and nodes that take no pods at the moment: each has its disk all the same',
    code: 'source-unclear',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['2 nodes'],
    survey: cordoned(clusterWith(data)),
    migration: { source: { nodes: 'auto' }, copy: { mode: 'copy', mover: 'rsync', image: 'tools' } },
  },
  {
    title: 'a directory that no node can copy',
    code: 'source-unread',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['/data/team', 'uncordon'],
    survey: cordoned(clusterWith(data)),
    migration: { source: { nodes: 'shared' }, copy: { mode: 'copy', mover: 'rsync', image: 'tools' } },
  },
  {
    title: 'a directory on more nodes than the one above it, with which it is copied',
    code: 'source-unread',
    severity: 'block',
    object: 'PersistentVolume child',
    says: ['node2', 'node1 only'],
    survey: clusterWith(volume('data', '/data/team', boundTo('node1')), volume('child', '/data/team/child')),
    migration: merging,
  },
  {
    title: 'a node affinity that no node fits, nor is there a name of one',
    code: 'source-unread',
    severity: 'block',
    object: 'PersistentVolume data',
    says: ['affinity'],
    survey: clusterWith(
      volume('data', '/data/team', {
        spec: {
          nodeAffinity: {
            required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'Exists' }] }] },
          },
        },
      }),
    ),
    migration: copying,
  },
  {
    title: 'rsync without an image, as --copy copy may ask of a migration that had said none',
    code: 'mover-missing',
    severity: 'block',
    says: ['rsync', 'spec.copy.image'],
    survey: clusterWith(data),
    migration: { source: { nodes: 'shared' }, copy: { mode: 'copy', mover: 'rsync' } },
  },
  {
    title: 'juicefs sync without an image that has it',
    code: 'mover-missing',
    severity: 'block',
    says: ['spec.copy.image'],
    survey: withoutImage(clusterWith(data)),
    migration: { source: { nodes: 'shared' }, copy: { mode: 'copy' } },
  },
  {
    title: 'the mount image of cube-studio’s own driver',
    code: 'mover-too-old',
    severity: 'block',
    says: ['juicedata/mount:v1.0.2-4.8.0', 'juicefs 1.0'],
    survey: { ...clusterWith(data), image: 'juicedata/mount:v1.0.2-4.8.0' },
    migration: { source: { nodes: 'shared' }, copy: { mode: 'copy' } },
  },
  {
    title: 'nothing is copied, and a mount makes no directory',
    code: 'places-not-made',
    severity: 'warn',
    says: ['spec.copy.image'],
    survey: withNfs(data),
    migration: { target: nfsTarget('{name}') },
  },
  {
    title: 'several nodes and a mover that knows one source',
    code: 'mover-cannot-merge',
    severity: 'block',
    says: ['node1, node2', 'rsync'],
    survey: clusterWith(data),
    migration: { source: { nodes: ['node1', 'node2'] }, copy: { mode: 'copy', image: 'mount' } },
  },
  {
    title: 'several nodes that the volume itself names, and a mover that knows one source',
    code: 'mover-cannot-merge',
    severity: 'block',
    says: ['node1, node2', 'node affinity allows', 'rsync'],
    survey: clusterWith(
      volume('data', '/data/team', {
        spec: {
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node1'] }] },
                { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node2'] }] },
              ],
            },
          },
        },
      }),
    ),
    migration: { source: { nodes: ['node1'] }, copy: { mode: 'copy', image: 'mount' } },
  },
  {
    title: 'several nodes that are merged, and a directory that is to be split',
    code: 'merge-not-split',
    severity: 'block',
    says: ['node1, node2', 'spec.copy.parallel'],
    survey: clusterWith(data),
    migration: {
      source: { nodes: ['node1', 'node2'] },
      copy: { mode: 'copy', mover: 'rsync', image: 'tools', parallel: 4 },
    },
  },
  {
    title: 'a directory that could not be read',
    code: 'not-measured',
    severity: 'warn',
    says: ['/data/team does not exist on node1'],
    survey: clusterWith(data),
    migration: copying,
    measured: {
      at: '2026-11-23T10:00:00.000Z',
      failure: 'the estimate of /data/team failed on node1: /data/team does not exist on node1, or is not a directory',
      remedy: 'Check that spec.source.nodes lists the nodes that hold the data.',
    },
  },
  {
    title: 'a place on the file system that holds something else',
    code: 'target-not-empty',
    severity: 'block',
    says: ['results, notes', '--into-existing'],
    survey: clusterWith(data),
    migration: copying,
    measured: measuredAs({ state: 'taken', entries: 8, examples: ['results', 'notes'] }),
  },
  {
    title: 'a place that people have written to after an earlier migration',
    code: 'target-not-empty',
    severity: 'block',
    says: ['results', '--into-existing'],
    survey: clusterWith(data),
    migration: copying,
    measured: measuredAs({ state: 'written', entries: 8, examples: ['results'] }),
  },
  {
    title: 'a place that is copied into although it holds something',
    code: 'target-not-empty',
    severity: 'warn',
    says: ['overwritten'],
    survey: clusterWith(data),
    migration: { ...copying, copy: { mode: 'copy', image: 'mount', intoExisting: true } },
    measured: measuredAs({ state: 'taken', entries: 8, examples: ['results', 'notes'] }),
  },
  {
    title: 'a file system that has no room for the data',
    code: 'target-full',
    severity: 'block',
    says: ['1.0 GiB', '512 MiB'],
    survey: clusterWith(data),
    migration: copying,
    measured: measuredAs({ freeBytes: 2 ** 29 }),
  },
  {
    title: 'a file system that has no inodes left for it',
    code: 'target-full',
    severity: 'block',
    says: ['100 inodes', '99'],
    survey: clusterWith(data),
    migration: copying,
    measured: measuredAs({ freeInodes: 99 }),
  },
  {
    title: 'nodes that have more than there is room for, if they do not hold the same',
    code: 'target-full',
    severity: 'warn',
    says: ['2.0 GiB', '1.5 GiB'],
    survey: clusterWith(data),
    migration: merging,
    measured: measuredAs({ freeBytes: 1.5 * 2 ** 30 }, holding(), holding({ node: 'node2' })),
  },
  {
    title: 'groups that fit alone, and not together',
    code: 'target-full',
    severity: 'warn',
    says: ['all groups together'],
    survey: clusterWith(data, volume('other', '/data/other')),
    migration: copying,
    measured: measuredAs({ freeBytes: 1.5 * 2 ** 30 }),
  },
  {
    title: 'a directory that holds more than its quota would be',
    code: 'quota-too-small',
    severity: 'block',
    says: ['/data/team takes 1.0 GiB', '1 GiB'],
    survey: clusterWith(data),
    migration: { ...copying, target: limited },
    measured: measuredAs({}),
  },
  {
    title: 'an edition whose Secret has no metadata engine to set quotas at',
    code: 'quota-impossible',
    severity: 'block',
    object: 'Secret juicefs-sc-secret',
    says: ['has no metaurl'],
    survey: {
      ...clusterWith(data),
      secret: { namespace: 'kube-system', name: 'juicefs-sc-secret', keys: ['name', 'token'], endpoints: [] },
    },
    migration: { target: limited },
  },
  {
    title: 'a volume of the root of the file system, which has no quota',
    code: 'quota-impossible',
    severity: 'note',
    object: 'PersistentVolume data',
    survey: clusterWith(data),
    migration: { target: limited, paths: [{ from: '/data/team', to: '' }] },
  },
  {
    title: 'what no mover can carry',
    code: 'cannot-carry',
    severity: 'warn',
    says: ['2 entries', 'run/agent (socket)', 'notes (attributes)'],
    survey: clusterWith(data),
    migration: copying,
    measured: measuredAs(
      {},
      holding({
        left: {
          count: 2,
          examples: [
            { path: 'run/agent', kind: 'socket' },
            { path: 'notes', kind: 'attributes' },
          ],
        },
      }),
    ),
  },
  {
    title: 'a group that is under way',
    code: 'under-way',
    severity: 'note',
    says: ['migrating'],
    survey: { ...clusterWith(data), records: [{ group: 'team-1', state: 'migrating', volumes: ['data'] }] },
  },
  {
    title: 'a group of which a part is under way',
    code: 'under-way',
    severity: 'block',
    says: ['team-1'],
    survey: {
      ...clusterWith(data, volume('other', '/data/team')),
      records: [{ group: 'team-1', state: 'migrating', volumes: ['other'] }],
    },
  },
]

function planOf({
  survey,
  migration,
  options,
  measured,
}: Pick<Case, 'survey' | 'migration' | 'options' | 'measured'>): Plan {
  const all = { wholeGroups: false, dangerousSplit: false, ...options }
  const plan = makePlan(survey, teamMigration(migration), all)
  if (!measured) return plan
  const keys = plan.groups.flatMap(({ name, copies }) => copies.map(({ directory }) => copyKey(name, directory)))
  expect(keys.length).toBeGreaterThan(0)
  return makePlan(survey, teamMigration(migration), all, { copies: new Map(keys.map((key) => [key, measured])) })
}

/**
 * An entry of docs/findings.md in Chinese: its examples as the catalogue says them, and between them the lines that somebody
 * has written, of which there have to be as many.
 */
function inChinese(english: string, chinese: string, given: Finding[]): string {
  const isExample = (line: string) => /^> |^\*/.test(line)
  const prose = chinese.split('\n').filter((line) => line !== '' && !isExample(line))
  let example: Finding | undefined
  const lines = english.split('\n').map((line, i, all) => {
    if (line === '') return line
    const [, object, why] = /^> (`[^`]+`)?(?:: )?(.*)$/.exec(line) ?? []
    if (why !== undefined) {
      const remedy = /^\*Try:\* (.*)/.exec(all[i + 2] ?? '')?.[1]
      example = given.find((found) => found.why === why && found.remedy === remedy)
      if (!example) throw new Error(`no case gives: ${why}`)
      return `> ${object === undefined ? '' : `${object}：`}${said(example, 'zh').why}`
    }
    if (isExample(line)) return `*建议：* ${example && said(example, 'zh').remedy}`
    const written = prose.shift()
    expect(written, `in Chinese: ${line}`).toBeDefined()
    return written
  })
  expect(prose, 'lines that the English page has not').toEqual([])
  return lines.join('\n')
}

describe('what a plan says', () => {
  test.each(CASES)('$severity $code: $title', (one) => {
    const plan = planOf(one)
    const found = plan.findings.filter(({ code, severity }) => code === one.code && severity === one.severity)
    expect(plan.findings.map(({ severity, code }) => `${severity} ${code}`)).toContain(`${one.severity} ${one.code}`)
    expect(found.map(({ object }) => object && `${object.kind} ${object.name}`)).toContain(one.object)
    for (const words of one.says ?? [])
      expect(found.map(({ why, remedy }) => [why, remedy].join(' ')).join('\n')).toContain(words)
    if (one.severity === 'block') expect(plan.groups.map(({ blocked }) => blocked)).toContain(true)
    else expect(plan.groups.map(({ blocked }) => blocked)).not.toContain(true)
  })

  test('every code is held by a case', () => {
    expect(new Set(CASES.map(({ code }) => code))).toEqual(new Set(FINDING_CODES))
  })

  test.each(CASES)('$severity $code: $title, in Chinese of the same things', (one) => {
    for (const found of planOf(one).findings.filter(({ code }) => code === one.code)) {
      const [english, chinese] = [said(found, 'en'), said(found, 'zh')].map(
        ({ why, remedy }) => `${why}\n${remedy ?? ''}`,
      )
      expect(chinese).toMatch(/\p{Script=Han}/u)
      // what is to be typed, and what is named, is the same in every language
      const named = (text = '') =>
        [...text.matchAll(/--[a-z-]+|(?:spec|quiesce)(?:\.\w+)+|\/data[\w/.-]*\w/g)].map(String)
      expect(new Set(named(chinese))).toEqual(new Set(named(english)))
    }
  })

  test('docs/findings.md has every code in its order, with examples and remedies that are really given', () => {
    const text = readFileSync(new URL('../../../docs/findings.md', import.meta.url), 'utf8')
    const entries = text.split(/^### /m).slice(1)
    expect(entries.map((entry) => /^`([a-z-]+)`/.exec(entry)?.[1])).toEqual([...FINDING_CODES])
    const given = CASES.flatMap((one) => planOf(one).findings)
    const known = new Set(given.map(({ why, remedy }) => `${why}\n${remedy ?? 'no remedy'}`))
    const shown = entries.map((entry) =>
      [...entry.matchAll(/^> (?:`[^`]+`: )?(.*)$(?:\n\n\*Try:\* (.*)$)?/gm)].map(
        ([, why, remedy]) => `${why}\n${remedy ?? 'no remedy'}`,
      ),
    )
    expect(shown.flat().filter((example) => !known.has(example))).toEqual([])
    expect(shown.map((examples) => examples.length)).not.toContain(0)
  })

  test('docs/findings.zh-CN.md has the same entries and the same examples, in Chinese; vitest -u writes its examples', async () => {
    const [english, chinese] = ['findings.md', 'findings.zh-CN.md'].map((name) =>
      readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8').split(/^(?=### )/m),
    ) as [string[], string[]]
    const headings = (sections: string[]) => sections.slice(1).map((section) => section.split('\n')[0])
    expect(headings(chinese)).toEqual(headings(english))
    const given = CASES.flatMap((one) => planOf(one).findings)
    const written = english.slice(1).map((section, i) => inChinese(section, chinese[i + 1] ?? '', given))
    await expect([chinese[0], ...written].join('')).toMatchFileSnapshot('../../../docs/findings.zh-CN.md')
  })
})

describe('what a plan does not say', () => {
  test('a volume that nothing is wrong with needs no word of its own', () => {
    const plan = planOf({ survey: clusterWith(data) })
    expect(plan.findings.map(({ code }) => code)).toEqual(['data-stays'])
    expect(plan.groups).toMatchObject([{ blocked: false, directories: ['/data/team'] }])
  })

  test('a claim stays that is owned by what juicify neither deletes nor waits for', () => {
    const owned = volume('data', '/data/team', { claim: { metadata: ownerOf(operated) } })
    const survey = clusterWith(owned, podWith('data', ownedBy(operated)))
    const { findings } = planOf({ survey: { ...survey, controllers: [...survey.controllers, operated] } })
    expect(findings.map(({ code }) => code)).toContain('unknown-controller')
    expect(findings.map(({ code }) => code)).not.toContain('claim-owned')
  })

  test('a claim that stays, of a run that is waited for, is its operator’s own affair', () => {
    const survey = clusterWith(
      data,
      volume('scratch', '/mnt/scratch', { claim: { metadata: ownerOf(workflow) } }),
      workflow,
      podWith('data', ownedBy(workflow)),
    )
    const { findings } = planOf({ survey, migration: { ...settings('wait'), ...select({ exclude: ['scratch'] }) } })
    expect(findings.map(({ code }) => code)).toContain('unfinished')
    expect(findings.map(({ code }) => code)).not.toContain('claim-owned')
  })

  test('a block holds back its own group and no other', () => {
    const plan = planOf({ survey: clusterWith(data, volume('raw', '/data/raw', { spec: { volumeMode: 'Block' } })) })
    expect(plan.groups.map(({ directories, blocked }) => [directories, blocked])).toEqual([
      [['/data/raw'], true],
      [['/data/team'], false],
    ])
  })

  test('without JuiceFS every group is held back', () => {
    const plan = planOf({ survey: { ...clusterWith(data, volume('b', '/data/b')), secret: undefined } })
    expect(plan.groups.map(({ blocked }) => blocked)).toEqual([true, true])
  })

  test('finished pods use nothing, and neither do pods that mount the whole node to look at it', () => {
    const finished = podWith('data', { status: { phase: 'Succeeded' } })
    const exporter = podWith('none', {
      metadata: { name: 'exporter' },
      spec: { volumes: [{ name: 'x', hostPath: { path: '/' } }] },
    })
    expect(planOf({ survey: clusterWith(data, finished, exporter) }).findings.map(({ code }) => code)).toEqual([
      'data-stays',
    ])
  })

  describe('pods that mount a directory themselves', () => {
    const mounting = (path: string, nodeName: string) =>
      podWith('none', {
        metadata: { name: 'direct' },
        spec: { nodeName, volumes: [{ name: 'x', hostPath: { path } }] },
      })
    const metBy = (survey: Survey, migration: Partial<Migration> = {}) =>
      planOf({ survey, migration })
        .findings.filter(({ code }) => code === 'direct-mount')
        .map(({ group }) => group?.replace(/-[^-]*$/, ''))

    test('are told to each group that lies below', () => {
      const survey = clusterWith(data, volume('other', '/data/other'), mounting('/data', 'node1'))
      expect(metBy(survey)).toEqual(['other', 'team'])
    })

    test('are no matter where what they mount stays', () => {
      const survey = clusterWith(data, volume('minio', '/data/team/minio'), mounting('/data/team/minio/x', 'node1'))
      expect(metBy(survey, select({ exclude: ['minio'] }))).toEqual([])
    })

    test('are no matter on another node than a local volume is', () => {
      const volumes = [volume('a', '/data/team', boundTo('node1')), volume('b', '/data/b', boundTo('node2'))]
      expect(metBy(clusterWith(...volumes, mounting('/data', 'node1')))).toEqual(['team'])
    })
  })

  test('local volumes of the same path on two nodes are strangers, and are told to get places of their own', () => {
    const on = (name: string, node: string) =>
      volume(name, '', {
        spec: {
          hostPath: undefined,
          local: { path: '/data/disk' },
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
              ],
            },
          },
        },
      })
    const plan = planOf({ survey: clusterWith(on('a', 'node1'), on('b', 'node2')) })
    expect(plan.groups.map(({ volumes }) => volumes.map(({ name, nodes }) => [name, nodes]))).toEqual(
      expect.arrayContaining([[['a', ['node1']]], [['b', ['node2']]]]),
    )
    expect(plan.findings.filter(({ code }) => code === 'subdir-collision')).toHaveLength(2)
  })
})

describe('when somebody followed the recipe by hand', () => {
  const lost = clusterWith(
    onJuiceFS('data', 'team', { namespace: 'team', name: 'data' }),
    volume('data', '', { claim: { status: { phase: 'Lost' } } }).slice(1),
  )

  test('the volume that he made is made again with the uid that it lacks, and nothing else', () => {
    const [group] = planOf({ survey: lost }).groups
    const [planned] = group?.volumes ?? []
    expect(group?.blocked).toBe(false)
    expect(planned?.directory).toBe('/data/team')
    expect(planned?.after.spec).toEqual({
      ...planned?.before.spec,
      storageClassName: '',
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: 'team',
        name: 'data',
        uid: 'uid-PersistentVolumeClaim-team-data',
      },
    })
  })

  test('it belongs to the group of those who still have the directory', () => {
    const survey = clusterWith(
      onJuiceFS('data', 'team', { namespace: 'team', name: 'data' }),
      volume('data', '', { claim: { status: { phase: 'Lost' } } }).slice(1),
      volume('other', '/data/team'),
    )
    expect(planOf({ survey }).groups.map(({ volumes }) => volumes.map(({ name }) => name))).toEqual([['data', 'other']])
  })

  test('what lies below it, and is on a disk still, is copied for itself', () => {
    const survey = clusterWith(
      onJuiceFS('data', 'team', { namespace: 'team', name: 'data' }),
      volume('data', '', { claim: { status: { phase: 'Lost' } } }).slice(1),
      ['child', 'child/below', 'other'].flatMap((path) => volume(path.replace('/', '-'), `/data/team/${path}`)),
    )
    const { groups, findings } = planOf({ survey, migration: copying })
    expect(groups.flatMap(({ copies }) => copies.map(({ directory, subdir }) => [directory, subdir]))).toEqual([
      ['/data/team/child', 'team/child'],
      ['/data/team/other', 'team/other'],
    ])
    expect(findings.filter(({ severity }) => severity === 'block')).toEqual([])
  })

  test('where the paths do not tell, it is a group of its own', () => {
    const survey = { ...lost }
    const plan = planOf({ survey, migration: { paths: [{ from: '/mnt', to: 'mnt' }] } })
    expect(
      plan.groups.map(({ directories, volumes }) => [directories, volumes.map(({ name, subdir }) => [name, subdir])]),
    ).toEqual([[[], [['data', 'team']]]])
  })
})

describe('what was measured', () => {
  const planFor = (measured: Measured) => planOf({ survey: clusterWith(data), migration: copying, measured })

  test('stands in the plan, beside the directory that it is of', () => {
    const measured = measuredAs({})
    const { groups, findings } = planFor(measured)
    expect(groups.map(({ copies }) => copies.map((copy) => copy.measured))).toEqual([[measured]])
    expect(findings).toEqual([])
  })

  test('what an earlier copy has put there takes no room a second time', () => {
    const there = { state: 'copied', entries: 60, space: 2 ** 29, freeBytes: 2 ** 29, freeInodes: 40 } as const
    expect(planFor(measuredAs(there)).findings).toEqual([])
    expect(planFor(measuredAs({ ...there, freeInodes: 39 })).findings.map(({ code }) => code)).toEqual(['target-full'])
    expect(planFor(measuredAs({ ...there, space: 2 ** 28 })).findings.map(({ code }) => code)).toEqual(['target-full'])
  })
})

describe('what is done', () => {
  test('volumes on JuiceFS are done, and there is nothing else to do', () => {
    const survey = clusterWith(onJuiceFS('b', 'b'), onJuiceFS('a', 'a'))
    const plan = planOf({ survey, migration: select({ namespaces: [], volumes: ['*'] }) })
    expect(plan.done).toEqual(['a', 'b'])
    expect(plan.groups).toEqual([])
    expect(plan.findings).toEqual([])
  })

  test('a group that is through is done although its record is kept', () => {
    const survey = { ...clusterWith(onJuiceFS('a', 'a')), records: [{ group: 'g', state: 'migrated', volumes: ['a'] }] }
    const plan = planOf({ survey, migration: select({ namespaces: [], volumes: ['*'] }) })
    expect([plan.done, plan.findings]).toEqual([['a'], []])
  })

  test('one that was interrupted is not', () => {
    const survey = {
      ...clusterWith(onJuiceFS('a', 'a')),
      records: [{ group: 'g', state: 'migrating', volumes: ['a'] }],
    }
    const plan = planOf({ survey, migration: select({ namespaces: [], volumes: ['*'] }) })
    expect([plan.done, plan.findings.map(({ code }) => code)]).toEqual([[], ['under-way']])
  })
})

describe('names that match nothing are refused with the nearest right word', () => {
  test.each([
    [
      { namespaces: ['taem'] },
      'spec.select.namespaces[0]: no namespace with a claim with the name taem; did you mean team?',
    ],
    [{ volumes: ['dta'] }, 'spec.select.volumes[0]: no volume with the name dta; did you mean data?'],
    [{ exclude: ['datta'] }, 'spec.select.exclude[0]: no volume with the name datta; did you mean data?'],
    [{ labels: 'team=sound' }, 'spec.select.labels: team=sound selects no volume on a node’s disk'],
    [{ namespaces: ['x*'] }, 'spec.select: x* selects no volume on a node’s disk; namespaces with such volumes: team'],
  ])('%j', (changes, message) => {
    expect(() => planOf({ survey: clusterWith(data), migration: select(changes) })).toThrow(message)
  })

  test('globs may match nothing', () => {
    expect(
      planOf({ survey: clusterWith(data), migration: select({ namespaces: ['team', 'x*'], exclude: ['y*'] }) }).groups,
    ).toHaveLength(1)
  })
})

describe('what another tool keeps', () => {
  test.each([
    ['objectset.rio.cattle.io/id', 'Fleet, k3s or Rancher'],
    ['kapp.k14s.io/app', 'kapp'],
    ['olm.owner', 'OLM'],
    ['addonmanager.kubernetes.io/mode', "Kubernetes' add-on manager"],
    ['configmanagement.gke.io/managed', 'Config Sync'],
    ['projectsveltos.io/hash', 'Sveltos'],
  ])('is known by its mark %s', (mark, by) => {
    const marked = deployment('web', 'data', { metadata: { labels: { [mark]: 'x' } } })
    const { findings } = planOf({ survey: clusterWith(data, marked) })
    expect(findings.find(({ code }) => code === 'managed')).toMatchObject({
      object: { kind: 'Deployment', name: 'web' },
      why: expect.stringContaining(`${by} manages`),
    })
  })
})

describe('an fsGroup', () => {
  const web = deployment('web', 'data', { pod: { securityContext: { fsGroup: 100 } } })
  const told = (survey: Survey) => planOf({ survey }).findings.filter(({ code }) => code === 'fs-group')

  test('is not told where the driver has the kubelet leave it alone', () => {
    expect(told(withDriver({ fsGroupPolicy: 'None' }, onlyOnce, web))).toEqual([])
    // what many nodes mount is left alone where the policy is not given
    expect(told(withDriver({}, data, web))).toEqual([])
  })

  test('of a pod without an owner counts too', () => {
    const alone = podWith('data', { spec: { securityContext: { fsGroup: 7 } } })
    expect(told(withDriver({ fsGroupPolicy: 'File' }, data, alone))[0]?.why).toMatch(/Pod team\/\S+ \(7\)/)
  })
})
