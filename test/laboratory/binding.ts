import type { Cluster } from '../../src/cluster/cluster.ts'
import { isApiError, isTransient } from '../../src/cluster/errors.ts'
import { pause } from '../../src/cluster/signal.ts'
import { type KubeObject, refOf } from '../../src/domain/object.ts'
import type { PersistentVolumeClaim } from '../../src/domain/volume.ts'
import { createUnlessThere } from '../../src/jobs/objects.ts'

const WOKEN = 'juicify.test/woken'

/**
 * Creates these objects, of which namespaces may be there already, and binds the claims among them. A controller of 1.20
 * takes up to 30 s for a volume and a claim that are made together, unless the claim changes; so each is changed until it
 * is bound, and is as it was then.
 */
export async function createBound(cluster: Cluster, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) {
    if (object.kind === 'Namespace') await createUnlessThere(cluster, object)
    else await created(cluster, object)
  }
  await Promise.all(objects.filter(({ kind }) => kind === 'PersistentVolumeClaim').map((claim) => bind(cluster, claim)))
}

/** A namespace gets its service account's token a moment after it was made, and until then its pods are put off (500). */
async function created(cluster: Cluster, object: KubeObject): Promise<void> {
  const deadline = Date.now() + 60_000
  for (let tries = 1; ; tries++) {
    try {
      await cluster.create(object)
      return
    } catch (error) {
      if (tries > 1 && isApiError(error, 409, 'AlreadyExists')) return
      if (!isTransient(error) || Date.now() > deadline) throw error
      await pause(200)
    }
  }
}

async function bind(cluster: Cluster, claim: KubeObject): Promise<void> {
  const deadline = Date.now() + 60_000
  const wake = (value: string | null) =>
    cluster.patch<PersistentVolumeClaim>(refOf(claim), {
      type: 'merge',
      body: { metadata: { annotations: { [WOKEN]: value } } },
    })
  for (let times = 1; (await wake(`${times}`)).status?.phase !== 'Bound'; times++) {
    if (Date.now() > deadline) throw new Error(`${claim.metadata.name} is not bound after a minute`)
    await pause(200)
  }
  await wake(null)
}
