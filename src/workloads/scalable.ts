import type { Cluster } from '../cluster/cluster.ts'
import { isApiError } from '../cluster/errors.ts'
import { parseJson } from '../cluster/json.ts'
import { type Change, update } from '../cluster/update.ts'
import { describeRef, groupOf, type KubeObject, type ObjectRef, refOf } from '../domain/object.ts'
import { findings } from '../words/findings.en.ts'
import type { Wording } from '../words/trouble.ts'
import { markOf, updateMarked } from './mark.ts'
import { deletedMeanwhile } from './replicas.ts'
import type { Loss, Patience, Remembered, State, Stoppable } from './workload-kind.ts'

/** autoscaling/v1 Scale, which every scale subresource speaks. */
interface Scale extends KubeObject {
  spec?: { replicas?: number }
}

/**
 * How many replicas the scale subresource of a custom resource asks for; undefined where it has no such subresource, or
 * is not there. The API server leaves a 0 out of its answer.
 */
export async function scaleOf(cluster: Cluster, ref: ObjectRef): Promise<number | undefined> {
  const scale = await readScale(cluster, ref)
  return scale && (scale.spec?.replicas ?? 0)
}

/**
 * How a custom resource with a scale subresource is stopped: at 0 by that subresource, as an autoscaler would do it. The
 * mark is put on first and taken off last, for the two cannot be one request.
 */
export const scalable: Stoppable & {
  remember(cluster: Cluster, object: KubeObject, ref: ObjectRef): Promise<State>
} = {
  means: { by: 'scale' },
  async remember(cluster: Cluster, object: KubeObject, ref: ObjectRef): Promise<State> {
    const mark = markOf(object)
    const replicas = mark === undefined ? ((await scaleOf(cluster, ref)) ?? 0) : Number(mark)
    return { stopped: replicas === 0, replicas }
  },
  async stop(cluster: Cluster, { ref, stopped, replicas }: Remembered): Promise<void> {
    if (stopped) return
    if ((await scaleOf(cluster, ref)) === 0) return
    await updateMarked(cluster, ref, (object) =>
      markOf(object) === undefined ? { mark: String(replicas) } : undefined,
    )
    await scaleTo(cluster, ref, () => 0)
  },
  async start(
    cluster: Cluster,
    { ref, stopped, replicas = 0 }: Remembered,
    _patience: Patience,
  ): Promise<Wording | undefined> {
    if (stopped) return undefined
    const object = await cluster.find<KubeObject>(ref)
    if (!object) return deletedMeanwhile(describeRef(ref))
    const marked = markOf(object) !== undefined
    const found = (await scaleOf(cluster, ref)) ?? 0
    if (marked && found === 0) await scaleTo(cluster, ref, (now) => (now === 0 ? replicas : now))
    if (marked) await updateMarked(cluster, ref, (now) => (markOf(now) === undefined ? undefined : { mark: null }))
    if (found === replicas || (marked && found === 0)) return undefined
    return (say) => say.workload.staysScaled(describeRef(ref), replicas, found)
  },
  isStarted(object: KubeObject, { replicas = 0 }: Remembered): boolean {
    const { status } = object as { status?: { replicas?: number } }
    return (status?.replicas ?? replicas) >= replicas
  },
  isLeftStopped(object) {
    const { replicas } = (object?.spec ?? {}) as { replicas?: number }
    return object !== undefined && markOf(object) !== undefined && !replicas
  },
}

/**
 * What would be lost if this custom resource, of which nothing else is known, were scaled to 0: claims that its operator
 * deletes with their pods, as its policy says in the words of a StatefulSet's, or because it always does.
 */
export function lossOfScale(object: KubeObject): Loss | undefined {
  const policies = valuesOf(object.spec, 'persistentVolumeClaimRetentionPolicy')
  const byPolicy = policies.some((policy) => (policy as { whenScaled?: string } | null)?.whenScaled === 'Delete')
  const always = isCloneSet(object) && valuesOf(object.spec, 'volumeClaimTemplates').flat().length > 0
  if (!byPolicy && !always) return undefined
  const { namespace, name } = object.metadata
  const data = {
    statefulSet: describeRef(refOf(object)),
    custom: byPolicy ? ('policy' as const) : ('always' as const),
    command: `kubectl get ${object.kind.toLowerCase()}.${groupOf(object.apiVersion)} -n ${namespace} ${name} -o yaml`,
  }
  return { data, ...findings['claims-deleted'](data) }
}

/** A claim of a CloneSet belongs to one pod, and goes when that is scaled away. https://openkruise.io/docs/user-manuals/cloneset */
function isCloneSet({ apiVersion, kind }: KubeObject): boolean {
  return kind === 'CloneSet' && groupOf(apiVersion) === 'apps.kruise.io'
}

/** What a field of this name says, in any place below a value. */
function valuesOf(value: unknown, field: string): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => (key === field ? [part] : valuesOf(part, field)))
}

async function scaleTo(cluster: Cluster, ref: ObjectRef, wanted: (now: number) => number): Promise<void> {
  const decide = (scale: Scale | undefined): Change<Scale> | undefined => {
    const now = scale?.spec?.replicas ?? 0
    const replicas = wanted(now)
    if (!scale || replicas === now) return undefined
    return { do: 'patch', body: { spec: { replicas } }, subresource: 'scale' }
  }
  await update<Scale>(cluster, ref, decide, { read: () => readScale(cluster, ref) })
}

async function readScale(cluster: Cluster, ref: ObjectRef): Promise<Scale | undefined> {
  try {
    return parseJson(await cluster.subresource(ref, 'scale')) as Scale
  } catch (error) {
    if (isApiError(error, 404)) return undefined
    throw error
  }
}
