import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadAll, YAML11_SCHEMA } from 'js-yaml'
import type { Migration } from '../../../src/domain/migration.ts'
import type { KubeObject } from '../../../src/domain/object.ts'
import type { Plan } from '../../../src/domain/plan.ts'
import type { Survey } from '../../../src/domain/survey.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../../src/domain/volume.ts'
import { secretSurvey } from '../../../src/filesystem/juicefs/secret.ts'
import { fileSystemOf } from '../../../src/filesystem/registry.ts'
import { readMigration } from '../../../src/planner/migration-file.ts'
import { writePlan } from '../../../src/planner/plan-file.ts'
import { podUse } from '../../../src/survey/pod.ts'
import { whatIsRead } from '../../../src/survey/what-is-read.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** The plan as the text of a file. */
export function textOf(plan: Plan, format?: 'yaml' | 'json' | 'dense'): string {
  return [...writePlan(plan, format)].join('')
}

/** The migration of a file in plans/. */
export function migration(name: string): Migration {
  const file = `plans/${name}.yaml`
  return readMigration(readFileSync(join(root, file), 'utf8'), file)
}

/** What a cluster with the manifests of a folder in fixtures/ would look like, its controllers having done their work. */
export function surveyOfFixture(folder: string): Survey {
  const path = join(root, 'fixtures', folder)
  return surveyOf(readdirSync(path).flatMap((file) => manifests(readFileSync(join(path, file), 'utf8'))))
}

function manifests(text: string): KubeObject[] {
  return loadAll(text, { schema: YAML11_SCHEMA }).filter((object): object is KubeObject => object != null)
}

/** Gives every object a uid, binds claims, makes the controllers' pods, and surveys the result. */
function surveyOf(given: KubeObject[]): Survey {
  const objects = given.map(withUid)
  // as a survey reads them: no finding may rest on what a snapshot would not have
  const fileSystem = fileSystemOf(migration('jupyter').target)
  const all = <T extends KubeObject>(kind: string) => objects.filter((object): object is T => object.kind === kind)
  const read = <T extends KubeObject>(object: T) => whatIsRead(object, fileSystem)
  bind(all<PersistentVolume>('PersistentVolume'), all<PersistentVolumeClaim>('PersistentVolumeClaim'))
  const made = ['Deployment', 'StatefulSet', 'DaemonSet'].flatMap((kind) => all(kind).flatMap(podsOf))
  const replicaSets = made.filter(({ kind }) => kind === 'ReplicaSet')
  const image = fileSystem.image.of(objects)
  const secret = all('Secret').find(({ metadata }) => metadata.name === 'juicefs-sc-secret')
  return {
    cluster: { uid: 'uid-kube-system', version: 'v1.20.2' },
    volumes: all<PersistentVolume>('PersistentVolume').map(read),
    claims: all<PersistentVolumeClaim>('PersistentVolumeClaim').map(read),
    pods: [...all('Pod'), ...made.filter(({ kind }) => kind === 'Pod')].map((pod) => podUse(read(pod))),
    controllers: [
      ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Workflow'].flatMap(all),
      ...replicaSets,
    ].map(read),
    autoscalers: all('HorizontalPodAutoscaler').map(read),
    nodes: all('Node').map(read),
    services: all('Service').map(read),
    csiDrivers: all('CSIDriver').map(read),
    csiNodes: all('CSINode').map(read),
    ...(image === undefined ? {} : { image }),
    ...(secret ? { secret: secretSurvey(withData(secret)) } : {}),
    records: [],
  }
}

function withUid(object: KubeObject): KubeObject {
  const { namespace = '', name, uid = `uid-${object.kind}-${namespace}-${name}` } = object.metadata
  return { ...object, metadata: { ...object.metadata, uid } }
}

/** What is given without a status is bound as the controller would: by name, else by selector. */
function bind(volumes: PersistentVolume[], claims: PersistentVolumeClaim[]): void {
  for (const claim of claims.filter(({ status }) => !status)) {
    const wanted = Object.entries(claim.spec.selector?.matchLabels ?? {})
    const pv = volumes.find(({ metadata, spec }) =>
      claim.spec.volumeName !== undefined
        ? metadata.name === claim.spec.volumeName
        : wanted.length > 0 && !spec.claimRef && wanted.every(([key, value]) => metadata.labels?.[key] === value),
    )
    claim.status = { phase: pv ? 'Bound' : 'Pending' }
    if (!pv) continue
    const { namespace, name, uid } = claim.metadata
    claim.spec = { ...claim.spec, volumeName: pv.metadata.name }
    pv.spec = { ...pv.spec, claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid } }
    pv.status = { phase: 'Bound' }
    pv.metadata.finalizers = ['kubernetes.io/pv-protection', ...(pv.metadata.finalizers ?? [])]
  }
  for (const pv of volumes) pv.status ??= { phase: 'Available' }
}

