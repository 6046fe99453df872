import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { type Connection, connect } from '../../src/cluster/connect.ts'
import { isApiError } from '../../src/cluster/errors.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import type { Plan } from '../../src/domain/plan.ts'
import { inspect } from '../../src/engine/inspect.ts'
import { deleteRecord, readRecords } from '../../src/engine/record.ts'
import { apply, type RunOptions, rollback } from '../../src/engine/run.ts'
import { fileSystemOf } from '../../src/filesystem/registry.ts'
import { readMigration } from '../../src/planner/migration-file.ts'
import { makePlan } from '../../src/planner/plan.ts'
import { readiness } from '../../src/planner/readiness.ts'
import { probe } from '../../src/probe/probe.ts'
import { roles, rolesYaml } from '../../src/report/rbac.ts'
import { checkFacts } from '../../src/survey/check.ts'
import { permissionsOn } from '../../src/survey/permissions.ts'
import { takeSnapshot } from '../../src/survey/snapshot.ts'
import { survey } from '../../src/survey/survey.ts'
import { findWorkloads } from '../../src/workloads/find.ts'
import { createBound } from '../laboratory/binding.ts'
import { volume } from '../laboratory/manifests.ts'
import { mkdir, onDisk, onJuiceFS, readFile, rm, writeFile } from '../laboratory/node-files.ts'
import { cronJobVersion, kubeconfigOfNobody } from '../laboratory/real.ts'
import { told } from '../laboratory/story.ts'

const here = process.env.JUICIFY_TEST_CLUSTER === '1'
const NAMESPACE = `rbac-${process.pid}`
const DIRECTORY = `/data/${NAMESPACE}`
const SECRET = { namespace: 'kube-system', name: 'juicefs-sc-secret' }

const migration = readMigration(
  `
apiVersion: juicify.dev/v1alpha1
kind: Migration
metadata: {name: rbac}
spec:
  select: {namespaces: [${NAMESPACE}]}
  paths: [{from: /data, to: ""}]
  target: {secretRef: {name: ${SECRET.name}, namespace: ${SECRET.namespace}}}
  source: {nodes: [node1]}
  copy: {mode: copy, mover: rsync, image: local/tools:1}
`,
  'rbac.yaml',
)

const podSpec = {
  terminationGracePeriodSeconds: 1,
  nodeName: 'node1',
  containers: [
    {
      name: 'main',
      image: 'local/tools:1',
      imagePullPolicy: 'Never',
      command: ['sleep', '100000'],
      volumeMounts: [{ name: 'data', mountPath: '/mnt' }],
    },
  ],
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
}

/** A workload of every kind that is handled in a way of its own. */
function workloads(cronJobs: string): KubeObject[] {
  const object = (apiVersion: string, kind: string, name: string, spec: unknown): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name, namespace: NAMESPACE },
    spec,
  })
  const template = (app: string) => ({ metadata: { labels: { app } }, spec: podSpec })
  const controller = (kind: string, app: string, more: Record<string, unknown> = {}) =>
    object('apps/v1', kind, app, { selector: { matchLabels: { app } }, template: template(app), ...more })
  const { nodeName: _, ...anywhere } = podSpec
  return [
    controller('Deployment', 'web', { replicas: 2 }),
    controller('StatefulSet', 'store', { serviceName: 'store' }),
    controller('DaemonSet', 'agent', {
      template: { metadata: { labels: { app: 'agent' } }, spec: anywhere },
    }),
    object(cronJobs, 'CronJob', 'nightly', {
      schedule: '0 3 1 1 *',
      jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } },
    }),
    object('v1', 'Pod', 'notebook', podSpec),
  ]
}

