import pLimit from 'p-limit'
import type { Cluster } from '../cluster/cluster.ts'
import { ApiError } from '../cluster/errors.ts'
import { ConflictError, update } from '../cluster/update.ts'
import { copyNoteRef } from '../copy/note.ts'
import { LABEL } from '../domain/names.ts'
import { describeRef, type ObjectRef, refOf } from '../domain/object.ts'
import { tidings, type Wording, words } from '../words/trouble.ts'
import { copyTasksOf } from './copies.ts'
import type { GroupRecord } from './record.ts'
import { volumeRef } from './volumes.ts'

/** Max objects updated in parallel: others use the API server too. */
const AT_ONCE = 8

/**
 * Must run first when taking over another run's work: gives every object a newer resourceVersion, so that changes that
 * the other run sent before it died or gave up, and that arrive late, fail with 409. Returns a sentence for each object
 * that the server refused to change.
 */
export async function renewVersions(cluster: Cluster, record: GroupRecord): Promise<Wording[]> {
  const limit = pLimit(AT_ONCE)
  const objects = objectsOf(record)
  const refusals = new Map<string, Wording>()
  for (const value of ['', null]) {
    const marked = objects.map((ref) => limit(() => label(cluster, ref, value)))
    for (const result of await Promise.allSettled(marked)) {
      if (result.status === 'rejected') throw result.reason
      if (result.value) refusals.set(tidings(result.value).message, result.value)
    }
  }
  return [...refusals.values()]
}

/** What a run changes: volumes, claims, notes on places, and the workloads that it stops, or deletes because they may be. Others it waits for. */
function objectsOf({ kept }: GroupRecord): ObjectRef[] {
  const volumes = kept.group.volumes.map(({ name }) => volumeRef(name))
  const workloads = kept.workloads.filter(({ quiesce }) => quiesce !== 'wait' && quiesce !== 'refuse')
  // what was noted of the places that the group is copied to
  const notes = copyTasksOf(kept).map(copyNoteRef)
  return [...volumes, ...notes, ...Object.values(kept.claims).map(refOf), ...workloads.map(({ ref }) => ref)]
}

/** In the version that is there, like every change: what is late of this is refused in turn. */
async function label(cluster: Cluster, ref: ObjectRef, value: string | null): Promise<Wording | undefined> {
  try {
    await update(cluster, ref, (now) => {
      // gone, or another one by now: what is late is refused anyhow
      if (!now || (now.metadata.labels?.[LABEL.takenOver] ?? null) === value) return undefined
      return { do: 'patch', body: { metadata: { labels: { [LABEL.takenOver]: value } } } }
    })
  } catch (error) {
    // others give it newer versions all the time
    if (error instanceof ConflictError) return undefined
    if (!(error instanceof ApiError) || error.status >= 500 || error.status === 429) throw error
    return (say) => `${describeRef(ref)}: ${words(error, say).message}`
  }
  return undefined
}
