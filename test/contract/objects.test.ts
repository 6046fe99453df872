import { expect, it } from 'vitest'
import { contract, expectRefusal, expectStatus } from './api.ts'
import { volume, workload } from './manifests.ts'

contract('Objects', (ground) => {
  const maps = () => `${ground.here}/configmaps`
  const make = (name: string, more: object = {}) => ground.client.create(maps(), { metadata: { name }, ...more })

  it('get from the server a uid, a version and a time of their own, whatever was sent', async () => {
    const made = await expectStatus(
      201,
      ground.client.create(maps(), {
        metadata: { name: 'own', uid: 'mine', creationTimestamp: '2001-01-01T00:00:00Z' },
      }),
    )
    expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(made.metadata.resourceVersion).toMatch(/^\d+$/)
    expect(Date.now() - Date.parse(made.metadata.creationTimestamp)).toBeLessThan(60_000)
    expect((await ground.client.get(`${maps()}/own`)).body.metadata.uid).toBe(made.metadata.uid)
  })

  it('are not created with a version, nor twice, nor in a namespace that is not there', async () => {
    const versioned = await ground.client.create(maps(), { metadata: { name: 'versioned', resourceVersion: '1' } })
    expect(versioned.status).toBe(500)
    expect(versioned.body.message).toBe('resourceVersion should not be set on objects to be created')
    await expectStatus(201, make('twice'))
    expect(await expectRefusal(409, 'AlreadyExists', make('twice'))).toBe('configmaps "twice" already exists')
    const nowhere = ground.client.create('/api/v1/namespaces/nowhere-at-all/configmaps', { metadata: { name: 'a' } })
    expect(await expectRefusal(404, 'NotFound', nowhere)).toBe('namespaces "nowhere-at-all" not found')
    const other = ground.client.create(maps(), { metadata: { name: 'a', namespace: 'default' } })
    expect(await expectRefusal(400, 'BadRequest', other)).toContain('does not match the namespace sent on the request')
  })

  it('have names that DNS allows, or a prefix that the server completes', async () => {
    await expectRefusal(422, 'Invalid', make('Not_A_Name'))
    await expectRefusal(422, 'Invalid', ground.client.create(maps(), { metadata: {} }))
    const made = await expectStatus(201, ground.client.create(maps(), { metadata: { generateName: 'some-' } }))
    expect(made.metadata.name).toMatch(/^some-[a-z0-9]{5}$/)
  })

  it('are missed under their plural, with their group', async () => {
    const missing = await ground.client.get(`/apis/apps/v1/namespaces/${ground.namespace}/deployments/none`)
    expect(missing.body).toMatchObject({
      message: 'deployments.apps "none" not found',
      details: { name: 'none', group: 'apps', kind: 'deployments' },
    })
    expect((await ground.client.get('/api/v1/unknownthings')).status).toBe(404)
    expect((await ground.client.get('/apis/unknown.example/v1/things')).status).toBe(404)
  })

  it('are replaced only from the version that is current, where one is given', async () => {
    const first = await expectStatus(201, make('replaced', { data: { a: '1' } }))
    const path = `${maps()}/replaced`
    const second = await expectStatus(200, ground.client.replace(path, { ...first, data: { a: '2' } }))
    expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion)
    const stale = await expectRefusal(409, 'Conflict', ground.client.replace(path, { ...first, data: { a: '3' } }))
    expect(stale).toBe(
      'Operation cannot be fulfilled on configmaps "replaced": the object has been modified; please apply your changes to the latest version and try again',
    )
    await expectStatus(200, ground.client.replace(path, { metadata: { name: 'replaced' }, data: { a: '4' } }))
    const foreign = ground.client.replace(path, { metadata: { name: 'replaced', uid: 'another' } })
    expect(await expectRefusal(409, 'Conflict', foreign)).toContain('Precondition failed: UID in precondition: another')
    await expectRefusal(404, 'NotFound', ground.client.replace(`${maps()}/none`, { metadata: { name: 'none' } }))
    await expectRefusal(400, 'BadRequest', ground.client.replace(path, { metadata: { name: 'other' } }))
  })

  it('keep their version where a change changes nothing', async () => {
    const made = await expectStatus(201, make('same', { data: { a: '1' } }))
    const same = await expectStatus(200, ground.client.patch(`${maps()}/same`, { data: { a: '1' } }))
    expect(same.metadata.resourceVersion).toBe(made.metadata.resourceVersion)
  })

  it('take merge patches: null takes away, and version and uid are conditions', async () => {
    const made = await expectStatus(201, make('merged', { data: { a: '1', b: '2' } }))
    const path = `${maps()}/merged`
    const next = await expectStatus(
      200,
      ground.client.patch(path, { data: { a: null, c: '3' }, metadata: { labels: { x: 'y' } } }),
    )
    expect(next.data).toEqual({ b: '2', c: '3' })
    expect(next.metadata.labels).toEqual({ x: 'y' })
    await expectRefusal(
      409,
      'Conflict',
      ground.client.patch(path, { metadata: { resourceVersion: made.metadata.resourceVersion }, data: { d: '4' } }),
    )
    await expectStatus(200, ground.client.patch(path, { metadata: { uid: made.metadata.uid }, data: { d: '4' } }))
    const foreign = ground.client.patch(path, { metadata: { uid: 'another' }, data: { d: '5' } })
    expect(await expectRefusal(422, 'Invalid', foreign)).toContain(
      'metadata.uid: Invalid value: "another": field is immutable',
    )
    await expectRefusal(404, 'NotFound', ground.client.patch(`${maps()}/none`, {}))
  })

  it('take JSON patches: a test that fails changes nothing', async () => {
    await expectStatus(
      201,
      make('patched', { data: { a: '1' }, metadata: { name: 'patched', annotations: { 'x/y': 'z' } } }),
    )
    const path = `${maps()}/patched`
    const next = await expectStatus(
      200,
      ground.client.patch(
        path,
        [
          { op: 'test', path: '/data/a', value: '1' },
          { op: 'replace', path: '/data/a', value: '2' },
          { op: 'add', path: '/data/b', value: '3' },
          { op: 'replace', path: '/data/c', value: '4' },
          { op: 'remove', path: '/metadata/annotations/x~1y' },
        ],
        'json',
      ),
    )
    // What is to be replaced and is not there is added.
    expect(next.data).toEqual({ a: '2', b: '3', c: '4' })
    expect(next.metadata.annotations).toBeUndefined()
    await expectRefusal(
      422,
      'Invalid',
      ground.client.patch(
        path,
        [
          { op: 'test', path: '/data/a', value: '1' },
          { op: 'remove', path: '/data/a' },
        ],
        'json',
      ),
    )
    await expectRefusal(422, 'Invalid', ground.client.patch(path, [{ op: 'remove', path: '/data/none' }], 'json'))
    expect((await ground.client.get(path)).body.data).toEqual({ a: '2', b: '3', c: '4' })
  })

  it('take strategic patches: containers are merged by name, finalizers as a set', async () => {
    const path = `/apis/apps/v1/namespaces/${ground.namespace}/deployments`
    await expectStatus(201, ground.client.create(path, workload('Deployment', 'strategic', { replicas: 0 })))
    const containers = [
      { name: 'main', env: [{ name: 'A', value: '1' }] },
      { name: 'second', image: 'local/pause:1' },
    ]
    const patch = { metadata: { finalizers: ['juicify.dev/test'] }, spec: { template: { spec: { containers } } } }
    const next = await expectStatus(200, ground.client.patch(`${path}/strategic`, patch, 'strategic'))
    const found = next.spec.template.spec.containers
    expect(found).toHaveLength(2)
    const main = found.find(({ name }: { name: string }) => name === 'main')
    expect(main).toMatchObject({ image: 'local/pause:1', env: [{ name: 'A', value: '1' }] })
    const removal = {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['juicify.dev/test'] },
      spec: { template: { spec: { containers: [{ name: 'second', $patch: 'delete' }] } } },
    }
    const last = await expectStatus(200, ground.client.patch(`${path}/strategic`, removal, 'strategic'))
    expect(last.spec.template.spec.containers).toHaveLength(1)
    expect(last.metadata.finalizers).toBeUndefined()
  })

  it('refuse a patch of a form that is not known', async () => {
    await expectStatus(201, make('unpatched'))
    await expectRefusal(
      415,
      'UnsupportedMediaType',
      ground.client.send('PATCH', `${maps()}/unpatched`, {}, 'application/json'),
    )
  })

  it('count the changes of their spec in their generation, and no others', async () => {
    const path = `/apis/apps/v1/namespaces/${ground.namespace}/deployments`
    await expectStatus(201, ground.client.create(path, workload('Deployment', 'counted', { replicas: 0 })))
    const labelled = await expectStatus(
      200,
      ground.client.patch(`${path}/counted`, { metadata: { labels: { a: 'b' } } }),
    )
    expect(labelled.metadata.generation).toBe(1)
    const changed = await expectStatus(200, ground.client.patch(`${path}/counted`, { spec: { minReadySeconds: 1 } }))
    expect(changed.metadata.generation).toBe(2)
  })

  it('keep their status when they are changed, and their spec when their status is', async () => {
    const name = ground.name('parts')
    ground.cleanUp(`/api/v1/persistentvolumes/${name}`)
    await expectStatus(
      201,
      ground.client.create('/api/v1/persistentvolumes', { ...volume(name), status: { phase: 'Failed' } }),
    )
    const path = `/api/v1/persistentvolumes/${name}`
    await ground.client.until(path, (found) => found?.status?.phase === 'Available')
    const next = await expectStatus(
      200,
      ground.client.patch(path, { status: { phase: 'Failed' }, metadata: { labels: { a: 'b' } } }),
    )
    expect(next.status.phase).toBe('Available')
    const status = await expectStatus(
      200,
      ground.client.patch(`${path}/status`, {
        status: { message: 'hello' },
        spec: { persistentVolumeReclaimPolicy: 'Delete' },
      }),
    )
    expect(status.status.message).toBe('hello')
    expect(status.spec.persistentVolumeReclaimPolicy).toBe('Retain')
  })

  it('are made by a replacement where they are Leases, which need their version to be replaced', async () => {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${ground.namespace}/leases/lock`
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'lock' },
      spec: { holderIdentity: 'a' },
    }
    const made = await expectStatus(201, ground.client.replace(path, lease))
    expect(await expectRefusal(422, 'Invalid', ground.client.replace(path, lease))).toContain(
      `metadata.resourceVersion: Invalid value: ${ground.minor < 37 ? '0x0' : '0'}: must be specified for an update`,
    )
    await expectStatus(200, ground.client.replace(path, { ...made, spec: { holderIdentity: 'b' } }))
    await expectRefusal(409, 'Conflict', ground.client.replace(path, { ...made, spec: { holderIdentity: 'c' } }))
  })
})
