import { isDeepStrictEqual } from 'node:util'
import type { Cluster } from '../cluster/cluster.ts'
import { update } from '../cluster/update.ts'
import { Drift } from '../domain/failure.ts'
import { LABEL, MANAGER, NAMESPACE } from '../domain/names.ts'
import { describeRef, type KubeObject, type ObjectRef } from '../domain/object.ts'
import { COPIED_PLACE_KIND } from '../domain/own-kinds.ts'
import { worded } from '../words/trouble.ts'
import { targetIdOf } from './names.ts'
import type { Fingerprint } from './result.ts'
import type { CopyTask } from './task.ts'

/** The object that a place is noted in. It is created empty, and says nothing until it is filled. */
interface CopiedPlace extends KubeObject {
  spec?: {
    directory: string
    subdir: string
    existing: boolean
    released: boolean
    digest?: string | null
    newest?: number | null
  }
}

/** What is noted of a place on the file system: that its content is a copy of ours. */
export interface CopyNote {
  /** Of which directory. */
  directory: string
  /** There was something before: what the directory does not have is not ours, and stays. */
  existing: boolean
  /** Workloads have been switched to it: what is there may be newer than the directory. */
  released: boolean
  /** What it held when it was compared with the directory last; nothing tells it once a copy has gone on. */
  fingerprint?: Fingerprint
  /** When it was noted first, RFC 3339, by the server's clock. Nobody can write that. */
  since?: string
}

/** The note on the request's place; none where no copy of ours has begun there, or the note is of another place. */
export async function readCopyNote(cluster: Cluster, task: CopyTask): Promise<CopyNote | undefined> {
  const { spec, metadata } = (await cluster.find<CopiedPlace>(copyNoteRef(task))) ?? {}
  if (!spec || spec.subdir !== task.subdir) return undefined
  const since = metadata?.creationTimestamp
  const { directory, existing, released, digest, newest } = spec
  return {
    directory,
    existing,
    released,
    ...(digest && newest !== undefined && newest !== null ? { fingerprint: { digest, newest } } : {}),
    ...(since === undefined ? {} : { since }),
  }
}

/**
 * Notes it; a note that is there is changed. A new one is created empty and then filled in that version: a creation names
 * no version, so what a run sent before it lost its lease and arrives late notes nothing.
 */
export async function writeCopyNote(cluster: Cluster, task: CopyTask, note: CopyNote): Promise<void> {
  const { directory, existing, released, fingerprint } = note
  const { digest = null, newest = null } = fingerprint ?? {}
  const spec = { directory, subdir: task.subdir, existing, released, digest, newest }
  const ref = copyNoteRef(task)
  // No label of a group: it outlives the group's copy.
  const empty: CopiedPlace = {
    ...COPIED_PLACE_KIND,
    metadata: { name: ref.name, labels: { [LABEL.managedBy]: MANAGER } },
  }
  const there = await update<CopiedPlace>(cluster, ref, (now) => (now ? undefined : { do: 'create', object: empty }))
  const fill = (now: CopiedPlace | undefined) => {
    if (!now) {
      throw new Drift(...worded((say) => say.copy.noteDeleted(describeRef(ref))))
    }
    const same = isDeepStrictEqual({ digest: null, newest: null, ...now.spec }, spec)
    return same ? undefined : { do: 'patch' as const, body: { spec } }
  }
  await update<CopiedPlace>(cluster, ref, fill, { known: there })
}

/** A place that holds a copy of ours which nobody has been switched to. */
export interface PlaceAhead {
  directory: string
  subdir: string
  /** When its copy was begun, RFC 3339, by the server's clock. */
  since?: string
}

/** The places that were copied ahead of time, or whose group is still on its way, in the order of their directories. */
export async function placesAhead(cluster: Cluster): Promise<PlaceAhead[]> {
  const { items } = await cluster.list<CopiedPlace>(COPIED_PLACE_KIND)
  return items
    .flatMap(({ spec, metadata: { creationTimestamp } }) =>
      spec && !spec.released
        ? [
            {
              directory: spec.directory,
              subdir: spec.subdir,
              ...(creationTimestamp ? { since: creationTimestamp } : {}),
            },
          ]
        : [],
    )
    .sort((a, b) => (a.directory < b.directory ? -1 : 1))
}

/** What juicify 0.1.0 has noted in a ConfigMap, which many may write; nobody believes it before a person says so. */
export async function carryOverNote(cluster: Cluster, task: CopyTask): Promise<void> {
  const earlier = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: NAMESPACE,
    name: `juicify-copied-${targetIdOf(task)}`,
  }
  const found = await cluster.find<KubeObject & { data?: Record<string, string> }>(earlier)
  if (!found) return
  const { directory, existing, live, holds = '' } = found.data ?? {}
  const [digest = '', newest] = holds.split(' ')
  const fingerprint = { digest, newest: Number(newest) }
  if (directory === task.directory && !(await readCopyNote(cluster, task))) {
    await writeCopyNote(cluster, task, {
      directory,
      existing: existing === 'yes',
      released: live === 'yes',
      ...(digest !== '' && Number.isFinite(fingerprint.newest) ? { fingerprint } : {}),
    })
  }
  await update(cluster, earlier, (now) => (now ? { do: 'delete' } : undefined), { known: found })
}

/** Where a place is noted. */
export function copyNoteRef(task: CopyTask): ObjectRef {
  return { ...COPIED_PLACE_KIND, name: targetIdOf(task) }
}