describe.skipIf(!here)('a user with the roles of juicify rbac and no others (JUICIFY_TEST_CLUSTER=1)', () => {
  let admin: Connection
  let nobody: Connection
  const granted = roles(permissionsOn(fileSystemOf(migration.target)), SECRET, [{ kind: 'User', name: 'nobody' }])
  const there = onDisk('node1', DIRECTORY)

  beforeAll(async () => {
    admin = await connect()
    nobody = await connect({ kubeconfigText: await kubeconfigOfNobody() })
    await mkdir(there)
    await writeFile(`${there}/notes.txt`, 'kept')
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }
    await createBound(admin, [namespace, ...volume(NAMESPACE, 'data', DIRECTORY)])
    for (const object of workloads(await cronJobVersion(admin))) await admin.create(object)
    execFileSync('kubectl', ['wait', '-n', NAMESPACE, '--for=condition=Ready', 'pod', '--all', '--timeout=120s'])
  })

  afterAll(async () => {
    await admin.delete({ apiVersion: 'v1', kind: 'Namespace', name: NAMESPACE })
    await admin.delete({ apiVersion: 'v1', kind: 'PersistentVolume', name: `${NAMESPACE}-data` })
    for (const { record } of await inspect(admin)) {
      if (record.kept.plan.name === 'rbac') await deleteRecord(admin, record)
    }
    for (const object of granted.filter(({ kind }) => kind.endsWith('Binding'))) {
      await admin.delete({ ...object, ...object.metadata })
    }
    admin.close()
    nobody.close()
    await rm(there)
  })

  test('may do nothing before they are applied', async () => {
    const asked = survey(nobody, migration)
    await expect(asked).rejects.toSatisfy((error) => isApiError(error, 403))
  })

  test('plans, applies with a copy, sees where it stands, and rolls back', async () => {
    execFileSync('kubectl', ['apply', '-f', '-'], { input: rolesYaml(granted, { bound: true, role: 'operator' }) })
    const plan = await planOf(nobody)
    expect(plan.findings.filter(({ severity }) => severity === 'block')).toEqual([])
    expect(plan.groups[0]?.workloads.map(({ ref }) => ref.kind).sort()).toEqual([
      'CronJob',
      'DaemonSet',
      'Deployment',
      'Pod',
      'StatefulSet',
    ])
    const results = await apply(plan, patient(nobody))
    expect(results.map(({ outcome, message }) => message ?? outcome)).toEqual(['migrated'])
    expect(await readFile(onJuiceFS(`${NAMESPACE}/notes.txt`))).toBe('kept')
    const [inspection] = (await inspect(nobody)).filter(({ record }) => record.kept.plan.name === 'rbac')
    expect(inspection?.volumes.map(({ state: where }) => where)).toEqual(['moved'])

    const now = await survey(nobody, migration)
    const records = (await readRecords(nobody)).filter(({ kept }) => kept.plan.name === 'rbac')
    const using = new Map(
      records.map(({ kept: { group } }) => [
        group.name,
        findWorkloads(now, [{ namespace: NAMESPACE, name: 'data' }], migration.quiesce),
      ]),
    )
    const back = await rollback(using, patient(nobody))
    expect(back.map(({ outcome, message }) => message ?? outcome)).toEqual(['rolled-back'])
  })

  test('is told by check that nothing is missing, probes, and takes a snapshot', async () => {
    const [, permissions] = readiness(await checkFacts(nobody, migration))
    expect(permissions).toMatchObject({ subject: 'permissions', level: 'ok' })
    const fileSystem = fileSystemOf(migration.target)
    const options = { fileSystem, image: 'local/tools:1', nodes: ['node1', 'node2'], timeout: 60_000, disposal: 1_000 }
    const { signal } = new AbortController()
    const place = { className: 'juicefs-sc' }
    expect((await probe(place, { cluster: nobody, ...options, emit: () => {}, signal })).writer).toBe('node1')
    expect((await takeSnapshot(nobody, fileSystemOf(migration.target))).missing).toEqual([])
  })
})

/** A node that has other things to do takes its time to end a pod. */
function patient(cluster: Cluster): RunOptions {
  const { options } = told(cluster)
  return {
    ...options,
    settings: { ...options.settings, stopTimeout: 120_000, startTimeout: 120_000, rehearsal: false },
  }
}

async function planOf(cluster: Cluster): Promise<Plan> {
  return makePlan(await survey(cluster, migration), migration, { wholeGroups: false, dangerousSplit: false })
}
