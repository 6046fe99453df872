import type { Cluster } from '../src/cluster/cluster.ts'
import type { KubeObject } from '../src/domain/object.ts'
import { type Figure, median, note } from './figures.ts'
import { claim, createAll, LABEL, namespace, prepare, untilBound, volume } from './laboratory.ts'
import { Observer } from './observer.ts'
import { type Bench, type Result, ROLLBACK } from './setting.ts'

/** What of the time is no doing of juicify's. */
const KUBELETS = 'the kubelets’'
const PARENT = '/data/bench/kubeflow'
/** As cube-studio of 2022 has them: one directory in many namespaces, and the parent of them all. */
const VOLUMES: [string, string, string][] = [
  ...['jupyter', 'pipeline', 'service', 'katib', 'kubeflow'].map((name): [string, string, string] => [
    name,
    'workspace',
    `${PARENT}/pipeline/workspace`,
  ]),
  ...['jupyter', 'pipeline', 'service', 'katib'].map((name): [string, string, string] => [
    name,
    'archives',
    `${PARENT}/pipeline/archives`,
  ]),
  ...['pipeline', 'infra'].map((name): [string, string, string] => [name, 'global', `${PARENT}/global`]),
  ['infra', 'all', PARENT],
]

export async function group(bench: Bench, cluster: Cluster): Promise<Result> {
  const { items: nodes } = await cluster.list({ apiVersion: 'v1', kind: 'Node' })
  if (nodes.length === 0) return { figures: [], skipped: 'the cluster has no node for the pods to run on' }
  await furnishGroup(cluster, bench.image)
  const figures = new Map<string, Figure>()
  for (let round = 0; round < bench.rounds; round++) {
    for (const [name, args] of [
      ['apply', ['apply', '-f', bench.migration, '--yes', '-o', 'json']],
      ['rollback', ROLLBACK],
    ] as const) {
      await allReady(cluster)
      const observer = await Observer.of(cluster)
      try {
        await bench.run([...args])
        await observer.untilBack([...observer.volumes.keys()], 60_000)
        await allReady(cluster)
        const { stopping = Number.NaN, gone = Number.NaN, ready = Number.NaN } = observer.pods
        const bound = Math.max(...[...observer.volumes.values()].map((times) => times.bound ?? Number.NaN))
        const all = `juicify ${name}: all volumes, from the last pod's end on`
        note(figures, `juicify ${name}: a volume, median of ${observer.volumes.size}`, median(observer.away()))
        note(figures, all, bound - gone, 'ms', 'should be ≤ 1000')
        note(
          figures,
          `juicify ${name}: from the first pod stopped to the last pod gone`,
          gone - stopping,
          'ms',
          KUBELETS,
        )
        note(figures, `juicify ${name}: from all volumes Bound to the last pod Ready`, ready - bound, 'ms', KUBELETS)
        note(figures, `juicify ${name}: from the first pod stopped to the last pod Ready`, ready - stopping)
      } finally {
        await observer.close()
      }
    }
  }
  return { figures: [...figures.values()] }
}

/** The group of twelve, with a Deployment in each namespace that mounts all of the namespace's claims. */
export async function furnishGroup(cluster: Cluster, image: string): Promise<void> {
  await prepare(cluster)
  const names = [...new Set(VOLUMES.map(([name]) => name))]
  await createAll(
    cluster,
    names.map((name) => namespace(`bench-${name}`)),
  )
  await createAll(
    cluster,
    VOLUMES.map(([name, data, path]) => volume(`bench-${name}-${data}`, `bench-${name}`, path, data)),
  )
  await createAll(
    cluster,
    VOLUMES.map(([name, data]) => claim(data, `bench-${name}`, `bench-${name}-${data}`)),
  )
  await untilBound(cluster)
  await createAll(
    cluster,
    names.map((name) =>
      deployment(
        `bench-${name}`,
        VOLUMES.flatMap(([of, data]) => (of === name ? [data] : [])),
        image,
      ),
    ),
  )
}

function deployment(namespace: string, claims: string[], image: string): KubeObject {
  const labels = { ...LABEL, app: 'web' }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace, labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'main',
              image,
              imagePullPolicy: 'IfNotPresent',
              volumeMounts: claims.map((name) => ({ name, mountPath: `/${name}` })),
            },
          ],
          volumes: claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
        },
      },
    },
  }
}

async function allReady(cluster: Cluster): Promise<void> {
  const { items } = await cluster.list<KubeObject & { status?: { readyReplicas?: number } }>(
    { apiVersion: 'apps/v1', kind: 'Deployment' },
    {
      labelSelector: Object.entries(LABEL)
        .map((entry) => entry.join('='))
        .join(','),
    },
  )
  for (const { metadata, apiVersion, kind } of items) {
    const ref = { apiVersion, kind, namespace: metadata.namespace, name: metadata.name }
    await cluster.waitFor<(typeof items)[number]>(ref, (now) => now?.status?.readyReplicas === 2, {
      timeout: 120_000,
      what: `${metadata.namespace} to be ready`,
    })
  }
}
