import { expect, it } from 'vitest'
import { contract, expectRefusal, expectStatus, type Thing } from './api.ts'

contract('Deletions', (ground) => {
  const maps = () => `${ground.here}/configmaps`
  const make = (name: string, metadata: object = {}) =>
    expectStatus(201, ground.client.create(maps(), { metadata: { name, ...metadata } }))
  const owner = ({ apiVersion, kind, metadata: { name, uid } }: Thing, more: object = {}) => ({
    apiVersion: apiVersion ?? 'v1',
    kind: kind ?? 'ConfigMap',
    name,
    uid,
    ...more,
  })

  it('take away at once what nothing holds, and say what it was', async () => {
    const made = await make('plain')
    const answer = await expectStatus(200, ground.client.delete(`${maps()}/plain`))
    expect(answer).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'plain', kind: 'configmaps', uid: made.metadata.uid },
    })
    await expectRefusal(404, 'NotFound', ground.client.delete(`${maps()}/plain`))
  })

  it('are refused where the uid or the version is another one’s', async () => {
    const made = await make('conditional')
    const path = `${maps()}/conditional`
    const uid = ground.client.delete(path, { preconditions: { uid: 'another' } })
    expect(await expectRefusal(409, 'Conflict', uid)).toContain(
      `the UID in the precondition (another) does not match the UID in record (${made.metadata.uid})`,
    )
    const version = ground.client.delete(path, { preconditions: { resourceVersion: '1' } })
    expect(await expectRefusal(409, 'Conflict', version)).toContain(
      'the ResourceVersion in the precondition (1) does not match',
    )
    await expectStatus(
      200,
      ground.client.delete(path, {
        preconditions: { uid: made.metadata.uid, resourceVersion: made.metadata.resourceVersion },
      }),
    )
  })

  it('wait for finalizers, of which no new ones are taken then', async () => {
    await make('final', { finalizers: ['juicify.dev/one', 'juicify.dev/two'] })
    const path = `${maps()}/final`
    const marked = await expectStatus(200, ground.client.delete(path))
    expect(marked.metadata.deletionTimestamp).toBeDefined()
    expect(marked.metadata.deletionGracePeriodSeconds).toBe(0)
    const again = await expectStatus(200, ground.client.delete(path))
    expect(again.metadata.deletionTimestamp).toBe(marked.metadata.deletionTimestamp)
    const added = ground.client.patch(path, {
      metadata: { finalizers: ['juicify.dev/one', 'juicify.dev/two', 'juicify.dev/three'] },
    })
    expect(await expectRefusal(422, 'Invalid', added)).toContain(
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"juicify.dev/three"}',
    )
    await expectStatus(200, ground.client.patch(path, { data: { still: 'changeable' } }))
    await expectStatus(200, ground.client.patch(path, { metadata: { finalizers: ['juicify.dev/two'] } }))
    await expectStatus(200, ground.client.get(path))
    await expectStatus(200, ground.client.patch(path, { metadata: { finalizers: null } }))
    await expectRefusal(404, 'NotFound', ground.client.get(path))
  })

  it('take with them what is owned', async () => {
    const parent = await make('parent')
    await make('child', { ownerReferences: [owner(parent)] })
    await ground.client.delete(`${maps()}/parent`)
    await ground.client.gone(`${maps()}/child`)
  })

  it('leave what has another owner still', async () => {
    const [first, second] = [await make('owner-1'), await make('owner-2')]
    await make('shared', { ownerReferences: [owner(first), owner(second)] })
    await ground.client.delete(`${maps()}/owner-1`)
    const left = await ground.client.until(`${maps()}/shared`, (found) => found?.metadata.ownerReferences?.length === 1)
    expect(left.metadata.ownerReferences).toMatchObject([{ uid: second.metadata.uid }])
  })

  it('leave orphans where that is asked for', async () => {
    const parent = await make('leaving')
    await make('orphan', { ownerReferences: [owner(parent)] })
    await expectStatus(200, ground.client.delete(`${maps()}/leaving`, { propagationPolicy: 'Orphan' }))
    await ground.client.gone(`${maps()}/leaving`)
    const orphan = await expectStatus(200, ground.client.get(`${maps()}/orphan`))
    expect(orphan.metadata.ownerReferences).toBeUndefined()
    expect(orphan.metadata.deletionTimestamp).toBeUndefined()
  })

  it('in the foreground wait for what is owned and blocks them', async () => {
    const parent = await make('front')
    await make('blocking', {
      ownerReferences: [owner(parent, { blockOwnerDeletion: true })],
      finalizers: ['juicify.dev/hold'],
    })
    const marked = await expectStatus(200, ground.client.delete(`${maps()}/front`, { propagationPolicy: 'Foreground' }))
    expect(marked.metadata.finalizers).toEqual(['foregroundDeletion'])
    await ground.client.until(`${maps()}/blocking`, (found) => found?.metadata.deletionTimestamp !== undefined)
    await expectStatus(200, ground.client.get(`${maps()}/front`))
    await ground.client.patch(`${maps()}/blocking`, { metadata: { finalizers: null } })
    await ground.client.gone(`${maps()}/front`)
  })

  it('of a namespace empty it, take nothing new meanwhile, and wait for what is held', async () => {
    const name = ground.name('doomed')
    const path = `/api/v1/namespaces/${name}`
    await expectStatus(201, ground.client.create('/api/v1/namespaces', { metadata: { name } }))
    await expectStatus(
      201,
      ground.client.create(`${path}/configmaps`, { metadata: { name: 'held', finalizers: ['juicify.dev/hold'] } }),
    )
    await expectStatus(201, ground.client.create(`${path}/configmaps`, { metadata: { name: 'free' } }))
    const marked = await expectStatus(200, ground.client.delete(path))
    expect(marked.status.phase).toBe('Terminating')
    await ground.client.gone(`${path}/configmaps/free`)
    await ground.client.until(`${path}/configmaps/held`, (found) => found?.metadata.deletionTimestamp !== undefined)
    const late = ground.client.create(`${path}/configmaps`, { metadata: { name: 'late' } })
    expect(await expectRefusal(403, 'Forbidden', late)).toBe(
      `configmaps "late" is forbidden: unable to create new content in namespace ${name} because it is being terminated`,
    )
    await ground.client.patch(`${path}/configmaps/held`, { metadata: { finalizers: null } })
    await ground.client.gone(path)
  })
})
