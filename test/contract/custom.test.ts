import { expect, it } from 'vitest'
import { contract, expectRefusal, expectStatus } from './api.ts'

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

contract('Custom resources', (ground) => {
  const group = () => `${ground.name('group')}.example.com`
  const path = () => `/apis/${group()}/v1/namespaces/${ground.namespace}/trainings`
  const training = (name: string, spec: object = {}) => ({
    apiVersion: `${group()}/v1`,
    kind: 'Training',
    metadata: { name },
    spec,
  })

  const define = async () => {
    const name = `trainings.${group()}`
    if ((await ground.client.get(`${DEFINITIONS}/${name}`)).status === 200) return
    ground.cleanUp(`${DEFINITIONS}/${name}`)
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
    const scale = {
      specReplicasPath: '.spec.workers',
      statusReplicasPath: '.status.workers',
      labelSelectorPath: '.status.selector',
    }
    const version = { name: 'v1', served: true, storage: true, schema, subresources: { status: {}, scale } }
    await expectStatus(
      201,
      ground.client.create(DEFINITIONS, {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name },
        spec: {
          group: group(),
          scope: 'Namespaced',
          names: { plural: 'trainings', kind: 'Training' },
          versions: [version],
        },
      }),
    )
    await ground.client.until(`${DEFINITIONS}/${name}`, (found) =>
      (found?.status?.conditions ?? []).some(
        (condition: { type: string; status: string }) =>
          condition.type === 'Established' && condition.status === 'True',
      ),
    )
    // The path is served a moment after that.
    while ((await ground.client.get(path())).status !== 200);
  }

  it('are served once they are defined', async () => {
    await define()
    const made = await expectStatus(
      201,
      ground.client.create(path(), training('one', { workers: 3, anything: { at: ['all', 1, null] } })),
    )
    expect(made.spec.anything).toEqual({ at: ['all', 1, null] })
    expect(made.metadata.generation).toBe(1)
    const list = await expectStatus(200, ground.client.get(path()))
    expect(list).toMatchObject({ kind: 'TrainingList', items: [{ apiVersion: `${group()}/v1`, kind: 'Training' }] })
    const group404 = await ground.client.get(`${path()}/none`)
    expect(group404.body.message).toBe(`trainings.${group()} "none" not found`)
  })

  it('take merge and JSON patches, and no strategic ones', async () => {
    await define()
    await expectStatus(201, ground.client.create(path(), training('patched', { workers: 1 })))
    const next = await expectStatus(200, ground.client.patch(`${path()}/patched`, { spec: { workers: 2 } }))
    expect(next.metadata.generation).toBe(2)
    const refused = ground.client.patch(`${path()}/patched`, { spec: { workers: 3 } }, 'strategic')
    await expectRefusal(415, 'UnsupportedMediaType', refused)
  })

  it('need their version to be replaced', async () => {
    await define()
    const made = await expectStatus(201, ground.client.create(path(), training('replaced')))
    const message = await expectRefusal(
      422,
      'Invalid',
      ground.client.replace(`${path()}/replaced`, training('replaced', { workers: 1 })),
    )
    expect(message).toContain(
      `metadata.resourceVersion: Invalid value: ${ground.minor < 37 ? '0x0' : '0'}: must be specified for an update`,
    )
    await expectStatus(200, ground.client.replace(`${path()}/replaced`, { ...made, spec: { workers: 1 } }))
  })

  it('keep status and spec apart', async () => {
    await define()
    const made = await expectStatus(
      201,
      ground.client.create(path(), { ...training('parts', { workers: 1 }), status: { workers: 9 } }),
    )
    expect(made.status).toBeUndefined()
    const status = await expectStatus(
      200,
      ground.client.patch(`${path()}/parts/status`, {
        status: { workers: 1 },
        spec: { workers: 9 },
        metadata: { labels: { a: 'b' } },
      }),
    )
    expect(status).toMatchObject({ status: { workers: 1 }, spec: { workers: 1 } })
    expect(status.metadata.labels).toBeUndefined()
    expect(status.metadata.generation).toBe(1)
  })

  it('are scaled where their definition says so', async () => {
    await define()
    await expectStatus(201, ground.client.create(path(), training('scaled', { workers: 3 })))
    await ground.client.patch(`${path()}/scaled/status`, { status: { workers: 3, selector: 'a=b' } })
    const scale = await expectStatus(200, ground.client.get(`${path()}/scaled/scale`))
    expect(scale).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 3 },
      status: { replicas: 3, selector: 'a=b' },
    })
    await expectStatus(200, ground.client.patch(`${path()}/scaled/scale`, { spec: { replicas: 0 } }))
    expect((await ground.client.get(`${path()}/scaled`)).body.spec.workers).toBe(0)
  })

  it('are owners, with whom their pods go', async () => {
    await define()
    const made = await expectStatus(201, ground.client.create(path(), training('owner')))
    const ownerReferences = [
      { apiVersion: `${group()}/v1`, kind: 'Training', name: 'owner', uid: made.metadata.uid, controller: true },
    ]
    await expectStatus(
      201,
      ground.client.create(`${ground.here}/configmaps`, { metadata: { name: 'owned', ownerReferences } }),
    )
    await expectStatus(200, ground.client.delete(`${path()}/owner`))
    await ground.client.gone(`${ground.here}/configmaps/owned`)
  })

  it('are not watched from a version that is long gone: 410 comes, in the stream', async () => {
    await define()
    for await (const { type, object } of ground.client.watch(`${path()}?resourceVersion=1&timeoutSeconds=30`)) {
      expect(type).toBe('ERROR')
      expect(object).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 })
      expect(object.message).toMatch(/^too old resource version: 1 \(\d+\)$/)
      return
    }
    expect.unreachable('the watch ended without a word')
  })

  it('are gone with their definition', async () => {
    await define()
    await expectStatus(200, ground.client.delete(`${DEFINITIONS}/trainings.${group()}`))
    await ground.client.gone(`${DEFINITIONS}/trainings.${group()}`)
    let status = 200
    while (status === 200) status = (await ground.client.get(path())).status
    expect(status).toBe(404)
  })
})
