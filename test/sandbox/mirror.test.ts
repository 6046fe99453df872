import { afterEach, beforeEach, expect, test } from 'vitest'
import { connect } from '../../src/cluster/connect.ts'
import { DeadlineError } from '../../src/cluster/errors.ts'
import { Mirror } from '../../src/cluster/mirror.ts'
import type { KubeObject } from '../../src/domain/object.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'

const KIND = { apiVersion: 'v1', kind: 'ConfigMap' }
const options = { timeout: 5_000, what: 'the change' }

let sandbox: Sandbox
let cluster: Awaited<ReturnType<typeof connect>>
let mirror: Mirror<KubeObject>

beforeEach(async () => {
  sandbox = await startSandbox({ objects: [configMap('there')] })
  cluster = await connect({ kubeconfigText: sandbox.kubeconfig })
  mirror = new Mirror(cluster, KIND)
  await mirror.open()
})
afterEach(async () => {
  mirror.close()
  cluster.close()
  await sandbox.close()
})

function configMap(name: string, data: Record<string, string> = {}): KubeObject {
  return { ...KIND, metadata: { name, namespace: 'default' }, data }
}

const named = (name: string) => ({ namespace: 'default', name })

test('what happens after it was opened is told to whoever waits, and to whoever comes too late', async () => {
  const isThere = (now: KubeObject | undefined) => now !== undefined
  const waiting = Promise.all(['a', 'b'].map((name) => mirror.until(named(name), isThere, options)))
  await cluster.create(configMap('a'))
  await cluster.create(configMap('b'))
  expect((await waiting).map((each) => each?.metadata.name)).toEqual(['a', 'b'])
  expect((await mirror.until(named('a'), isThere, options))?.metadata.name).toBe('a')
})

test('a deletion is told', async () => {
  const gone = mirror.until(named('there'), (now) => now === undefined, options)
  await cluster.delete({ ...KIND, ...named('there') })
  expect(await gone).toBeUndefined()
})

test('an object that is as wanted already needs no news', async () => {
  const now = await cluster.get<KubeObject>({ ...KIND, ...named('there') })
  expect(await mirror.until(named('there'), (object) => object !== undefined, { ...options, now })).toBe(now)
})

test('waiting ends at its deadline, and says for what', async () => {
  const waiting = mirror.until(named('never'), () => true, { timeout: 20, what: 'what never comes' })
  await expect(waiting).rejects.toThrow(DeadlineError)
  await expect(waiting).rejects.toThrow('what never comes')
})

test('waiting ends with its signal', async () => {
  const controller = new AbortController()
  const waiting = mirror.until(named('never'), () => true, { ...options, signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
})
