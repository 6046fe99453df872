import type { KubeObject, ObjectRef } from '../domain/object.ts'
import type { Survey } from '../domain/survey.ts'
import type { PersistentVolumeClaim } from '../domain/volume.ts'
import type { PodUse, Workload } from '../domain/workload.ts'

// A cluster may have tens of thousands of each: what is sought for every volume is found by an index, made once for a survey.

const claimsByKey = indexed(({ metadata }: PersistentVolumeClaim) => `${metadata.namespace}/${metadata.name}`)
const podsByKey = indexed(({ namespace, name }: PodUse) => `${namespace}/${name}`)
const controllersByUid = indexed(({ metadata }: KubeObject) => metadata.uid)

/** The claim of that name, if it is there. */
export function claimNamed(
  { claims }: Pick<Survey, 'claims'>,
  namespace: string | undefined,
  name: string | undefined,
): PersistentVolumeClaim | undefined {
  return claimsByKey(claims).get(`${namespace}/${name}`)
}

/** The pods of a workload, those that have ended included. */
export function podsOf({ ref, pods: names }: Workload, { pods }: Pick<Survey, 'pods'>): PodUse[] {
  return names.flatMap((name) => podsByKey(pods).get(`${ref.namespace}/${name}`) ?? [])
}

/** What controls pods, as the survey has it, by its uid: never another that has its name now. */
export function objectOf(
  { uid }: Pick<ObjectRef, 'uid'>,
  { controllers }: Pick<Survey, 'controllers'>,
): KubeObject | undefined {
  return uid === undefined ? undefined : controllersByUid(controllers).get(uid)
}

function indexed<T>(keyOf: (item: T) => string | undefined): (items: T[]) => ReadonlyMap<string | undefined, T> {
  const indexes = new WeakMap<T[], Map<string | undefined, T>>()
  return (items) => {
    const known = indexes.get(items)
    if (known) return known
    const index = new Map(items.map((item) => [keyOf(item), item]))
    indexes.set(items, index)
    return index
  }
}
