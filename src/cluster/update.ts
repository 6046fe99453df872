import { Failure } from '../domain/failure.ts'
import { describeRef, type KubeObject, type ObjectRef } from '../domain/object.ts'
import { worded } from '../words/trouble.ts'
import type { Cluster, DeleteOptions } from './cluster.ts'
import { isApiError, isTransient } from './errors.ts'

/** Max attempts on write conflicts and lost answers. */
const MOST_TRIES = 8

/** What is to become of an object. It is done to the very version that was decided on, and to no other. */
export type Change<T extends KubeObject = KubeObject> =
  | { do: 'create'; object: T }
  | { do: 'replace'; object: T }
  /** A merge patch, without the uid and the version. */
  | { do: 'patch'; body: { metadata?: object; [field: string]: unknown }; subresource?: string }
  | { do: 'delete'; propagation?: DeleteOptions['propagation'] }

export interface UpdateOptions<T extends KubeObject> {
  /** The object as it was seen last, undefined where it was seen not to be there: it need not be read first. */
  known?: T | undefined
  /** Reads it, where it is not the object itself but a subresource of it. */
  read?: () => Promise<T | undefined>
}

/** Others have changed an object again and again while it was to be changed. */
export class ConflictError extends Failure {}

/**
 * Reads an object, has `decide` say what is to become of it (undefined: it is as wanted), and changes the very version
 * that was read: a change that arrives late, for its run slept or the network did, meets another one and is refused.
 * Where another was faster, or no answer says whether the change was made, it is read and decided again. `decide` is
 * pure; it gets undefined where the object is gone, or another one has its name, and may throw what ends the update.
 * Returns the object as it is then; undefined where it is not there, or its deletion has been accepted. Throws
 * ConflictError where others change it all the time, and the ApiError of a server that does not want the change.
 */
export async function update<T extends KubeObject = KubeObject>(
  cluster: Cluster,
  ref: ObjectRef,
  decide: (now: T | undefined) => Change<T> | undefined,
  options: UpdateOptions<T> = {},
): Promise<T | undefined> {
  const read = options.read ?? (() => cluster.find<T>(ref))
  let now = 'known' in options ? options.known : await read()
  for (let tries = 1; ; tries++) {
    const change = decide(now)
    if (!change) return now
    try {
      return await carryOut(cluster, ref, now, change)
    } catch (error) {
      const changedMeanwhile = isApiError(error, 404) || isApiError(error, 409)
      if (!changedMeanwhile && !isTransient(error)) throw error
      if (tries >= MOST_TRIES) throw changedMeanwhile ? conflict(ref, error) : error
    }
    now = await read()
  }
}

async function carryOut<T extends KubeObject>(
  cluster: Cluster,
  ref: ObjectRef,
  now: T | undefined,
  change: Change<T>,
): Promise<T | undefined> {
  const { uid, resourceVersion } = now?.metadata ?? {}
  switch (change.do) {
    case 'create':
      return cluster.create(change.object)
    case 'replace':
      return cluster.replace({ ...change.object, metadata: { ...change.object.metadata, resourceVersion } })
    case 'patch': {
      const { body, subresource } = change
      const bound = { ...body, metadata: { ...body.metadata, uid, resourceVersion } }
      return cluster.patch<T>(ref, { type: 'merge', body: bound }, subresource === undefined ? {} : { subresource })
    }
    case 'delete': {
      const { propagation } = change
      await cluster.delete({ ...ref, uid }, { resourceVersion, ...(propagation ? { propagation } : {}) })
      return undefined
    }
  }
}

function conflict(ref: ObjectRef, cause: unknown): ConflictError {
  return new ConflictError(...worded((say) => say.server.changedByOthers(describeRef(ref), MOST_TRIES), { cause }))
}
