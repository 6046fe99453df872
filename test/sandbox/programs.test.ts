import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Connection, connect } from '../../src/cluster/connect.ts'
import { namespaceManifest } from '../../src/domain/names.ts'
import { type KubeObject, refOf } from '../../src/domain/object.ts'
import { ensureProgramOf, programMap, removeLoosePrograms } from '../../src/jobs/program.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'

let sandbox: Sandbox
let cluster: Connection
beforeEach(async () => {
  sandbox = await startSandbox({ objects: [namespaceManifest()] })
  cluster = await connect({ kubeconfigText: sandbox.kubeconfig })
})
afterEach(async () => {
  cluster.close()
  await sandbox.close()
})

const map = () => programMap('copy', 'exit 0')
const job = (name = 'copy') =>
  cluster.create<KubeObject>({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'juicify' },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'copy', image: 'local/tools:1' }] } } },
  })

test('the program of a Job that a killed run did not come to make goes, and that of a Job stays', async () => {
  await cluster.create(map())
  const other = await cluster.create({ ...map(), metadata: { ...map().metadata, name: 'other' } })
  await ensureProgramOf(cluster, await job(), 'exit 0')
  await removeLoosePrograms(cluster)
  expect(await cluster.find(refOf(other))).toBeUndefined()
  expect((await cluster.find(refOf(map())))?.metadata.ownerReferences?.map(({ name }) => name)).toEqual(['copy'])
})

test('a program that gets its Job while loose ones are removed stays', async () => {
  await cluster.create(map())
  const made = await job()
  const list = cluster.list.bind(cluster)
  vi.spyOn(cluster, 'list').mockImplementationOnce(async (kind, options) => {
    const found = await list(kind, options)
    await ensureProgramOf(cluster, made, 'exit 0')
    return found as never
  })
  await removeLoosePrograms(cluster)
  expect(await cluster.find(refOf(map()))).toBeDefined()
})

test('a program that is left of an earlier Job of that name is made anew, for the cluster still takes that one away', async () => {
  // one that is there still, for the embedded cluster takes away at once what nobody owns
  const { uid = '' } = (await job('earlier')).metadata
  const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name: 'earlier', uid }]
  const left = await cluster.create({ ...map(), metadata: { ...map().metadata, ownerReferences } })
  const made = await job()
  await ensureProgramOf(cluster, made, 'exit 0')
  const now = await cluster.find<KubeObject>(refOf(map()))
  expect(now?.metadata.ownerReferences?.map(({ uid }) => uid)).toEqual([made.metadata.uid])
  expect(now?.metadata.uid).not.toBe(left.metadata.uid)
})

test('a program that was removed as a loose one is there again when its Job is', async () => {
  await cluster.create(map())
  const made = await job()
  await removeLoosePrograms(cluster)
  await ensureProgramOf(cluster, made, 'exit 0')
  expect(await cluster.find(refOf(map()))).toBeDefined()
})
