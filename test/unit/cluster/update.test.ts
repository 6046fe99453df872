import { expect, test } from 'vitest'
import type { Cluster } from '../../../src/cluster/cluster.ts'
import { ApiError, ConnectionError } from '../../../src/cluster/errors.ts'
import { type Change, ConflictError, update } from '../../../src/cluster/update.ts'
import type { KubeObject, ObjectRef } from '../../../src/domain/object.ts'

const REF: ObjectRef = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'lab', name: 'settings' }

interface Settings extends KubeObject {
  data: { colour: string }
}

type Trouble = ((make: () => void) => never) | undefined

/** A server with one object, of which each change meets the next of `troubles` first. */
class OneObject {
  object: Settings | undefined = settings('red', 1)
  reads = 0
  changes = 0
  readonly cluster: Cluster
  readonly #troubles: Trouble[]

  constructor(...troubles: Trouble[]) {
    this.#troubles = troubles
    this.cluster = {
      find: async () => {
        this.reads++
        return this.object
      },
      patch: async (_: ObjectRef, { body }: { body: Partial<Settings> }) =>
        this.#change(body, () => {
          this.object = settings(body.data?.colour ?? '', this.#version + 1)
        }),
      create: async (object: Settings) => this.#change({}, () => (this.object = settings(object.data.colour, 1))),
      delete: async (ref: ObjectRef, options: object) =>
        this.#change({ metadata: { name: ref.name, uid: ref.uid, ...options } }, () => (this.object = undefined)),
    } as unknown as Cluster
  }

  get #version(): number {
    return Number(this.object?.metadata.resourceVersion ?? 0)
  }

  #change(body: { metadata?: KubeObject['metadata'] }, make: () => void): Settings | undefined {
    this.changes++
    this.#troubles.shift()?.(make)
    if (body.metadata && body.metadata.resourceVersion !== String(this.#version)) throw conflict()
    make()
    return this.object
  }
}

function settings(colour: string, version: number): Settings {
  const metadata = { name: 'settings', namespace: 'lab', uid: 'u', resourceVersion: String(version) }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { colour } }
}

const conflict = () => new ApiError('it has been modified', { status: 409, reason: 'Conflict' })
const refused = (status: number) => () => {
  throw new ApiError('no', { status, reason: 'No' })
}
const lostAnswer = (make: () => void) => {
  make()
  throw new ConnectionError('the answer is lost')
}

const blue = (now: Settings | undefined): Change<Settings> | undefined =>
  now?.data.colour === 'blue' ? undefined : { do: 'patch', body: { data: { colour: 'blue' } } }

test('A change that another was faster than is decided again on what that one has written', async () => {
  const server = new OneObject()
  const seen: (string | undefined)[] = []
  const stale = settings('green', 0)
  const decide = (now: Settings | undefined) => {
    seen.push(now?.data.colour)
    return blue(now)
  }
  expect((await update(server.cluster, REF, decide, { known: stale }))?.data.colour).toBe('blue')
  expect(seen).toEqual(['green', 'red'])
})

test('A change whose answer is lost is not made twice', async () => {
  const server = new OneObject(lostAnswer)
  expect((await update(server.cluster, REF, blue))?.metadata.resourceVersion).toBe('2')
  expect(server.changes).toBe(1)
})

test('A deletion whose answer is lost, and a creation, end with what is there', async () => {
  const server = new OneObject(lostAnswer, lostAnswer)
  const gone = (now: Settings | undefined): Change<Settings> | undefined => now && { do: 'delete' }
  expect(await update(server.cluster, REF, gone)).toBeUndefined()
  const there = (now: Settings | undefined): Change<Settings> | undefined =>
    now ? undefined : { do: 'create', object: settings('blue', 1) }
  expect((await update(server.cluster, REF, there, { known: undefined }))?.data.colour).toBe('blue')
  expect(server.changes).toBe(2)
})

test('What is as wanted is not changed, and what is gone is not made again unasked', async () => {
  const server = new OneObject()
  server.object = undefined
  expect(await update<Settings>(server.cluster, REF, (now) => now && blue(now))).toBeUndefined()
  expect(server.changes).toBe(0)
})

test('A server that refuses a change is asked once', async () => {
  const server = new OneObject(refused(403))
  await expect(update(server.cluster, REF, blue)).rejects.toMatchObject({ status: 403 })
  expect(server.changes).toBe(1)
})

test('An object that others change all the time is given up with the name of it and the next thing to try', async () => {
  const server = new OneObject(...Array.from({ length: 100 }, () => refused(409)))
  const error = await update(server.cluster, REF, blue).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ConflictError)
  expect(String(error)).toContain('ConfigMap lab/settings')
  expect((error as ConflictError).remedy).toContain('managedFields')
  expect(server.changes).toBeLessThan(20)
})
