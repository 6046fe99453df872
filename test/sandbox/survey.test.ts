import { readdirSync, readFileSync } from 'node:fs'
import { loadAll, YAML11_SCHEMA } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { connect } from '../../src/cluster/connect.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import type { Survey } from '../../src/domain/survey.ts'
import { readMigration } from '../../src/planner/migration-file.ts'
import { makePlan } from '../../src/planner/plan.ts'
import { type Interference, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts'
import { survey } from '../../src/survey/survey.ts'
import { customKind, SCALE } from '../laboratory/definition.ts'

const root = new URL('../../', import.meta.url)

function fixture(folder: string): KubeObject[] {
  const path = new URL(`fixtures/${folder}/`, root)
  const texts = readdirSync(path).map((file) => readFileSync(new URL(file, path), 'utf8'))
  return texts.flatMap((text) => loadAll(text, { schema: YAML11_SCHEMA }) as KubeObject[])
}

function migration(name: string) {
  const file = `plans/${name}.yaml`
  return readMigration(readFileSync(new URL(file, root), 'utf8'), file)
}

/** Runs something on an embedded cluster with these objects. */
async function on<T>(
  objects: KubeObject[],
  run: (cluster: Cluster) => Promise<T>,
  onRequest: SandboxOptions['onRequest'] = () => undefined,
): Promise<T> {
  const sandbox = await startSandbox({ objects, onRequest })
  try {
    await sandbox.settled()
    const cluster = await connect({ kubeconfigText: sandbox.kubeconfig })
    try {
      return await run(cluster)
    } finally {
      cluster.close()
    }
  } finally {
    await sandbox.close()
  }
}

const surveyed = (objects: KubeObject[]): Promise<Survey> =>
  on(objects, (cluster) => survey(cluster, migration('cube-studio')))

const PLAIN = { wholeGroups: false, dangerousSplit: false }

describe.each(['cube-studio-2022', 'cube-studio-2026'])('a cube-studio as it is surveyed (%s)', async (folder) => {
  const found = await surveyed(fixture(folder))

  test('plans as one group, with what uses it named and what must stay left where it is', () => {
    const { copy, ...rest } = migration('cube-studio')
    // the juicefs of 2022 is too old to copy with
    const newer = { ...copy, image: 'juicedata/mount:ce-v1.4.0' }
    const plan = makePlan(found, { ...rest, copy: newer, source: { nodes: 'shared' } }, PLAIN)
    expect(plan.groups.map(({ directories, staying, blocked }) => ({ directories, staying, blocked }))).toEqual([
      { directories: ['/data/k8s/kubeflow'], staying: ['/data/k8s/kubeflow/minio'], blocked: false },
    ])
    expect(plan.groups[0]?.workloads.map(({ ref }) => `${ref.kind} ${ref.namespace}/${ref.name}`)).toEqual([
      'Deployment infra/kubeflow-dashboard',
      'Deployment infra/kubeflow-dashboard-schedule',
      'Deployment infra/kubeflow-dashboard-worker',
      'Deployment infra/kubeflow-watch',
      'Deployment service/mnist-v1',
      'Pod jupyter/admin-jupyter',
      'Pod jupyter/lin-vscode',
    ])
    const staying = plan.findings.filter(({ code }) => code === 'excluded')
    expect(Object.fromEntries(staying.map(({ object, why }) => [object?.name, why]))).toMatchObject({
      'infra-mysql-pv': expect.stringContaining('MySQL'),
      'kubeflow-minio-pv': expect.stringContaining('an object store'),
      'minio1-pv': expect.stringContaining('JuiceFS itself depends on this volume'),
      'monitoring-grafana-pv': expect.stringContaining('Grafana'),
      'monitoring-prometheus-pv': expect.stringContaining('Prometheus'),
    })
  })

  test('has no value of a Secret in it, and no notes of who wrote which field', () => {
    const text = JSON.stringify(found)
    expect(text).not.toContain('placeholder')
    expect(text).not.toContain(Buffer.from('placeholder').toString('base64'))
    expect(text).not.toContain('managedFields')
    expect(found.secret?.endpoints).toEqual([
      { key: 'metaurl', host: '10.0.0.20', port: 6379 },
      { key: 'bucket', host: 'minio.infra.svc', port: 9000 },
    ])
  })
})

describe('a survey', () => {
  const custom = /^\/apis\/(?!juicify\.dev)[a-z0-9-]+(\.[a-z0-9-]+)+\//
  const askedOfCustom = async (answer: (path: string) => Interference | undefined) => {
    const paths: string[] = []
    const objects = fixture('cube-studio-2026')
    const found = await on(
      objects,
      (cluster) => survey(cluster, migration('cube-studio')),
      ({ path }) => {
        if (custom.test(path) && !path.includes('.k8s.io/')) paths.push(path)
        return answer(path)
      },
    )
    const workflows = found.controllers.filter(({ kind }) => kind === 'Workflow')
    return { paths, workflows: workflows.map(({ metadata }) => metadata.name) }
  }

  test('asks a server only for the custom resources whose API group it has', async () => {
    const { paths, workflows } = await askedOfCustom(() => undefined)
    expect(workflows).toEqual(['train-mnist'])
    expect(paths.filter((path) => !path.startsWith('/apis/argoproj.io/'))).toEqual([])
  })

  test('asks for all of them where the server does not tell its API groups', async () => {
    const answer = { status: 403, reason: 'Forbidden', message: 'you may not' }
    const { paths, workflows } = await askedOfCustom((path) => (path === '/apis' ? { answer } : undefined))
    expect(workflows).toEqual(['train-mnist'])
    expect(paths).toContain('/apis/kubeflow.org/v1')
  })

  test('says which Secret the Jobs’ image is to be pulled with and is not in juicify’s namespace', async () => {
    const copy = { mode: 'copy', imagePullSecrets: [{ name: 'hub' }, { name: 'other' }] } as const
    const hub = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hub', namespace: 'juicify' } }
    const elsewhere = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'other', namespace: 'infra' } }
    const pulling = { ...migration('jupyter'), copy: { ...copy, imagePullSecrets: [...copy.imagePullSecrets] } }
    const found = await on([...fixture('jupyter'), hub, elsewhere], (cluster) => survey(cluster, pulling))
    expect(found.missingForPods?.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(['juicify/other'])
    const plan = makePlan(found, pulling, PLAIN)
    expect(plan.findings.find(({ code }) => code === 'missing-for-pods')?.object?.name).toBe('other')
    expect(plan.groups.every(({ blocked }) => blocked)).toBe(true)
  })

  test('of the jupyter namespace alone plans without a block', async () => {
    const plan = makePlan(await surveyed(fixture('jupyter')), migration('jupyter'), PLAIN)
    expect(plan.groups.map(({ blocked }) => blocked)).toEqual([false, false])
    expect(plan.findings.filter(({ severity }) => severity === 'block')).toEqual([])
  })

  test('finds the custom resource that owns pods, whether it is one or many', async () => {
    const [claims, pod] = [fixture('cube-studio-2026'), 'train-mnist-fit']
    const of = (found: Survey) =>
      found.controllers.filter(({ kind }) => kind === 'Workflow').map(({ metadata }) => metadata.name)
    expect(of(await surveyed(claims))).toEqual(['train-mnist'])
    const template = claims.find(({ kind, metadata }) => kind === 'Pod' && metadata.name === pod)
    const workflow = claims.find(({ kind }) => kind === 'Workflow')
    if (!template || !workflow) throw new Error('the fixture has another shape')
    const many = Array.from({ length: 12 }, (_, i) => {
      const uid = `6a0c7a52-9a4f-4c27-9f6f-1f6d3c0b7b${10 + i}`
      const owner = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', name: `w${i}`, uid, controller: true }
      return [
        { ...workflow, metadata: { ...workflow.metadata, name: `w${i}`, uid } },
        { ...template, metadata: { ...template.metadata, name: `p${i}`, ownerReferences: [owner] } },
      ]
    })
    expect(of(await surveyed([...claims, ...many.flat()])).sort()).toEqual(
      ['train-mnist', ...many.map((_, i) => `w${i}`)].sort(),
    )
  })

  test('knows the scale of a custom resource that is at 0, while its last pod is still there', async () => {
    const rollout = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      metadata: { name: 'web', namespace: 'pipeline', uid: '6a0c7a52-9a4f-4c27-9f6f-1f6d3c0b7b01' },
      spec: { replicas: 0 },
    }
    const { name, uid } = rollout.metadata
    const found = await surveyed([
      ...fixture('jupyter'),
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'pipeline' } },
      customKind(rollout.apiVersion, rollout.kind, SCALE),
      rollout,
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: 'web-1',
          namespace: 'pipeline',
          ownerReferences: [{ apiVersion: rollout.apiVersion, kind: 'Rollout', name, uid, controller: true }],
        },
        spec: {
          nodeName: 'node1',
          containers: [{ name: 'c', image: 'busybox' }],
          volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }],
        },
      },
    ])
    expect(found.scales).toMatchObject([{ ref: { kind: 'Rollout', name: 'web' }, replicas: 0 }])
  })

  test('takes no copy of juicify’s own for somebody who uses a directory', async () => {
    const pod = (name: string, labels: Record<string, string>): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'juicify', labels },
      spec: {
        containers: [{ name: 'main', image: 'local/tools:1' }],
        volumes: [{ name: 'source', hostPath: { path: '/data/k8s/kubeflow' } }],
      },
    })
    const pods = [pod('copy', { 'juicify.dev/copy': '1a2b3c4d' }), pod('other', {})]
    const found = await surveyed([...fixture('jupyter'), ...pods])
    expect(found.pods.filter(({ namespace }) => namespace === 'juicify').map(({ name }) => name)).toEqual(['other'])
  })

  test('sees everything outside of juicify’s namespace, whatever labels of juicify’s it bears', async () => {
    const label = { 'juicify.dev/copy': '1a2b3c4d' }
    const labelled = fixture('jupyter').map((object) => {
      const { metadata } = object
      return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, ...label } } }
    })
    const names = ({ volumes, claims, pods }: Awaited<ReturnType<typeof surveyed>>) => ({
      volumes: volumes.map(({ metadata }) => metadata.name),
      claims: claims.map(({ metadata }) => metadata.name),
      pods: pods.map(({ name }) => name),
    })
    const expected = names(await surveyed(fixture('jupyter')))
    expect(expected.volumes).not.toEqual([])
    expect(names(await surveyed(labelled))).toEqual(expected)
  })

  test('knows the groups that are under way by their records', async () => {
    const record: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'juicify-archives-1',
        namespace: 'juicify',
        labels: { 'app.kubernetes.io/managed-by': 'juicify', 'juicify.dev/group': 'archives-1' },
        annotations: { 'juicify.dev/state': 'migrating' },
      },
      data: { volumes: 'jupyter-kubeflow-archives\n' },
    }
    const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'juicify' } }
    const found = await surveyed([...fixture('jupyter'), namespace, record])
    expect(found.records).toEqual([{ group: 'archives-1', state: 'migrating', volumes: ['jupyter-kubeflow-archives'] }])
    const plan = makePlan(found, migration('jupyter'), PLAIN)
    expect(plan.groups.flatMap(({ volumes }) => volumes.map(({ name }) => name))).toEqual([
      'jupyter-kubeflow-user-workspace',
    ])
  })
})
