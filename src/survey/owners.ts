import type { Cluster } from '../cluster/cluster.ts'
import { isApiError } from '../cluster/errors.ts'
import { unlessForbidden } from '../cluster/forbidden.ts'
import { groupOf, type KubeObject, type ObjectRef, refKey, refOf } from '../domain/object.ts'
import type { Survey } from '../domain/survey.ts'
import type { PodUse } from '../domain/workload.ts'
import { controllerOf } from '../workloads/owner.ts'
import { listAll, type Source } from './list.ts'
import { whatIsRead } from './what-is-read.ts'

/** Max objects of a kind that are read one by one; if there are more, the kind is listed. */
const ONE_BY_ONE = 8

/**
 * The objects that control pods with claims, or control what controls them, up to the topmost, and are not among those
 * that are known: custom resources, mostly.
 */
export async function ownersOf(source: Source, pods: PodUse[], known: KubeObject[]): Promise<KubeObject[]> {
  const seen = new Set(known.map((object) => refKey(refOf(object))))
  const found = new Map<string, KubeObject>()
  const ofPods = pods.filter(({ claims }) => claims.length > 0).flatMap(({ controller }) => controller ?? [])
  let wanted = unseen([...ofPods, ...known.flatMap(ownerOf)], seen)
  while (wanted.length > 0) {
    const owners = await read(source, wanted)
    // what is in no namespace is found once for each namespace that names it
    for (const owner of owners) found.set(refKey(refOf(owner)), owner)
    wanted = unseen(owners.flatMap(ownerOf), seen)
  }
  return [...found.values()]
}

/** What the scale subresource says of each object whose kind has one. */
export async function scalesOf(cluster: Cluster, objects: KubeObject[]): Promise<NonNullable<Survey['scales']>> {
  const custom = objects.filter(({ apiVersion }) => groupOf(apiVersion).includes('.'))
  const scaled = await Promise.all(
    [...byKind(custom.map(refOf))].map(async ([, refs]) => ((await hasScale(cluster, refs[0])) ? refs : [])),
  )
  const scales = await Promise.all(
    scaled.flat().map(async (ref) => {
      const text = await unlessGone(cluster.subresource(ref, 'scale'))
      // the API server leaves a 0 out of its answer
      return text === undefined ? [] : [{ ref, replicas: (JSON.parse(text) as Scale).spec?.replicas ?? 0 }]
    }),
  )
  return scales.flat()
}

interface Scale {
  spec?: { replicas?: number }
}

/** What one may not read is as good as not there: the planner says so of the pods that it owns. */
async function read(source: Source, refs: ObjectRef[]): Promise<KubeObject[]> {
  const { cluster, fileSystem } = source
  const kinds = await Promise.all(
    [...byKind(refs).values()].map(async (ofKind) => {
      const [first] = ofKind
      if (first === undefined || ofKind.length <= ONE_BY_ONE)
        return Promise.all(
          ofKind.map(async (ref) => {
            const owner = await unlessForbidden(cluster.find<KubeObject>(ref), undefined)
            return owner && whatIsRead(owner, fileSystem)
          }),
        )
      const uids = new Set(ofKind.map(({ uid }) => uid))
      return (await unlessForbidden(listAll(source, first), [])).filter(({ metadata }) => uids.has(metadata.uid))
    }),
  )
  return kinds.flat().filter((object) => object !== undefined)
}

/** Asked of discovery, once for a kind: thousands of objects need not be asked one by one to say no. */
async function hasScale(cluster: Cluster, ref: ObjectRef | undefined): Promise<boolean> {
  if (!ref) return false
  const list = await unlessGone(cluster.raw('GET', `/apis/${ref.apiVersion}`))
  const { resources = [] } = (list ?? {}) as { resources?: { name: string; kind: string }[] }
  const plurals = resources.filter(({ name, kind }) => kind === ref.kind && !name.includes('/')).map(({ name }) => name)
  return resources.some(({ name }) => plurals.includes(name.replace(/\/scale$/, '')) && name.endsWith('/scale'))
}

async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (isApiError(error, 404)) return undefined
    throw error
  }
}

function byKind(refs: ObjectRef[]): Map<string, ObjectRef[]> {
  const kinds = new Map<string, ObjectRef[]>()
  for (const ref of refs) {
    const kind = `${ref.apiVersion} ${ref.kind}`
    const there = kinds.get(kind)
    if (there) there.push(ref)
    else kinds.set(kind, [ref])
  }
  return kinds
}

/** Those of the references that are not in `seen` yet, each once; they are put there. By the whole of them: a uid may stand in a false one. */
function unseen(refs: ObjectRef[], seen: Set<string>): ObjectRef[] {
  return refs.filter((ref) => {
    const key = refKey(ref)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

function ownerOf(object: KubeObject): ObjectRef[] {
  const owner = controllerOf(object)
  return owner ? [owner] : []
}
