import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { connect } from '../../src/cluster/connect.ts'
import { type KubeObject, refOf } from '../../src/domain/object.ts'
import { type Interference, type Sandbox, type SandboxRequest, startSandbox } from '../../src/sandbox/index.ts'
import { survey } from '../../src/survey/survey.ts'
import { findWorkloads } from '../../src/workloads/find.ts'
import { runningPods, waitUntilUnused } from '../../src/workloads/pods.ts'
import {
  rememberWorkload,
  startWorkload,
  stopWorkload,
  waitUntilFinished,
  waitUntilStarted,
} from '../../src/workloads/quiesce.ts'
import { restart } from '../../src/workloads/rolling.ts'
import { UsageWatch } from '../../src/workloads/usage-watch.ts'
import type { Remembered } from '../../src/workloads/workload-kind.ts'
import { laboratory, NAMESPACES, podSpec } from '../laboratory/manifests.ts'
import { stateOf } from '../laboratory/state.ts'

const TARGET = {
  target: {
    driver: 'csi.juicefs.com',
    secretRef: { name: 's', namespace: 'kube-system' },
    volumeAttributes: {},
    mountOptions: [],
  },
}
const CLAIMS = NAMESPACES.flatMap((namespace) => ['workspace', 'archives'].map((name) => ({ namespace, name })))
const PATIENCE = { timeout: 20_000 }

interface Scene {
  sandbox: Sandbox
  cluster: Cluster
  remembered: Remembered[]
}

/** Runs a scene in a laboratory with a workload of every kind; `interfere` is asked before each request of the scene. */
async function inLaboratory(
  scene: (scene: Scene) => Promise<void>,
  interfere: (request: SandboxRequest) => Interference | undefined = () => undefined,
  rolling: Parameters<typeof findWorkloads>[2]['rolling'] = [],
  version: '1.20' | '1.37' = '1.20',
): Promise<void> {
  let isOn = false
  const onRequest = (request: SandboxRequest) => (isOn ? interfere(request) : undefined)
  const sandbox = await startSandbox({ objects: laboratory(), onRequest, kubernetesVersion: version })
  const cluster = await connect({ kubeconfigText: sandbox.kubeconfig })
  try {
    await sandbox.settled()
    const workloads = findWorkloads(await survey(cluster, TARGET), CLAIMS, { unfinished: 'refuse', rolling })
    const remembered = await Promise.all(workloads.map((workload) => rememberWorkload(cluster, workload)))
    isOn = true
    await scene({ sandbox, cluster, remembered })
  } finally {
    cluster.close()
    await sandbox.close()
  }
}

async function stopAndStart({ cluster, remembered }: Scene): Promise<void> {
  for (const each of remembered) await stopWorkload(cluster, each)
  await waitUntilUnused(cluster, CLAIMS, PATIENCE)
  for (const each of remembered.toReversed()) expect(await startWorkload(cluster, each, PATIENCE)).toBeUndefined()
  for (const each of remembered) await waitUntilStarted(cluster, each, PATIENCE)
}

