import { expect, it } from 'vitest'
import { contract, expectRefusal, expectStatus, type Happening } from './api.ts'
import { pod } from './manifests.ts'

contract('Lists', (ground) => {
  const maps = () => `${ground.here}/configmaps`
  const names = (things: { metadata: { name: string } }[]) => things.map(({ metadata }) => metadata.name)
  const make = (name: string, labels: Record<string, string> = {}) =>
    expectStatus(201, ground.client.create(maps(), { metadata: { name, labels } }))

  it('come sorted by name, in pages of one version, whatever happens in between', async () => {
    for (const name of ['page-c', 'page-a', 'page-e', 'page-b']) await make(name, { of: 'pages' })
    const first = await expectStatus(200, ground.client.get(`${maps()}?labelSelector=of%3Dpages&limit=2`))
    expect(first).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' })
    expect(names(first.items)).toEqual(['page-a', 'page-b'])
    await make('page-d', { of: 'pages' })
    await ground.client.delete(`${maps()}/page-c`)
    const token = encodeURIComponent(first.metadata.continue ?? '')
    const second = await expectStatus(
      200,
      ground.client.get(`${maps()}?labelSelector=of%3Dpages&limit=2&continue=${token}`),
    )
    expect(names(second.items)).toEqual(['page-c', 'page-e'])
    expect(second.metadata.continue ?? '').toBe('')
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
    await expectRefusal(400, 'BadRequest', ground.client.get(`${maps()}?limit=2&continue=nonsense`))
  })

  it('take label selectors of every form', async () => {
    const labels: Record<string, Record<string, string>> = {
      l1: { tier: 'a', app: 'x' },
      l2: { tier: 'b' },
      l3: { tier: 'c', app: 'y' },
    }
    for (const [name, own] of Object.entries(labels)) await make(name, { of: 'labels', ...own })
    const selected = async (selector: string) =>
      names(
        (
          await expectStatus(
            200,
            ground.client.get(`${maps()}?labelSelector=${encodeURIComponent(`of=labels,${selector}`)}`),
          )
        ).items,
      )
    expect(await selected('tier=a')).toEqual(['l1'])
    expect(await selected('tier==a')).toEqual(['l1'])
    expect(await selected('tier!=a')).toEqual(['l2', 'l3'])
    expect(await selected('tier in (a, b)')).toEqual(['l1', 'l2'])
    expect(await selected('tier notin (a,b)')).toEqual(['l3'])
    expect(await selected('app')).toEqual(['l1', 'l3'])
    expect(await selected('!app')).toEqual(['l2'])
    expect(await selected('app!=x')).toEqual(['l2', 'l3'])
    for (const wrong of ['a==!', 'a in b', 'a in (b', '=b'])
      await expectRefusal(400, 'BadRequest', ground.client.get(`${maps()}?labelSelector=${encodeURIComponent(wrong)}`))
  })

  it('take field selectors of the fields that their kind allows', async () => {
    await make('field')
    const byName = await expectStatus(200, ground.client.get(`${maps()}?fieldSelector=metadata.name%3Dfield`))
    expect(names(byName.items)).toEqual(['field'])
    await expectStatus(
      201,
      ground.client.create(`${ground.here}/pods`, pod('unplaced', [], { nodeSelector: { no: 'such-node' } })),
    )
    const pods = async (selector: string) =>
      names(
        (
          await expectStatus(
            200,
            ground.client.get(`${ground.here}/pods?fieldSelector=${encodeURIComponent(selector)}`),
          )
        ).items,
      )
    expect(await pods('spec.nodeName=,status.phase=Pending')).toEqual(['unplaced'])
    expect(await pods('status.phase!=Pending')).toEqual([])
    expect(await pods(`metadata.namespace=${ground.namespace}`)).toEqual(['unplaced'])
    const unknown = ground.client.get(`${maps()}?fieldSelector=data.a%3Db`)
    expect(await expectRefusal(400, 'BadRequest', unknown)).toBe(
      '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
    )
    const unsupported = ground.client.get(`${ground.here}/pods?fieldSelector=spec.a%3Db`)
    expect(await expectRefusal(400, 'BadRequest', unsupported)).toBe('field label not supported: spec.a')
  })

  it('of the whole cluster hold what is in every namespace', async () => {
    await make('everywhere')
    const found = await expectStatus(
      200,
      ground.client.get('/api/v1/configmaps?fieldSelector=metadata.name%3Deverywhere'),
    )
    expect(found.items.some(({ metadata }) => metadata.namespace === ground.namespace)).toBe(true)
    await expectRefusal(
      405,
      'MethodNotAllowed',
      ground.client.create('/api/v1/configmaps', { metadata: { name: 'a' } }),
    )
  })

  it('of a namespace that is not there are empty', async () => {
    expect((await expectStatus(200, ground.client.get('/api/v1/namespaces/nowhere-at-all/pods'))).items).toEqual([])
  })

  it('can be deleted as a whole', async () => {
    for (const name of ['all-1', 'all-2']) await make(name, { of: 'all' })
    await make('all-not')
    await expectStatus(200, ground.client.delete(`${maps()}?labelSelector=of%3Dall`))
    expect((await ground.client.get(`${maps()}?labelSelector=of%3Dall`)).body.items).toEqual([])
    expect((await ground.client.get(`${maps()}/all-not`)).status).toBe(200)
  })
})

