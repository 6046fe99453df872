import type { Cluster } from '../cluster/cluster.ts'
import { ApiError, ConnectionError, isApiError } from '../cluster/errors.ts'
import { LABEL } from '../domain/names.ts'
import type { KubeObject, ObjectRef } from '../domain/object.ts'

/** What it was before juicify stopped it; undefined where juicify has not stopped it. */
export function markOf(object: KubeObject): string | undefined {
  return object.metadata.labels?.[LABEL.stoppedFrom]
}

/** What is to be changed of an object: parts of it, as in a merge patch. */
export interface Change {
  /** The label above; null takes it off, undefined leaves it. */
  mark?: string | null
  spec?: Record<string, unknown>
}

/** So often is tried what others get in the way of. */
export const TRIES = 8

/**
 * Reads the object, has `decide` say what is to be changed (undefined: nothing, it is as wanted), and changes the very
 * version that was read. Where another was faster, or the answer was lost, it is read and decided again. Returns the
 * object as it is now, or undefined where it is gone, or another has its name.
 */
export async function changeAsRead(
  cluster: Cluster,
  ref: ObjectRef,
  decide: (object: KubeObject) => Change | undefined,
): Promise<KubeObject | undefined> {
  for (let tries = 1; ; tries++) {
    const object = await cluster.find<KubeObject>(ref)
    const change = object && decide(object)
    if (!object || !change) return object
    const { uid, resourceVersion } = object.metadata
    const metadata = { uid, resourceVersion, labels: { [LABEL.stoppedFrom]: change.mark } }
    const body = { metadata, ...(change.spec ? { spec: change.spec } : {}) }
    try {
      return await cluster.patch<KubeObject>(ref, { type: 'merge', body })
    } catch (error) {
      if (isApiError(error, 404)) return undefined
      if (tries >= TRIES || !isWorthReading(error)) throw error
    }
  }
}

/** A conflict, or an error after which the change may have been made or not: the object itself tells. */
export function isWorthReading(error: unknown): boolean {
  return (
    isApiError(error, 409) || error instanceof ConnectionError || (error instanceof ApiError && error.status >= 500)
  )
}