/** The pods of a controller, and the ReplicaSet between a Deployment and them. */
function podsOf(controller: KubeObject): KubeObject[] {
  const { spec } = controller as KubeObject & {
    spec: {
      replicas?: number
      template: { metadata?: { labels?: Record<string, string> }; spec: { volumes?: unknown[] } }
      volumeClaimTemplates?: { metadata: { name: string } }[]
    }
  }
  const { namespace, name } = controller.metadata
  const own = (owner: KubeObject) => ({
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
  })
  const between =
    controller.kind === 'Deployment'
      ? withUid({
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          metadata: {
            namespace,
            name: `${name}-5d9c`,
            labels: spec.template.metadata?.labels ?? {},
            ownerReferences: [own(controller)],
          },
          spec: { replicas: spec.replicas, template: spec.template },
        })
      : controller
  const everywhere = controller.kind === 'DaemonSet' ? ['node1', 'node2'] : undefined
  const pods = Array.from({ length: everywhere?.length ?? spec.replicas ?? 1 }, (_, i) =>
    withUid({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        namespace,
        name: `${between.metadata.name}-${i}`,
        labels: spec.template.metadata?.labels ?? {},
        ownerReferences: [own(between)],
      },
      spec: {
        ...spec.template.spec,
        nodeName: everywhere?.[i] ?? 'node1',
        volumes: [
          ...(spec.template.spec.volumes ?? []),
          ...(spec.volumeClaimTemplates ?? []).map((template) => ({
            name: template.metadata.name,
            persistentVolumeClaim: { claimName: `${template.metadata.name}-${name}-${i}` },
          })),
        ],
      },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    }),
  )
  return between === controller ? pods : [between, ...pods]
}

function withData(secret: KubeObject): KubeObject {
  const { stringData = {} } = secret as { stringData?: Record<string, string> }
  const data = Object.fromEntries(
    Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  )
  return { ...secret, data }
}

const around = manifests(readFileSync(join(root, 'fixtures/jupyter/cluster.yaml'), 'utf8'))

/** A cluster of two nodes with JuiceFS, as fixtures/jupyter has it, and these objects. */
export function clusterWith(...objects: (KubeObject | KubeObject[])[]): Survey {
  return surveyOf(structuredClone([...around, ...objects.flat()]))
}

/** A volume on a host path and the claim that is bound to it, both named `name`, in the namespace `team`. */
export function volume(
  name: string,
  path: string,
  changes: {
    spec?: object
    metadata?: object
    status?: object
    claim?: { spec?: object; metadata?: object; status?: object } | null
  } = {},
): KubeObject[] {
  const { claim } = changes
  const pv: KubeObject = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, ...changes.metadata },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteMany'], hostPath: { path }, ...changes.spec },
    ...(changes.status ? { status: changes.status } : {}),
  }
  if (claim === null) return [pv]
  return [
    pv,
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace: 'team', ...claim?.metadata },
      spec: {
        volumeName: name,
        accessModes: ['ReadWriteMany'],
        resources: { requests: { storage: '1Gi' } },
        storageClassName: '',
        ...claim?.spec,
      },
      ...(claim?.status ? { status: claim.status } : {}),
    },
  ]
}

/** A pod of the namespace `team` that mounts a claim. */
export function podWith(
  claim: string,
  changes: { metadata?: object; spec?: object; status?: object } = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `uses-${claim}`, namespace: 'team', ...changes.metadata },
    spec: {
      nodeName: 'node1',
      containers: [{ name: 'main', image: 'local/tools:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
      ...changes.spec,
    },
    status: { phase: 'Running', ...changes.status },
  }
}

/** A migration of the namespace `team`, from /data to the root of the file system. */
export function teamMigration(changes: Partial<Migration> = {}): Migration {
  const { target } = migration('jupyter')
  return {
    name: 'team',
    select: { namespaces: ['team'], volumes: [], exclude: [] },
    paths: [{ from: '/data', to: '' }],
    target,
    source: { nodes: 'shared' },
    copy: { mode: 'none' },
    quiesce: { unfinished: 'refuse', rolling: [] },
    ...changes,
  }
}
