import { LABEL } from '../../src/domain/names.ts'
import { describeRef, groupOf, type KubeObject, refOf } from '../../src/domain/object.ts'
import { OWN_GROUP } from '../../src/domain/own-kinds.ts'

/**
 * What a person would call the state of a cluster: the objects without what the server sets, and of the pods not their
 * made-up names but how many of which owner run on which claims. Equal states compare equal.
 */
export function stateOf(objects: Record<string, unknown>[]): Record<string, unknown> {
  const state: Record<string, unknown> = {}
  const pods: string[] = []
  for (const object of objects as KubeObject[]) {
    const { kind, metadata } = object
    if (metadata.namespace === 'juicify' || metadata.name === 'juicify' || IGNORED.has(kind)) continue
    if (groupOf(object.apiVersion) === OWN_GROUP || metadata.name.endsWith(`.${OWN_GROUP}`)) continue
    if (kind === 'Pod') pods.push(podLine(object))
    else if (!isOwned(object)) state[`${kind} ${metadata.namespace ?? ''}/${metadata.name}`] = bare(object)
  }
  return { ...state, pods: pods.sort() }
}

/** What juicify has stopped and not started again, as results name it; of pods, those that `before` had. */
export function leftStopped(objects: KubeObject[], before: Record<string, unknown>): string[] {
  const marked = objects.filter(
    ({ kind, metadata }) => kind !== 'Pod' && metadata.labels?.[LABEL.stoppedFrom] !== undefined,
  )
  const there = objects.filter(({ kind }) => kind === 'Pod').map(({ metadata }) => metadata.name)
  const pods = (before.pods as string[]).flatMap((line) => {
    const [, phase, name] = /^(\w+) (\S+) /.exec(line) ?? []
    return phase === 'Running' && name && name !== 'of' && !there.includes(name) ? [`Pod jupyter/${name}`] : []
  })
  return [...marked.map((object) => describeRef(refOf(object))), ...pods].sort()
}

const IGNORED = new Set(['Event', 'ControllerRevision', 'Lease', 'Endpoints', 'EndpointSlice'])

/** `Running notebook-alice workspace,archives`, `Running of Deployment web …`. */
function podLine({ metadata, spec, status }: KubeObject): string {
  const owner = metadata.ownerReferences?.[0]
  const { volumes = [] } = spec as { volumes?: { persistentVolumeClaim?: { claimName: string } }[] }
  const claims = volumes.flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? [])
  const who = owner ? `of ${owner.kind} ${owner.name.replace(/-[a-z0-9]{8,10}$/, '')}` : metadata.name
  return `${(status as { phase?: string })?.phase} ${who} ${claims.join(',')}`
}

function isOwned({ metadata }: KubeObject): boolean {
  return metadata.ownerReferences?.some(({ controller }) => controller) ?? false
}

/** Status counts and server-set fields tell when something happened, not what is there; the phase does. */
function bare(object: KubeObject): unknown {
  const { status, metadata, ...rest } = object
  const { uid, resourceVersion, creationTimestamp, managedFields, generation, selfLink, ...kept } = metadata
  const { phase } = (status ?? {}) as { phase?: string }
  const labels = { ...kept.labels }
  if (labels[LABEL.stoppedFrom] !== undefined) labels[LABEL.stoppedFrom] = 'left behind'
  const annotations = { ...kept.annotations }
  delete annotations['deployment.kubernetes.io/revision']
  return { ...rest, metadata: { ...kept, labels, annotations }, phase }
}