contract('Watches', (ground) => {
  const maps = () => `${ground.here}/configmaps`
  const make = (name: string, labels: Record<string, string> = {}) =>
    expectStatus(201, ground.client.create(maps(), { metadata: { name, labels } }))
  const version = async () => (await ground.client.get(maps())).body.metadata.resourceVersion
  const seen = async (path: string, count: number): Promise<Happening[]> => {
    const all: Happening[] = []
    for await (const happening of ground.client.watch(`${path}&timeoutSeconds=30`))
      if (all.push(happening) === count) break
    return all
  }
  const told = (happenings: Happening[]) => happenings.map(({ type, object }) => `${type} ${object.metadata.name}`)

  it('tell all that happened since a version, in order, each with the version it made', async () => {
    const from = await version()
    const made = await make('told')
    const changed = await expectStatus(200, ground.client.patch(`${maps()}/told`, { data: { a: '1' } }))
    await ground.client.delete(`${maps()}/told`)
    const happenings = await seen(`${maps()}?resourceVersion=${from}`, 3)
    expect(told(happenings)).toEqual(['ADDED told', 'MODIFIED told', 'DELETED told'])
    expect(happenings[0]?.object.metadata.resourceVersion).toBe(made.metadata.resourceVersion)
    expect(happenings[1]?.object.metadata.resourceVersion).toBe(changed.metadata.resourceVersion)
    expect(Number(happenings[2]?.object.metadata.resourceVersion)).toBeGreaterThan(
      Number(changed.metadata.resourceVersion),
    )
  })

  it('go on with what happens next', async () => {
    const watch = ground.client.watch(`${maps()}?resourceVersion=${await version()}&timeoutSeconds=30`)
    for (const name of ['next-1', 'next-2']) {
      const next = watch.next()
      await make(name)
      expect((await next).value).toMatchObject({ type: 'ADDED', object: { metadata: { name } } })
    }
    await watch.return(undefined)
  })

  it('without a version start with what is there', async () => {
    await make('there', { of: 'there' })
    expect(told(await seen(`${maps()}?labelSelector=of%3Dthere`, 1))).toEqual(['ADDED there'])
  })

  it('tell of what comes into their selection and leaves it', async () => {
    const from = await version()
    await make('moving')
    await ground.client.patch(`${maps()}/moving`, { metadata: { labels: { in: 'yes' } } })
    await ground.client.patch(`${maps()}/moving`, { metadata: { labels: { in: 'yes', more: 'too' } } })
    await ground.client.patch(`${maps()}/moving`, { metadata: { labels: { in: null } } })
    const happenings = await seen(`${maps()}?labelSelector=in%3Dyes&resourceVersion=${from}`, 3)
    expect(told(happenings)).toEqual(['ADDED moving', 'MODIFIED moving', 'DELETED moving'])
  })

  it('can follow one object by its name', async () => {
    const from = await version()
    await make('other-one')
    await make('this-one')
    expect(told(await seen(`${maps()}?fieldSelector=metadata.name%3Dthis-one&resourceVersion=${from}`, 1))).toEqual([
      'ADDED this-one',
    ])
  })

  it('end when their time is over', async () => {
    const from = await version()
    for await (const happening of ground.client.watch(`${maps()}?resourceVersion=${from}&timeoutSeconds=1`))
      expect.unreachable(JSON.stringify(happening))
  })
})
