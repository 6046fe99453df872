import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { LABEL, NAMESPACE } from '../../src/domain/names.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { bringJuicifyImage, JUICIFY_IMAGE } from '../laboratory/juicify-image.ts'
import {
  beginInUse,
  differsFrom,
  IN_USE,
  type Move,
  onFileSystem,
  onNode,
  podsIn,
  runsIn,
  until,
  writesTo,
} from '../laboratory/moving.ts'
import { missingHere } from '../laboratory/own-cluster.ts'

interface Job extends KubeObject {
  spec: { template: { spec: { hostNetwork?: boolean; containers: { env?: object[] }[] } } }
  status?: { succeeded?: number; failed?: number }
}

const WEB = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'pipeline', name: 'web' }
/** They are the cluster's, and stay. */
const STAYING = ['Namespace', 'CustomResourceDefinition']

const kubectl = (input: string, ...words: string[]) => execFileSync('kubectl', words, { input, encoding: 'utf8' })

describe.skipIf(missingHere)(`juicify in a Job${missingHere ? ` (${missingHere})` : ''}`, () => {
  let move: Move
  const applied: KubeObject[] = []

  beforeAll(async () => {
    await bringJuicifyImage(inject('juicify'), ['node1', 'node2'])
    move = await beginInUse()
  })
  afterAll(async () => {
    const items = applied.filter(({ kind }) => !STAYING.includes(kind))
    kubectl(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }), 'delete', '--ignore-not-found', '-f', '-')
    await move?.close()
  })

  /** Applies what `juicify job` prints, as people do. These nodes have no Services: its pods reach the server as the nodes do. */
  async function start(...words: string[]): Promise<Job> {
    const child = move.juicify('job', '--image', JUICIFY_IMAGE, '-o', 'json', '--', ...words)
    expect(await child.ended, child.output).toBe(0)
    const { items } = JSON.parse(child.output) as { items: KubeObject[] }
    const job = items.find(({ kind }) => kind === 'Job') as Job
    const { hostname, port } = new URL(move.cluster.server)
    job.spec.template.spec.hostNetwork = true
    for (const container of job.spec.template.spec.containers)
      container.env = [
        { name: 'KUBERNETES_SERVICE_HOST', value: hostname },
        { name: 'KUBERNETES_SERVICE_PORT', value: port },
      ]
    applied.push(...items)
    kubectl(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }), 'apply', '-f', '-')
    return job
  }

  const podsOf = async ({ metadata }: Job) =>
    (await podsIn(move.cluster, NAMESPACE)).filter(
      (pod) => pod.metadata.labels?.['app.kubernetes.io/instance'] === metadata.name,
    )

  /** The log of the pod that has brought the Job to its end. */
  async function logAtItsEnd(job: Job): Promise<string> {
    const ref = { apiVersion: 'batch/v1', kind: 'Job', namespace: NAMESPACE, name: job.metadata.name }
    await until(`${job.metadata.name} to end`, async () => {
      const { status = {} } = await move.cluster.get<Job>(ref)
      if ((status.failed ?? 0) > 2) throw new Error(`it fails: ${await logsOf(job)}`)
      return (status.succeeded ?? 0) > 0
    })
    return logsOf(job)
  }

  async function logsOf(job: Job): Promise<string> {
    const names = (await podsOf(job)).map(({ metadata }) => metadata.name)
    return names.map((name) => kubectl('', 'logs', '-n', NAMESPACE, name)).join('\n')
  }

  test('that is evicted in the middle of an apply is followed by a pod that finishes it, and nothing is lost', async () => {
    const job = await start('apply', '-f', 'move.yaml')
    await until('the workloads to be stopped', async () => {
      const web = await move.cluster.get<KubeObject>(WEB)
      return web.metadata.labels?.[LABEL.stoppedFrom] !== undefined
    })
    const [first] = await podsOf(job)
    await move.cluster.delete({ apiVersion: 'v1', kind: 'Pod', namespace: NAMESPACE, name: first?.metadata.name ?? '' })
    const log = await logAtItsEnd(job)
    // the second pod's: of the first there is none any more
    expect((await podsOf(job)).map(({ metadata }) => metadata.uid)).not.toContain(first?.metadata.uid)
    expect(log).toMatch(/record: already done/)
    expect(await move.onJuiceFS(), log).toEqual(Object.keys(move.before).sort())
    for (const directory of IN_USE) {
      const [from, to] = [onNode('node1', directory), onFileSystem(directory)]
      await writesTo(to, await runsIn(from))
      expect(await differsFrom(from, to, '--exclude=/fifo')).toEqual([])
    }
    expect(await move.readyPods()).toEqual([expect.any(String), expect.any(String)])
  })

  test('plans as a viewer, which reads no Secret', async () => {
    const log = await logAtItsEnd(await start('plan', '-f', 'move.yaml'))
    expect(log).toMatch(/^Plan cube-studio for in-cluster/m)
  })
})
