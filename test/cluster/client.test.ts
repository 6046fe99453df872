import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Cluster, WatchEvent } from '../../src/cluster/cluster.ts'
import { connect } from '../../src/cluster/connect.ts'
import { ConnectionError, isApiError } from '../../src/cluster/errors.ts'
import { stringifyJson } from '../../src/cluster/json.ts'
import { type KubeObject, refOf } from '../../src/domain/object.ts'
import { customKind, define } from '../laboratory/definition.ts'
import { kubeconfigOfNobody } from '../laboratory/real.ts'

const there = process.env.JUICIFY_TEST_CLUSTER === '1'

/** Against the API server that KUBECONFIG points to; it may do anything there, in namespaces of its own. */
describe.skipIf(!there)('on a real API server (JUICIFY_TEST_CLUSTER=1)', () => {
  const namespace = `client-${process.pid}`
  const ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap' }
  const Widget = { apiVersion: 'juicify.test/v1', kind: 'Widget' }
  const definition = customKind(Widget.apiVersion, Widget.kind)
  let cluster: Cluster
  const ending: AbortController[] = []

  const configMap = (name: string): KubeObject => ({ ...ConfigMap, metadata: { name, namespace }, data: { a: '1' } })

  beforeAll(async () => {
    cluster = await connect()
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  })
  afterEach(() => {
    for (const end of ending.splice(0)) end.abort()
  })
  afterAll(async () => {
    await cluster.delete(refOf(definition))
    await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace })
    cluster.close()
  })

  test('a list longer than a page is read whole, and its items say what they are', async () => {
    const names = Array.from({ length: 501 }, (_, i) => `page-${i}`)
    // a busy server does not take hundreds of connections at once
    for (let i = 0; i < names.length; i += 50)
      await Promise.all(names.slice(i, i + 50).map((name) => cluster.create(configMap(name))))
    const pages: number[] = []
    await cluster.list(ConfigMap, { namespace, onPage: (items) => pages.push(items.length) })
    expect(pages[0]).toBe(500)
    expect(pages.length).toBeGreaterThan(1)
    const { items } = await cluster.list(ConfigMap, { namespace })
    expect(items.filter(({ metadata }) => metadata.name.startsWith('page-'))).toHaveLength(501)
    expect(items.every(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'ConfigMap')).toBe(true)
  })

  test('a field that no library knows, and an integer that no double holds, survive a backup', async () => {
    await define(cluster, definition)
    const widget = {
      ...Widget,
      metadata: { name: 'w', namespace },
      spec: { bytes: 9007199254740993n, nested: { unheardOf: [1.5, 'é', null, {}] }, empty: '' },
    }
    const ref = refOf(widget)
    await cluster.create(widget)
    const backup = await cluster.get(ref)
    expect(backup.spec).toEqual(widget.spec)
    await cluster.delete(refOf(backup))
    const { resourceVersion, uid, creationTimestamp, generation, managedFields, selfLink, ...metadata } =
      backup.metadata
    await cluster.create({ ...backup, metadata })
    expect(stringifyJson((await cluster.get(ref)).spec)).toBe(stringifyJson(backup.spec))
    const replaced = await cluster.replace(await cluster.get(ref))
    expect(replaced.spec).toEqual(widget.spec)
  })

  test('a watch tells every change in its order', async () => {
    const { resourceVersion } = await cluster.list(ConfigMap, { namespace })
    const stop = new AbortController()
    ending.push(stop)
    const events: WatchEvent<KubeObject>[] = []
    const watching = (async () => {
      const options = { namespace, name: 'watched', resourceVersion, signal: stop.signal }
      for await (const event of cluster.watch(ConfigMap, options)) if (events.push(event) === 3) return
    })()
    const made = await cluster.create(configMap('watched'))
    await cluster.patch(refOf(made), { type: 'merge', body: { data: { a: '2' } } })
    await cluster.delete(refOf(made))
    await watching
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
    expect(events[1]?.object).toMatchObject({ ...ConfigMap, data: { a: '2' } })
  })

  test('a watch from a version that the server has forgotten lists and goes on', async () => {
    const made = await cluster.create(configMap('forgotten'))
    const stop = new AbortController()
    ending.push(stop)
    for await (const event of cluster.watch(ConfigMap, {
      namespace,
      name: 'forgotten',
      resourceVersion: '1',
      signal: stop.signal,
    })) {
      expect(event.object.metadata.uid).toBe(made.metadata.uid)
      break
    }
  })

  test('waiting sees an object come, change and go', async () => {
    const ref = refOf(configMap('awaited'))
    const wait = (what: string, done: (object: KubeObject | undefined) => boolean) =>
      cluster.waitFor(ref, done, { timeout: 30_000, what })
    const coming = wait('its coming', (it) => it !== undefined)
    const made = await cluster.create(configMap('awaited'))
    expect((await coming)?.metadata.uid).toBe(made.metadata.uid)
    const changing = wait('its change', (it) => JSON.stringify(it?.data) === '{"a":"2"}')
    await cluster.patch(ref, { type: 'json', body: [{ op: 'replace', path: '/data/a', value: '2' }] })
    await changing
    const going = wait('its end', (it) => it === undefined)
    await cluster.delete(ref)
    await going
  })

  test('a deletion by uid leaves a newer object of that name alone', async () => {
    const old = await cluster.create(configMap('renewed'))
    await cluster.delete(refOf(old))
    const renewed = await cluster.create(configMap('renewed'))
    const error = await cluster.delete(refOf(old)).catch((thrown: unknown) => thrown)
    expect(isApiError(error, 409, 'Conflict')).toBe(true)
    expect((await cluster.get(refOf(configMap('renewed')))).metadata.uid).toBe(renewed.metadata.uid)
    await cluster.delete(refOf(renewed))
    await cluster.delete(refOf(renewed))
  })

  test('a name that is taken and a version that is old are told apart', async () => {
    const made = await cluster.create(configMap('taken'))
    const taken = await cluster.create(configMap('taken')).catch((thrown: unknown) => thrown)
    expect(isApiError(taken, 409, 'AlreadyExists')).toBe(true)
    await cluster.patch(refOf(made), { type: 'merge', body: { data: { a: '2' } } })
    const old = await cluster.replace(made).catch((thrown: unknown) => thrown)
    expect(isApiError(old, 409, 'Conflict')).toBe(true)
  })

  test('whoever may do nothing is told what is not allowed', async () => {
    const nobody = await connect({ kubeconfigText: await kubeconfigOfNobody() })
    const error = await nobody.list({ apiVersion: 'v1', kind: 'PersistentVolume' }).catch((thrown: unknown) => thrown)
    nobody.close()
    expect(isApiError(error, 403, 'Forbidden')).toBe(true)
    expect(String(error)).toMatch(/User "nobody" cannot list resource "persistentvolumes"/)
  })

  test('a token that nobody has, and another authority, are told each in its way', async () => {
    const text = readFileSync(process.env.KUBECONFIG ?? '', 'utf8')
    const stranger = await connect({ kubeconfigText: text.replace(/token: "?\w+"?/, 'token: "nonsense"') })
    const unknown = await stranger.raw('GET', '/api/v1/nodes').catch((thrown: unknown) => thrown)
    stranger.close()
    expect(isApiError(unknown, 401, 'Unauthorized')).toBe(true)
    const astray = await connect({
      kubeconfigText: text.replace(/certificate-authority: *"[^"]*"/, 'insecure-skip-tls-verify: false'),
    })
    const untrusted = await astray.raw('GET', '/version').catch((thrown: unknown) => thrown)
    astray.close()
    expect(untrusted).toBeInstanceOf(ConnectionError)
    expect(String(untrusted)).toContain('is not signed by the certificate authority')
  })
})
