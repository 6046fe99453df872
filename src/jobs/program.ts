import { createHash } from 'node:crypto'
import type { Cluster } from '../cluster/cluster.ts'
import { update } from '../cluster/update.ts'
import { LABEL, MANAGER, NAMESPACE } from '../domain/names.ts'
import { type KubeObject, refOf } from '../domain/object.ts'
import { removeObject } from './objects.ts'

/** The key, and the file's name, of a program in its ConfigMap. */
export const PROGRAM_KEY = 'program.sh'

/** A line that takes in a library, as shellcheck and a shell in that folder follow it. */
const SOURCE = /^\. \.\/([a-z-]+\.sh)$/gm

/**
 * A shell program of one text, with the libraries that it sources (`. ./listing.sh`) in their places, each once.
 * @param libraries their texts by file name
 * Throws Error for a library that is not among them.
 */
export function assemble(text: string, libraries: Readonly<Record<string, string>>): string {
  return takeIn(text, libraries, new Set())
}

function takeIn(text: string, libraries: Readonly<Record<string, string>>, taken: Set<string>): string {
  return text.replace(SOURCE, (_, name: string) => {
    const library = libraries[name]
    if (library === undefined) throw new Error(`there is no library ${name}`)
    if (taken.has(name)) return ''
    taken.add(name)
    return takeIn(library, libraries, taken)
  })
}

/** The SHA-256 of a program, in hex: its pod runs no other one. */
export function sha256Of(program: string): string {
  return createHash('sha256').update(program).digest('hex')
}

/** The ConfigMap, in juicify's namespace or the one given, from which pods take their program. */
export function programMap(
  name: string,
  program: string,
  { labels = {}, namespace = NAMESPACE }: { labels?: Record<string, string>; namespace?: string | undefined } = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace,
      labels: { [LABEL.managedBy]: MANAGER, [LABEL.program]: 'true', ...labels },
    },
    immutable: true,
    data: { [PROGRAM_KEY]: program },
  }
}

/**
 * Makes sure that a Job's program is there, in a ConfigMap of the Job's name, and that the cluster removes it with the Job.
 * Throws as `update` does.
 */
export async function ensureProgramOf(cluster: Cluster, job: KubeObject, program: string): Promise<void> {
  const { name, namespace, uid = '' } = job.metadata
  const map = programMap(name, program, { namespace })
  const ownerReferences = [{ apiVersion: job.apiVersion, kind: job.kind, name, uid }]
  const isOwned = (there: KubeObject) => there.metadata.ownerReferences?.some((owner) => owner.uid === uid)
  const there = await cluster.find<KubeObject>(refOf(map))
  // left of a Job of that name that is gone: the cluster is about to take it away, whoever is its owner by then
  if (there?.metadata.ownerReferences && !isOwned(there)) await removeObject(cluster, there)
  await update(cluster, refOf(map), (now) => {
    if (!now) return { do: 'create', object: { ...map, metadata: { ...map.metadata, ownerReferences } } }
    return isOwned(now) ? undefined : { do: 'patch', body: { metadata: { ownerReferences } } }
  })
}

/** Removes the programs of Jobs that a run was killed before it made. One that a Job is being made for is made again with it. */
export async function removeLoosePrograms(cluster: Cluster, namespace = NAMESPACE): Promise<void> {
  const labelSelector = `${LABEL.managedBy}=${MANAGER},${LABEL.program}`
  const { items } = await cluster.list<KubeObject>(
    { apiVersion: 'v1', kind: 'ConfigMap' },
    { namespace, labelSelector },
  )
  // in the version that was seen: a Job may get one that is loose at this moment
  const remove = (map: KubeObject) =>
    update(cluster, refOf(map), (now) => (now && isLoose(now) ? { do: 'delete' } : undefined), { known: map })
  await Promise.all(items.filter(isLoose).map(remove))
}

function isLoose({ metadata: { ownerReferences, labels } }: KubeObject): boolean {
  return !ownerReferences && !labels?.[LABEL.probe]
}
