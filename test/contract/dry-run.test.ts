import { expect, it } from 'vitest'
import { contract, expectRefusal, expectStatus } from './api.ts'
import { volume } from './manifests.ts'

contract('A dry run', (ground) => {
  const maps = () => `${ground.here}/configmaps`
  const make = (name: string, more: object = {}) => ground.client.create(maps(), { metadata: { name }, ...more })
  const DRY = '?dryRun=All'

  it('of a creation answers with the object as it would be, without a version, and makes nothing', async () => {
    const asked = await expectStatus(201, ground.client.create(maps() + DRY, { metadata: { name: 'asked' } }))
    expect(asked.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(asked.metadata.resourceVersion).toBeUndefined()
    expect((await ground.client.get(`${maps()}/asked`)).status).toBe(404)
    await expectStatus(201, make('asked'))
    const named = await expectStatus(201, ground.client.create(maps() + DRY, { metadata: { generateName: 'some-' } }))
    expect(named.metadata.name).toMatch(/^some-[a-z0-9]{5}$/)
  })

  it('fills in defaults, and refuses what would be refused', async () => {
    const path = '/api/v1/persistentvolumes'
    const asked = await expectStatus(201, ground.client.create(path + DRY, volume(`${ground.namespace}-dry`)))
    expect(asked.spec.volumeMode).toBe('Filesystem')
    expect(asked.metadata.finalizers).toEqual(['kubernetes.io/pv-protection'])
    expect((await ground.client.get(`${path}/${ground.namespace}-dry`)).status).toBe(404)
    await expectRefusal(422, 'Invalid', ground.client.create(`${path}${DRY}`, { metadata: { name: 'no-spec' } }))
    const nowhere = ground.client.create(`/api/v1/namespaces/nowhere-at-all/configmaps${DRY}`, {
      metadata: { name: 'a' },
    })
    await expectRefusal(404, 'NotFound', nowhere)
    await expectStatus(201, make('taken'))
    await expectRefusal(409, 'AlreadyExists', ground.client.create(maps() + DRY, { metadata: { name: 'taken' } }))
  })

  it('of a change answers with what it would become, in the version that it has, and changes nothing', async () => {
    const made = await expectStatus(201, make('changed', { data: { a: '1' } }))
    const path = `${maps()}/changed`
    const patched = await expectStatus(200, ground.client.patch(path + DRY, { data: { a: '2' } }))
    expect(patched.data).toEqual({ a: '2' })
    expect(patched.metadata.resourceVersion).toBe(made.metadata.resourceVersion)
    const replaced = await expectStatus(200, ground.client.replace(path + DRY, { ...made, data: { b: '1' } }))
    expect(replaced.data).toEqual({ b: '1' })
    const stale = ground.client.replace(path + DRY, { ...made, metadata: { ...made.metadata, resourceVersion: '1' } })
    await expectRefusal(409, 'Conflict', stale)
    expect((await ground.client.get(path)).body).toMatchObject({ data: { a: '1' }, metadata: made.metadata })
  })

  it('of a deletion keeps to its conditions, and deletes nothing', async () => {
    const { uid } = (await expectStatus(201, make('kept'))).metadata
    const path = `${maps()}/kept`
    await expectStatus(200, ground.client.send('DELETE', path + DRY))
    await expectStatus(200, ground.client.delete(path, { dryRun: ['All'], preconditions: { uid } }))
    const other = ground.client.delete(path, { dryRun: ['All'], preconditions: { uid: 'another' } })
    await expectRefusal(409, 'Conflict', other)
    await expectRefusal(404, 'NotFound', ground.client.send('DELETE', `${maps()}/none${DRY}`))
    expect((await ground.client.get(path)).body.metadata.deletionTimestamp).toBeUndefined()
    // where there is a body, it says all of it
    await expectStatus(200, ground.client.delete(path + DRY, {}))
    await expectRefusal(404, 'NotFound', ground.client.get(path))
  })

  it('knows no other value than All', async () => {
    const asked = ground.client.create(`${maps()}?dryRun=Some`, { metadata: { name: 'some' } })
    expect(await expectRefusal(422, 'Invalid', asked)).toContain('supported values: "All"')
  })
})
