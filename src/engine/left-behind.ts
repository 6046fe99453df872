import type { Cluster } from '../cluster/cluster.ts'
import { FORBIDDEN, unlessForbidden } from '../cluster/forbidden.ts'
import { LABEL, MANAGER, NAMESPACE } from '../domain/names.ts'
import { describeRef, type KubeObject, refOf } from '../domain/object.ts'
import { COPIED_PLACE_KIND, definitionOf, OWN_KINDS, RECORD_KIND } from '../domain/own-kinds.ts'
import { jobsOf } from '../jobs/run.ts'

/** What is left of juicify's in a cluster in which no group has a record any more. */
export interface LeftBehind {
  namespace: boolean
  /** Names of Jobs in it: of copies ahead of time, or kept because they failed. */
  jobs: string[]
  definitions: string[]
  /** Claims and pods in it that are not juicify's, and would go with it, as people name them. */
  others: string[]
  /** Directories whose copies on the file system are noted; undefined where they may not be read. */
  copied: string[] | undefined
}

interface CopiedPlace extends KubeObject {
  spec?: { directory?: string }
}

/** Returns undefined where a group has a record still, or that may not be read: then all of it is needed. */
export async function leftBehind(cluster: Cluster): Promise<LeftBehind | undefined> {
  const records = await unlessForbidden(cluster.list(RECORD_KIND), FORBIDDEN)
  if (records === FORBIDDEN || records.items.length > 0) return undefined
  const [namespace, jobs, places, definitions, ...others] = await Promise.all([
    unlessForbidden(cluster.find({ apiVersion: 'v1', kind: 'Namespace', name: NAMESPACE }), undefined),
    unlessForbidden(jobsOf(cluster, ''), []),
    unlessForbidden(cluster.list<CopiedPlace>(COPIED_PLACE_KIND), FORBIDDEN),
    Promise.all(OWN_KINDS.map((kind) => unlessForbidden(cluster.find(refOf(definitionOf(kind))), undefined))),
    ...(['PersistentVolumeClaim', 'Pod'] as const).map((kind) => othersOf(cluster, kind)),
  ])
  return {
    namespace: namespace !== undefined,
    jobs: jobs.map(({ metadata }) => metadata.name),
    definitions: definitions.flatMap((there) => there?.metadata.name ?? []),
    others: others.flat(),
    copied: places === FORBIDDEN ? undefined : places.items.flatMap(({ spec }) => spec?.directory ?? []),
  }
}

// on what juicify makes, and on the pods of `juicify job`
const OURS = [LABEL.managedBy, 'app.kubernetes.io/name']

/** What of a kind is in juicify's namespace without being its own: people may have put it there. */
async function othersOf(cluster: Cluster, kind: string): Promise<string[]> {
  const asked = cluster.list<KubeObject>({ apiVersion: 'v1', kind }, { namespace: NAMESPACE })
  const found = await unlessForbidden(asked, undefined)
  return (found?.items ?? [])
    .filter(({ metadata: { labels = {} } }) => !OURS.some((label) => labels[label] === MANAGER))
    .map(({ metadata: { name } }) => describeRef({ kind, namespace: NAMESPACE, name }))
}
