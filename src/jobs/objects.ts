import type { Cluster } from '../cluster/cluster.ts'
import { isApiError } from '../cluster/errors.ts'
import { describeRef, type KubeObject, refOf } from '../domain/object.ts'

/** Milliseconds for an object to go once it is deleted. */
const REMOVAL = 120_000

/** Creates it, unless something of that name is there: names of ours say what is in them. Throws ApiError. */
export async function createUnlessThere(cluster: Cluster, object: KubeObject): Promise<void> {
  try {
    await cluster.create(object)
  } catch (error) {
    if (!isApiError(error, 409, 'AlreadyExists')) throw error
  }
}

/** Deletes that very object and waits until it is gone; with a Job its pods go first. Throws DeadlineError. */
export async function removeObject(cluster: Cluster, object: KubeObject, signal?: AbortSignal): Promise<void> {
  const ref = refOf(object)
  await cluster.delete(ref, object.kind === 'Job' ? { propagation: 'Foreground' } : {})
  const gone = (now: KubeObject | undefined) => now === undefined || now.metadata.uid !== ref.uid
  await cluster.waitFor(ref, gone, { timeout: REMOVAL, what: (say) => say.job.toBeDeleted(describeRef(ref)), signal })
}
