import type { Api } from '../api.ts'
import { suffixOf } from '../identity.ts'
import { type ApiObject, at, controlledBy, copyOf, type Fields, fields, isEqual, items, keyOf } from '../object.ts'
import { labelSelector } from '../selectors.ts'
import type { Change } from '../store.ts'
import {
  type Controller,
  controllerKey,
  isFinished,
  isReady,
  orphanKeys,
  ownedBy,
  podOf,
  replicasOf,
  type Surroundings,
  setOwners,
  withoutOwner,
  withoutZeros,
} from './controller.ts'
import { sorted } from './deployment.ts'

const SETS = 'statefulsets.apps'
const REVISION = 'controller-revision-hash'

const ordinalOf = (pod: ApiObject): number => Number(/-(\d+)$/.exec(pod.metadata.name)?.[1] ?? -1)
/** The numbers of its pods: from the first one, and below the end. */
function ordinalsOf(set: ApiObject): { first: number; end: number } {
  const first = Number(at(set, 'spec', 'ordinals', 'start') ?? 0)
  return { first, end: first + replicasOf(set) }
}

const isHealthy = (pod: ApiObject): boolean => isReady(pod) && pod.metadata.deletionTimestamp === undefined

/** Keeps a StatefulSet's pods: one after the other, each with claims of its own. */
export class StatefulSets implements Controller {
  readonly name = 'statefulset'
  readonly #surroundings: Surroundings

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  concerns(change: Change): string[] {
    const { type, resource, object } = change
    if (resource === SETS) return type === 'DELETED' ? [] : [keyOf(object)]
    if (resource !== 'pods') return []
    return [...controllerKey(object, 'StatefulSet'), ...orphanKeys(this.#api.store, change, SETS)]
  }

  sync(key: string): void {
    const set = this.#api.store.get(SETS, key)
    if (!set) return
    const revision = revisionOf(this.#api, set, 'StatefulSet')
    const takes = labelSelector(set.spec?.selector)
    ownedBy(this.#api, 'pods', set, takes)
    if (set.metadata.deletionTimestamp === undefined) this.#order(set, revision)
    this.#report(set, revision)
  }

  get #api(): Api {
    return this.#surroundings.api
  }

  #pods(set: ApiObject): Map<number, ApiObject> {
    return new Map(ownedBy(this.#api, 'pods', set).map((pod) => [ordinalOf(pod), pod]))
  }

  /** The next thing to do, of which there is at most one at a time where the order counts. */
  #order(set: ApiObject, revision: string) {
    const { first, end } = ordinalsOf(set)
    const pods = this.#pods(set)
    const parallel = set.spec?.podManagementPolicy === 'Parallel'
    this.#setClaimOwners(set, pods)
    for (let ordinal = first; ordinal < end; ordinal++) {
      const pod = pods.get(ordinal)
      if (!pod) this.#create(set, ordinal, revision)
      else if (isFinished(pod) && pod.metadata.deletionTimestamp === undefined) this.#delete(pod)
      if (!parallel && (!pod || !isHealthy(pod))) return
    }
    const condemned = [...pods.keys()].filter((ordinal) => ordinal < first || ordinal >= end).sort((a, b) => b - a)
    for (const ordinal of condemned) {
      const pod = pods.get(ordinal)
      if (pod && pod.metadata.deletionTimestamp === undefined) this.#delete(pod)
      if (!parallel) return
    }
    this.#update(set, pods, revision)
  }

  /** Replaces the last pod of an older revision, when all after it are healthy. */
  #update(set: ApiObject, pods: Map<number, ApiObject>, revision: string) {
    if (at(set, 'spec', 'updateStrategy', 'type') !== 'RollingUpdate') return
    const partition = Number(at(set, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0)
    const { first, end } = ordinalsOf(set)
    for (let ordinal = end - 1; ordinal >= Math.max(first, partition); ordinal--) {
      const pod = pods.get(ordinal)
      if (!pod || pod.metadata.deletionTimestamp !== undefined) return
      if (pod.metadata.labels?.[REVISION] !== revision) return this.#delete(pod)
      if (!isHealthy(pod)) return
    }
  }

  #create(set: ApiObject, ordinal: number, revision: string) {
    const name = `${set.metadata.name}-${ordinal}`
    const claims = items(set.spec?.volumeClaimTemplates).map(fields)
    for (const claim of claims) this.#createClaim(set, claim, name)
    const manifest = podOf(set, set.spec?.template, { name })
    const metadata = fields(manifest.metadata)
    const spec = fields(manifest.spec)
    metadata.labels = {
      ...fields(metadata.labels),
      [REVISION]: revision,
      'statefulset.kubernetes.io/pod-name': name,
      ...this.#ordinal(ordinal),
    }
    const own = claims.map((claim) => String(at(claim, 'metadata', 'name')))
    spec.volumes = [
      ...own.map((volume) => ({ name: volume, persistentVolumeClaim: { claimName: `${volume}-${name}` } })),
      ...items(spec.volumes).filter((volume) => !own.includes(String(at(volume, 'name')))),
    ]
    Object.assign(spec, { hostname: name, subdomain: set.spec?.serviceName })
    this.#api.create(this.#api.kinds.named('pods'), set.metadata.namespace, manifest)
    const message = `create Pod ${name} in StatefulSet ${set.metadata.name} successful`
    this.#surroundings.events.record(set, 'Normal', 'SuccessfulCreate', message, 'statefulset-controller')
  }

  #ordinal(ordinal: number): Record<string, string> {
    const label = this.#api.rules.ordinalLabel
    return label === undefined ? {} : { [label]: String(ordinal) }
  }

  /** Has claims go with their set, or with a pod that scaling takes away, where the set says so. */
  #setClaimOwners(set: ApiObject, pods: Map<number, ApiObject>) {
    if (this.#api.rules.claimRetention === undefined) return
    const { whenDeleted, whenScaled } = fields(set.spec?.persistentVolumeClaimRetentionPolicy)
    const templates = items(set.spec?.volumeClaimTemplates).map((template) => String(at(template, 'metadata', 'name')))
    const { first, end } = ordinalsOf(set)
    for (const [ordinal, pod] of pods) {
      const goes = (ordinal < first || ordinal >= end) && whenScaled === 'Delete'
      const owner = goes ? pod : whenDeleted === 'Delete' ? set : undefined
      for (const template of templates) this.#setClaimOwner(set, pod, `${template}-${pod.metadata.name}`, owner)
    }
  }

  #setClaimOwner(set: ApiObject, pod: ApiObject, name: string, owner: ApiObject | undefined) {
    const claim = this.#api.store.get('persistentvolumeclaims', `${set.metadata.namespace ?? ''}/${name}`)
    if (!claim) return
    const others = withoutOwner(claim, set.metadata.uid).filter(({ uid }) => uid !== pod.metadata.uid)
    const owners = owner ? [...others, controlledBy(owner)] : others
    if (!isEqual(owners, claim.metadata.ownerReferences ?? []))
      setOwners(this.#api, 'persistentvolumeclaims', claim, owners)
  }

  #createClaim(set: ApiObject, template: Fields, pod: string) {
    const metadata = fields(template.metadata)
    const name = `${String(metadata.name)}-${pod}`
    const { namespace } = set.metadata
    if (this.#api.store.get('persistentvolumeclaims', `${namespace ?? ''}/${name}`)) return
    const labels = { ...fields(metadata.labels), ...fields(at(set, 'spec', 'selector', 'matchLabels')) }
    this.#api.create(this.#api.kinds.named('persistentvolumeclaims'), namespace, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { ...copyOf(metadata), name, namespace, labels },
      spec: copyOf(template.spec),
    })
  }

  #delete(pod: ApiObject) {
    const { namespace, name, uid } = pod.metadata
    this.#api.delete(this.#api.kindOf(pod), namespace, name, { uid })
  }

  #report(set: ApiObject, revision: string) {
    const pods = [...this.#pods(set).values()].filter((pod) => !isFinished(pod))
    const alive = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined)
    const updated = alive.filter((pod) => pod.metadata.labels?.[REVISION] === revision).length
    const complete = updated === replicasOf(set) && alive.filter(isReady).length === updated
    const known = String(set.status?.currentRevision ?? revision)
    const current = complete ? revision : known
    this.#api.setStatus(set, {
      observedGeneration: set.metadata.generation,
      replicas: pods.length,
      ...withoutZeros({
        readyReplicas: pods.filter(isReady).length,
        currentReplicas: alive.filter((pod) => pod.metadata.labels?.[REVISION] === current).length,
        updatedReplicas: updated,
      }),
      ...(this.#api.rules.statefulSetsCountAvailable ? { availableReplicas: alive.filter(isReady).length } : {}),
      currentRevision: current,
      updateRevision: revision,
      collisionCount: 0,
    })
  }
}