describe('Workloads of every kind', () => {
  test('are stopped until no pod uses the volumes, and come back as they were', () =>
    inLaboratory(async (scene) => {
      const before = stateOf(scene.sandbox.objects())
      expect(before.pods).toHaveLength(12)
      await stopAndStart(scene)
      await scene.sandbox.settled()
      expect(stateOf(scene.sandbox.objects())).toEqual(before)
    }))

  const TROUBLES: [string, Interference][] = [
    ['is refused with a conflict', { answer: { status: 409, reason: 'Conflict' } }],
    ['is answered with an error', { answer: { status: 500, reason: 'InternalError' } }],
    ['breaks off before it is done', { cut: 'before' }],
    ['breaks off after it was done', { cut: 'after' }],
  ]
  test.each(TROUBLES)('come back as they were where the first try of each change %s', (_, trouble) => {
    const seen = new Set<string>()
    const interfere = ({ changing, method, path }: SandboxRequest) => {
      // A refused deletion or creation is final; a creation that never arrived is for the next run.
      const isFinal = 'answer' in trouble ? method !== 'PATCH' : method === 'POST' && trouble.cut === 'before'
      if (!changing || isFinal || seen.has(`${method} ${path}`)) return undefined
      seen.add(`${method} ${path}`)
      return trouble
    }
    return inLaboratory(async (scene) => {
      const before = stateOf(scene.sandbox.objects())
      await stopAndStart(scene)
      await scene.sandbox.settled()
      expect(stateOf(scene.sandbox.objects())).toEqual(before)
      // Each of the six controllers that were running, at least.
      expect(seen.size).toBeGreaterThanOrEqual(6)
    }, interfere)
  })

  test('are seen if they appear while others are waited for, with who made them', () =>
    inLaboratory(async ({ cluster, remembered }) => {
      const late: KubeObject = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'late', namespace: 'pipeline', finalizers: ['example.dev/hold'] },
        spec: {
          containers: [{ name: 'main', image: 'i' }],
          volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'archives' } }],
        },
      }
      const [first, ...others] = remembered
      const said: string[] = []
      const done: Promise<unknown>[] = []
      for (const each of others) await stopWorkload(cluster, each)
      await cluster.create({ ...late, metadata: { ...late.metadata, name: 'early' } })
      const waiting = waitUntilUnused(cluster, CLAIMS, {
        ...PATIENCE,
        onWaiting: (text, pods) => {
          said.push(text)
          if (said.length === 1) done.push(cluster.create(late))
          if (!pods.some(({ ref }) => ref.name === 'late')) return
          for (const { ref } of pods) {
            done.push(cluster.delete(ref))
            done.push(cluster.patch(ref, { type: 'merge', body: { metadata: { finalizers: null } } }))
          }
        },
      })
      await waiting
      await Promise.allSettled(done)
      expect(first?.ref.kind).toBe('CronJob')
      expect(said.join('\n')).toMatch(/Pod pipeline\/late \([^)]*made after juicify had begun to wait/)
    }))

  test('are started at the number that they had when they were stopped, if it is another than was written down', () =>
    inLaboratory(async ({ cluster, remembered }) => {
      const web = remembered.find(({ ref }) => ref.name === 'web') as Remembered
      await cluster.patch(web.ref, { type: 'merge', body: { spec: { replicas: 5 } } })
      await stopWorkload(cluster, web)
      expect((await cluster.get<KubeObject>(web.ref)).spec).toMatchObject({ replicas: 0 })
      expect(await startWorkload(cluster, web, PATIENCE)).toBeUndefined()
      expect((await cluster.get<KubeObject>(web.ref)).spec).toMatchObject({ replicas: 5 })
    }))

  test('of an operator that somebody has scaled since they were started are told to be so in the next run too', () =>
    inLaboratory(async ({ cluster }) => {
      const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' }
      const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
      await cluster.create({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'notebooks.example.com' },
        spec: {
          group: 'example.com',
          scope: 'Namespaced',
          names: { plural: 'notebooks', singular: 'notebook', kind: 'Notebook', listKind: 'NotebookList' },
          versions: [{ name: 'v1', served: true, storage: true, schema, subresources: { scale } }],
        },
      })
      const custom: KubeObject = {
        apiVersion: 'example.com/v1',
        kind: 'Notebook',
        metadata: { name: 'dana', namespace: 'jupyter' },
        spec: { replicas: 2 },
      }
      await cluster.create(custom)
      const remembered: Remembered = { ref: refOf(custom), quiesce: 'stop', stopped: false, replicas: 3 }
      expect(await startWorkload(cluster, remembered, PATIENCE)).toMatch(/was at 3 and is left at 2/)
    }))

  test('are seen in a run that is being interrupted too', () =>
    inLaboratory(async ({ cluster }) => {
      const visits = await UsageWatch.begin(cluster, CLAIMS, { except: [], signal: AbortSignal.abort() })
      expect(await visits.seen()).toHaveLength(11)
    }))

  test('that do not come to their end in time are told with what to do', () =>
    inLaboratory(async ({ cluster }) => {
      const work: KubeObject = {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'training', namespace: 'pipeline' },
        spec: { template: { spec: podSpec(['archives'], { restartPolicy: 'Never' }) } },
      }
      await cluster.create(work)
      const remembered: Remembered = { ref: refOf(work), quiesce: 'wait', stopped: false }
      const waiting = waitUntilFinished(cluster, remembered, { timeout: 100 })
      await expect(waiting).rejects.toMatchObject({ remedy: expect.stringContaining('--timeout') })
    }))

  test('that are restarted pod by pod do not count among those who still use a volume', () =>
    inLaboratory(
      async ({ cluster, remembered }) => {
        const rolling = remembered.filter(({ quiesce }) => quiesce === 'rolling')
        expect(rolling.map(({ ref }) => ref.name)).toEqual(['web'])
        for (const each of remembered) await stopWorkload(cluster, each)
        const except = rolling.map(({ ref }) => ref)
        await waitUntilUnused(cluster, CLAIMS, { ...PATIENCE, except })
        const old = await runningPods(cluster, CLAIMS)
        expect([old.length, await runningPods(cluster, CLAIMS, except)]).toEqual([3, []])
        const since = `${new Date(Date.now() + 1000).toISOString().slice(0, 19)}Z`
        for (const each of rolling) await restart(cluster, each, { ...PATIENCE, since })
        const names = (await runningPods(cluster, CLAIMS)).map(({ ref }) => ref.name)
        expect(names.filter((name) => old.some(({ ref }) => ref.name === name))).toEqual([])
        expect(names).toHaveLength(3)
      },
      undefined,
      [{ name: 'web' }],
    ))

  test('are their own where they only say that a Deployment owns them: it is not stopped for them, nor are they taken for its', () =>
    inLaboratory(
      async ({ cluster, remembered }) => {
        const web = remembered.find(({ ref }) => ref.name === 'web') as Remembered
        const { apiVersion, kind, name, uid = '' } = web.ref
        const tenant = await cluster.create<KubeObject>({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            name: 'tenant',
            namespace: 'pipeline',
            ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
          },
          spec: { ...podSpec(['mine']), nodeName: 'node1' },
        })
        const mine = [{ namespace: 'pipeline', name: 'mine' }]
        const found = findWorkloads(await survey(cluster, TARGET), mine, { unfinished: 'refuse', rolling: [] })
        expect(found.map(({ ref, quiesce }) => ({ ref, quiesce }))).toEqual([{ ref: refOf(tenant), quiesce: 'stop' }])
        const users = await runningPods(cluster, mine, [web.ref])
        expect(users.map(({ ref, owner }) => [ref.name, owner])).toEqual([['tenant', undefined]])
      },
      undefined,
      [{ name: 'web' }],
    ))

  test('that would have their claims deleted when they are scaled down are not stopped, though it was set after the plan', () =>
    inLaboratory(
      async ({ cluster, remembered }) => {
        const set = remembered.find(({ ref }) => ref.kind === 'StatefulSet') as Remembered
        const policy = { whenDeleted: 'Retain', whenScaled: 'Delete' }
        const volumeClaimTemplates = [{ metadata: { name: 'own' }, spec: { accessModes: ['ReadWriteOnce'] } }]
        const { metadata, spec } = await cluster.get<KubeObject>(set.ref)
        await cluster.delete(set.ref)
        const risky = await cluster.create<KubeObject>({
          apiVersion: 'apps/v1',
          kind: 'StatefulSet',
          metadata: { name: `${metadata.name}-own`, namespace: metadata.namespace ?? '' },
          spec: { ...(spec as object), volumeClaimTemplates, persistentVolumeClaimRetentionPolicy: policy },
        })
        const stopping = stopWorkload(cluster, { ...set, ref: refOf(risky) })
        await expect(stopping).rejects.toMatchObject({
          message: expect.stringContaining('is not stopped'),
          remedy: expect.stringContaining('"whenScaled":"Retain"'),
        })
        expect(await cluster.get<KubeObject>(refOf(risky))).toMatchObject({ spec: { replicas: set.replicas } })
      },
      undefined,
      [],
      '1.37',
    ))
})
