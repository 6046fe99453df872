import { isDeepStrictEqual } from 'node:util'
import type { Cluster } from '../cluster/cluster.ts'
import { update } from '../cluster/update.ts'
import { LABEL, MANAGER, NAMESPACE } from '../domain/names.ts'
import type { KubeObject, ObjectRef } from '../domain/object.ts'
import { targetIdOf } from './names.ts'
import type { Fingerprint } from './result.ts'
import type { CopyTask } from './task.ts'

/** The ConfigMap that a place is noted in. */
interface NoteObject extends KubeObject {
  data?: Record<string, string>
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
}

/** The note on the request's place; none where no copy of ours has begun there. */
export async function readCopyNote(cluster: Cluster, task: CopyTask): Promise<CopyNote | undefined> {
  const note = await cluster.find<NoteObject>(noteRef(task))
  if (!note?.data?.directory) return undefined
  const { directory, existing, live, holds = '' } = note.data
  const [digest = '', newest] = holds.split(' ')
  return {
    directory,
    existing: existing === 'yes',
    released: live === 'yes',
    ...(digest === '' ? {} : { fingerprint: { digest, newest: Number(newest) } }),
  }
}

/** Notes it; a note that is there is changed. */
export async function writeCopyNote(cluster: Cluster, task: CopyTask, note: CopyNote): Promise<void> {
  const { name, ...kind } = noteRef(task)
  const yes = (is: boolean) => (is ? 'yes' : 'no')
  const data = {
    directory: note.directory,
    subdir: task.subdir,
    existing: yes(note.existing),
    live: yes(note.released),
    holds: note.fingerprint ? `${note.fingerprint.digest} ${note.fingerprint.newest}` : '',
  }
  // No label of a group: it outlives the group's copy.
  const metadata = { name, namespace: NAMESPACE, labels: { [LABEL.managedBy]: MANAGER } }
  const wanted: NoteObject = { apiVersion: kind.apiVersion, kind: kind.kind, metadata, data }
  await update<NoteObject>(cluster, noteRef(task), (now) => {
    if (!now) return { do: 'create', object: wanted }
    return isDeepStrictEqual({ ...now.data, ...data }, now.data) ? undefined : { do: 'patch', body: { data } }
  })
}

function noteRef(task: CopyTask): ObjectRef {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE, name: `juicify-copied-${targetIdOf(task)}` }
}