/**
 * The template's revision as its pods are labelled with it, kept as an object of kind ControllerRevision. One that is
 * known already keeps its name; pods that were loaded without any are taken to be of the present one.
 */
export function revisionOf(api: Api, owner: ApiObject, kind: 'StatefulSet' | 'DaemonSet'): string {
  const resource = 'controllerrevisions.apps'
  const template = plain(owner.spec?.template)
  const owned = ownedBy(api, resource, owner)
  const known = owned.find((revision) => isEqual(plain(at(revision, 'data', 'spec', 'template')), template))
  const prefix = `${owner.metadata.name}-`
  if (known) return kind === 'StatefulSet' ? known.metadata.name : known.metadata.name.slice(prefix.length)
  const settled = owner.status?.observedGeneration === owner.metadata.generation
  const label = owned.length === 0 && settled ? ownedBy(api, 'pods', owner)[0]?.metadata.labels?.[REVISION] : undefined
  const hash = label?.replace(prefix, '') ?? suffixOf(10, JSON.stringify(sorted(template)))
  if (owner.metadata.deletionTimestamp === undefined)
    api.create(api.kinds.named(resource), owner.metadata.namespace, {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: prefix + hash,
        namespace: owner.metadata.namespace,
        labels: { ...fields(at(template, 'metadata', 'labels')), [REVISION]: hash },
        ownerReferences: [controlledBy(owner)],
      },
      data: { spec: { template: { ...copyOf(template), $patch: 'replace' } } },
      revision: 1 + Math.max(0, ...owned.map((revision) => Number(revision.revision))),
    })
  return kind === 'StatefulSet' ? prefix + hash : hash
}

/** A template without what only its place in a revision gives it. */
function plain(template: unknown): Fields {
  const { $patch: _, metadata, ...rest } = fields(template)
  const { creationTimestamp: __, ...kept } = fields(metadata)
  return { ...rest, metadata: kept }
}
