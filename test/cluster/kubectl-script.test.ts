import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../src/cluster/connect.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../src/domain/volume.ts'
import { fileSystemOf } from '../../src/filesystem/registry.ts'
import { boundTo, replacementOf } from '../../src/planner/replacement.ts'
import { planAsKubectl } from '../../src/report/kubectl.ts'
import { createBound } from '../laboratory/binding.ts'
import { group, plan, TARGET, workload } from '../unit/report/plans.ts'

const NAMESPACE = `script-${randomBytes(4).toString('hex')}`
const PV = `${NAMESPACE}-archives`

const POD_SPEC = {
  terminationGracePeriodSeconds: 0,
  containers: [
    {
      name: 'main',
      image: 'local/pause:1',
      imagePullPolicy: 'Never',
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    },
  ],
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'archives' } }],
}
const LABELS = { app: 'web' }

const OBJECTS: KubeObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: PV, labels: { [`${NAMESPACE}-pvname`]: PV } },
    spec: {
      capacity: { storage: '500Gi' },
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: '',
      hostPath: { path: `/data/k8s/${NAMESPACE}` },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'archives', namespace: NAMESPACE, labels: { kept: 'yes' } },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: '',
      volumeName: PV,
      resources: { requests: { storage: '500Gi' } },
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: NAMESPACE },
    spec: {
      replicas: 2,
      selector: { matchLabels: LABELS },
      template: { metadata: { labels: LABELS }, spec: POD_SPEC },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'notebook', namespace: NAMESPACE, labels: { user: '42' } },
    spec: POD_SPEC,
  },
]

function kubectl(...words: string[]): string {
  return execFileSync('kubectl', words, { encoding: 'utf8' })
}

function get<T extends KubeObject>(...words: string[]): T {
  return JSON.parse(kubectl('get', ...words, '-o', 'json')) as T
}

function createAll(items: unknown[]): void {
  const list = { apiVersion: 'v1', kind: 'List', items }
  execFileSync('kubectl', ['create', '-f', '-'], { input: JSON.stringify(list), stdio: 'pipe' })
}

function run(script: string, dir: string): void {
  execFileSync('sh', { cwd: dir, input: script, stdio: 'pipe' })
}

/** The uid of the cluster that the tests run on. */
function here(): { uid: string; version: string } {
  return { uid: get('namespace', 'kube-system').metadata.uid ?? '', version: 'any' }
}

describe.skipIf(process.env.JUICIFY_TEST_CLUSTER !== '1')('on a real cluster (JUICIFY_TEST_CLUSTER=1)', () => {
  const dir = mkdtempSync(join(tmpdir(), 'juicify-script-'))

  beforeAll(async () => {
    const cluster = await connect()
    await createBound(cluster, OBJECTS)
    cluster.close()
  })
  afterAll(() => {
    kubectl('delete', 'namespace', NAMESPACE, '--wait=false')
    kubectl('delete', 'pv', PV, '--wait=false')
    rmSync(dir, { recursive: true })
  })

  test('the plan as a script moves the volume: stopped, swapped under its claim, bound, and running again', () => {
    const before = get<PersistentVolume>('pv', PV)
    const claim = get<PersistentVolumeClaim>('pvc', 'archives', '-n', NAMESPACE)
    const pods = get<KubeObject & { items: KubeObject[] }>('pods', '-n', NAMESPACE, '-l', 'app=web').items
    const volume = {
      name: PV,
      directory: `/data/k8s/${NAMESPACE}`,
      subdir: 'a/b',
      claim,
      before,
      after: replacementOf(before, claim, { subdir: 'a/b' }, fileSystemOf(TARGET)),
    }
    const script = planAsKubectl(
      plan(
        [
          group('archives', [volume], {
            workloads: [
              workload('Deployment', NAMESPACE, 'web', { pods: pods.map((pod) => pod.metadata.name) }),
              workload('Pod', NAMESPACE, 'notebook', { pods: ['notebook'] }),
            ],
            steps: ['record', 'retain', 'stop', 'swap', 'start', 'finish'],
          }),
        ],
        { cluster: here() },
      ),
    )
    const notebook = get('pod', 'notebook', '-n', NAMESPACE)
    run(script, dir)

    const after = get<PersistentVolume>('pv', PV)
    expect(after.status?.phase).toBe('Bound')
    expect(after.spec).toMatchObject({
      mountOptions: ['subdir=a/b'],
      persistentVolumeReclaimPolicy: 'Retain',
      csi: { driver: TARGET.driver },
    })
    const claimNow = get<PersistentVolumeClaim>('pvc', 'archives', '-n', NAMESPACE)
    expect(claimNow.status?.phase).toBe('Bound')
    expect(claimNow.metadata.uid).toBe(claim.metadata.uid)
    expect(claimNow.metadata.annotations).toEqual(claim.metadata.annotations)
    expect(get('deployment', 'web', '-n', NAMESPACE)).toMatchObject({ spec: { replicas: 2 } })
    const notebookNow = get('pod', 'notebook', '-n', NAMESPACE)
    expect(notebookNow.metadata.uid).not.toBe(notebook.metadata.uid)
    expect(notebookNow.metadata.labels).toEqual(notebook.metadata.labels)

    // what it was made from is no longer there: a second run must not touch what took its place
    expect(() => run(script, dir)).toThrow(/planned for/)
    expect(get('pv', PV).metadata.uid).toBe(after.metadata.uid)
  })

  test('a claim that is Lost because the volume was exchanged by hand finds back to it', () => {
    const [pv, claim] = [
      get<PersistentVolume>('pv', PV),
      get<PersistentVolumeClaim>('pvc', 'archives', '-n', NAMESPACE),
    ]
    kubectl('delete', 'pv', PV, '--wait=false')
    kubectl('patch', 'pv', PV, '--type=merge', '-p', '{"metadata":{"finalizers":null}}')
    const byHand = replacementOf(pv, claim, { subdir: 'a/b' }, fileSystemOf(TARGET))
    createAll([{ ...byHand, spec: { ...byHand.spec, claimRef: { namespace: NAMESPACE, name: 'archives' } } }])
    kubectl('wait', '-n', NAMESPACE, 'pvc/archives', '--for=jsonpath={.status.phase}=Lost', '--timeout=60s')
    kubectl('wait', `pv/${PV}`, '--for=jsonpath={.status.phase}=Available', '--timeout=60s')

    const before = get<PersistentVolume>('pv', PV)
    const volume = { name: PV, directory: '', subdir: 'a/b', claim, before, after: boundTo(before, claim) }
    run(planAsKubectl(plan([group('repair', [volume])], { cluster: here() })), dir)
    expect(get<PersistentVolume>('pv', PV).status?.phase).toBe('Bound')
    expect(get<PersistentVolumeClaim>('pvc', 'archives', '-n', NAMESPACE).status?.phase).toBe('Bound')
  })
})
