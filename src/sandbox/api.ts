import { admit } from './admission.ts'
import type { Clock } from './clock.ts'
import { setDefaults } from './defaults.ts'
import { DryStore } from './dry-store.ts'
import {
  alreadyExists,
  badRequest,
  conflict,
  forbidden,
  invalid,
  MODIFIED,
  notFound,
  required,
  StatusError,
} from './errors.ts'
import { suffixOf, uidOf } from './identity.ts'
import { apiVersionOf, type Kind, type Kinds, resourceOf } from './kinds.ts'
import {
  type ApiObject,
  copyOf,
  define,
  type Fields,
  fields,
  isEqual,
  isFields,
  keyOf,
  type Metadata,
} from './object.ts'
import { podSecurityRefusal } from './pod-security.ts'
import { quotaRefusal } from './quota.ts'
import type { Store } from './store.ts'
import { changeCauses, newObjectCauses } from './validation.ts'
import type { Rules } from './versions.ts'

export interface DeleteOptions {
  uid?: string
  resourceVersion?: string
  propagation?: string
  gracePeriodSeconds?: number
}

/** Kinds that the server makes when they are replaced and not there. */
const CREATED_BY_PUT = new Set(['Lease', 'Event'])
/** Kinds that must say which version they replace. */
const CONDITIONAL_PUT = new Set(['Lease', 'CustomResourceDefinition'])
/** What a Job or a ReplicationController owns is left alone unless a deletion says otherwise. */
const ORPHANING = new Set(['Job', 'ReplicationController'])

/** The rules by which objects come, change and go, whoever asks: a client by HTTP, or a controller. */
export class Api {
  readonly kinds: Kinds
  readonly store: Store
  readonly clock: Clock
  /** What holds in the version that is served. */
  readonly rules: Rules
  readonly #made: Map<string, number>

  constructor(kinds: Kinds, store: Store, clock: Clock, rules: Rules, made = new Map<string, number>()) {
    this.kinds = kinds
    this.store = store
    this.clock = clock
    this.rules = rules
    this.#made = made
  }

  /** The same by the same rules, of which nothing is kept. */
  dry(): Api {
    return new Api(this.kinds, new DryStore(this.store), this.clock, this.rules, new Map(this.#made))
  }

  get(kind: Kind, namespace: string | undefined, name: string): ApiObject {
    const found = this.store.get(resourceOf(kind), namespace === undefined ? name : `${namespace}/${name}`)
    if (!found) throw notFound(subjectOf(kind, name))
    return found
  }

  /** Creates an object from what was sent. */
  create(kind: Kind, namespace: string | undefined, body: unknown): ApiObject {
    const object = this.#incoming(kind, namespace, body)
    const { metadata } = object
    if (metadata.resourceVersion)
      throw new StatusError(500, '', 'resourceVersion should not be set on objects to be created')
    if (namespace !== undefined) this.#checkNamespace(kind, namespace, metadata.name)
    if (!metadata.name && metadata.generateName)
      metadata.name = metadata.generateName.slice(0, 58) + this.#suffix(kind, namespace, metadata.generateName)
    if (!metadata.name)
      throw invalid({ group: kind.group, kind: kind.kind }, [
        required('metadata.name', 'name or generateName is required'),
      ])
    const key = keyOf(object)
    const resource = resourceOf(kind)
    this.#stamp(kind, object)
    admit(this, kind, object)
    const causes = newObjectCauses(kind, object, this.rules)
    if (causes.length) throw invalid({ group: kind.group, kind: kind.kind, name: metadata.name }, causes)
    const refusal = this.rules.podSecurity && resource === 'pods' ? podSecurityRefusal(this, object) : undefined
    if (refusal) throw refusal
    const limit = quotaRefusal(this, resource, object)
    if (limit) throw limit
    const there = this.store.get(resource, key)
    if (there) throw alreadyExists(subjectOf(kind, metadata.name), there.metadata.deletionTimestamp !== undefined)
    return this.store.put(resource, object)
  }

  /** Loads an object as it is, with defaults for what it does not say; status, uid and times stay where it has them. */
  load(kind: Kind, manifest: ApiObject): void {
    const object = copyOf(manifest)
    const resource = resourceOf(kind)
    const { uid, creationTimestamp, resourceVersion, deletionTimestamp, deletionGracePeriodSeconds, generation, name } =
      object.metadata
    object.apiVersion = apiVersionOf(kind.group, kind.versions[0] ?? '')
    if (kind.namespaced) object.metadata.namespace ??= 'default'
    else delete object.metadata.namespace
    const { status } = object
    this.#stamp(kind, object)
    Object.assign(object.metadata, {
      ...(uid ? { uid } : {}),
      ...(creationTimestamp ? { creationTimestamp } : {}),
      ...(generation ? { generation } : {}),
      ...(deletionTimestamp ? { deletionTimestamp, deletionGracePeriodSeconds: deletionGracePeriodSeconds ?? 0 } : {}),
    })
    admit(this, kind, object)
    if (status !== undefined) object.status = status
    const causes = newObjectCauses(kind, object, this.rules)
    if (causes.length) throw invalid({ group: kind.group, kind: kind.kind, name }, causes)
    if (this.store.get(resource, keyOf(object))) throw alreadyExists(subjectOf(kind, keyOf(object)))
    object.metadata.resourceVersion = resourceVersion ? String(resourceVersion) : String(this.store.version + 1)
    this.store.load(resource, object)
  }

  /**
   * Changes a loaded object to what another manifest of it says, as `kubectl apply` does: what only the earlier one said
   * goes, what neither says stays.
   */
  reload(kind: Kind, earlier: ApiObject, later: ApiObject): void {
    const { name, namespace } = earlier.metadata
    const next = withoutIdentity(later)
    const within = kind.namespaced ? (namespace ?? 'default') : undefined
    this.update(kind, within, name, (before) => {
      const merged = fields(applied(before, withoutIdentity(earlier), next))
      return { ...merged, apiVersion: before.apiVersion, metadata: { ...fields(merged.metadata), namespace: within } }
    })
    if (kind.status && later.status !== undefined) this.setStatus(this.get(kind, within, name), later.status)
  }

  /** Replaces an object by what was sent. */
  replace(kind: Kind, namespace: string | undefined, name: string, body: unknown, subresource = ''): ApiObject {
    const next = this.#incoming(kind, namespace, body)
    if (next.metadata.name !== name) throw badRequest(nameMismatch(next.metadata.name, name))
    const key = namespace === undefined ? name : `${namespace}/${name}`
    const before = this.store.get(resourceOf(kind), key)
    if (!before && CREATED_BY_PUT.has(kind.kind)) return this.create(kind, namespace, body)
    if (!before) throw notFound(subjectOf(kind, name))
    const { uid, resourceVersion } = next.metadata
    if (uid && uid !== before.metadata.uid)
      throw conflict(
        subjectOf(kind, name),
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`,
      )
    if (!resourceVersion && (kind.custom || CONDITIONAL_PUT.has(kind.kind)))
      throw invalid({ group: kind.group, kind: kind.custom ? kind.plural : kind.kind, name }, [
        {
          reason: 'FieldValueInvalid',
          message: `Invalid value: ${this.rules.noVersion}: must be specified for an update`,
          field: 'metadata.resourceVersion',
        },
      ])
    return this.#change(kind, before, next, subresource)
  }

  /** Changes an object by a function of what it is; one that gives it a version must have the current one. */
  update(
    kind: Kind,
    namespace: string | undefined,
    name: string,
    change: (before: ApiObject) => unknown,
    subresource = '',
  ): ApiObject {
    const before = this.get(kind, namespace, name)
    const changed = change(before)
    if (!isFields(changed) || !isFields(changed.metadata)) throw badRequest('the patched object has no metadata')
    const next = changed as ApiObject
    if (next.metadata.name !== name) throw badRequest(nameMismatch(String(next.metadata.name), name))
    if (next.apiVersion !== before.apiVersion || next.kind !== before.kind)
      throw badRequest(
        `${String(next.kind)} in version "${String(next.apiVersion)}" cannot be handled as a ${kind.kind}`,
      )
    if (next.metadata.uid !== undefined && next.metadata.uid !== before.metadata.uid)
      throw invalid({ group: kind.group, kind: kind.kind, name }, [
        {
          reason: 'FieldValueInvalid',
          message: `Invalid value: ${JSON.stringify(next.metadata.uid)}: field is immutable`,
          field: 'metadata.uid',
        },
      ])
    return this.#change(kind, before, next, subresource)
  }

  /** Deletes an object, or marks it as to be deleted when its finalizers are gone. `gone` says which. */
  delete(
    kind: Kind,
    namespace: string | undefined,
    name: string,
    options: DeleteOptions = {},
  ): { gone: boolean; object: ApiObject } {
    const before = this.get(kind, namespace, name)
    checkPreconditions(kind, before, options)
    const finalizers = finalizersFor(kind, before, options)
    const grace = graceFor(kind, before, options)
    if (kind.kind === 'Namespace' && !kind.custom) return { gone: false, object: this.#terminate(kind, before) }
    if (grace === 0 && finalizers.length === 0)
      return { gone: true, object: this.store.remove(resourceOf(kind), before) }
    const { metadata } = before
    const sooner = metadata.deletionTimestamp === undefined || grace < (metadata.deletionGracePeriodSeconds ?? 0)
    const next: ApiObject = {
      ...before,
      metadata: {
        ...metadata,
        ...(sooner ? { deletionTimestamp: this.clock.time(grace), deletionGracePeriodSeconds: grace } : {}),
        ...(sooner && metadata.deletionTimestamp === undefined && metadata.generation
          ? { generation: metadata.generation + 1 }
          : {}),
        finalizers,
      },
    }
    if (finalizers.length === 0) delete next.metadata.finalizers
    return { gone: false, object: isEqual(next, before) ? before : this.store.put(resourceOf(kind), next) }
  }

  /** Takes a pod away that has come to its end, as a node does; finalizers hold it still. */
  finishDeletion(kind: Kind, object: ApiObject): void {
    if (object.metadata.finalizers?.length) {
      if (object.metadata.deletionGracePeriodSeconds === 0) return
      this.store.put(resourceOf(kind), { ...object, metadata: { ...object.metadata, deletionGracePeriodSeconds: 0 } })
    } else this.store.remove(resourceOf(kind), object)
  }

  /** The object with another status; a volume's says when it came into its phase, where the version has it say so. */
  withStatus(object: ApiObject, status: Fields, before: ApiObject = object): ApiObject {
    const { kind, apiVersion } = object
    if (!this.rules.volumesTellTransition || kind !== 'PersistentVolume' || apiVersion !== 'v1')
      return { ...object, status }
    const since = before.status?.phase === status.phase ? before.status?.lastPhaseTransitionTime : undefined
    return { ...object, status: { ...status, lastPhaseTransitionTime: since ?? this.clock.time() } }
  }

  /** Sets a status, or leaves the object alone where it is that already. */
  setStatus(object: ApiObject, status: Record<string, unknown>): ApiObject {
    const kind = this.kindOf(object)
    const current = this.store.get(resourceOf(kind), keyOf(object))
    if (!current || current.metadata.uid !== object.metadata.uid) return current ?? object
    const next = this.withStatus(current, status)
    return isEqual(current.status, next.status) ? current : this.store.put(resourceOf(kind), next)
  }

  /** The kind of a stored object. */
  kindOf(object: ApiObject): Kind {
    const kind = this.kinds.of(object.apiVersion, object.kind)
    if (!kind) throw new Error(`the sandbox does not know ${object.apiVersion} ${object.kind}`)
    return kind
  }

  /** The object in another of its kind's versions. */
  inVersion(kind: Kind, object: ApiObject, version: string): ApiObject {
    const apiVersion = apiVersionOf(kind.group, version)
    return object.apiVersion === apiVersion ? object : { ...object, apiVersion }
  }

  #incoming(kind: Kind, namespace: string | undefined, body: unknown): ApiObject {
    if (!isFields(body)) throw badRequest(`the object provided is unrecognized (must be of type ${kind.kind})`)
    const apiVersion = String(body.apiVersion ?? apiVersionOf(kind.group, kind.versions[0] ?? ''))
    if ((body.kind ?? kind.kind) !== kind.kind || this.kinds.of(apiVersion, kind.kind) !== kind)
      throw badRequest(`${String(body.kind)} in version "${apiVersion}" cannot be handled as a ${kind.kind}`)
    const metadata = copyOf(fields(body.metadata))
    for (const name of ['labels', 'annotations', 'finalizers', 'ownerReferences'])
      if (metadata[name] === null || isEqual(metadata[name], {}) || isEqual(metadata[name], [])) delete metadata[name]
    delete metadata.managedFields
    delete metadata.selfLink
    if (namespace === undefined) delete metadata.namespace
    else if ((metadata.namespace ?? namespace) !== namespace)
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
    return {
      ...copyOf(body),
      apiVersion: apiVersionOf(kind.group, kind.versions[0] ?? ''),
      kind: kind.kind,
      metadata: {
        ...metadata,
        name: String(metadata.name ?? ''),
        ...(namespace === undefined ? {} : { namespace }),
      } as Metadata,
    }
  }

  #checkNamespace(kind: Kind, namespace: string, name: string): void {
    const found = this.store.get('namespaces', namespace)
    if (!found) throw notFound({ kind: 'namespaces', name: namespace })
    if (found.metadata.deletionTimestamp !== undefined)
      throw forbidden(
        subjectOf(kind, name),
        `unable to create new content in namespace ${namespace} because it is being terminated`,
        [
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${namespace} is being terminated`,
            field: 'metadata.namespace',
          },
        ],
      )
  }

  /** Gives a new object what only the server gives, and takes from it what it has no say in. */
  #stamp(kind: Kind, object: ApiObject): void {
    const { metadata } = object
    delete metadata.deletionTimestamp
    delete metadata.deletionGracePeriodSeconds
    metadata.uid = uidOf(
      resourceOf(kind),
      keyOf(object),
      String(this.#count(`uid ${resourceOf(kind)} ${keyOf(object)}`)),
    )
    metadata.creationTimestamp = this.clock.time()
    if (kind.generation) metadata.generation = 1
    else delete metadata.generation
    if (kind.status) delete object.status
    setDefaults(kind, object, this.rules)
  }

  #suffix(kind: Kind, namespace: string | undefined, prefix: string): string {
    const base = `${resourceOf(kind)} ${namespace ?? ''}/${prefix}`
    return suffixOf(5, base, String(this.#count(`name ${base}`)))
  }

  #count(what: string): number {
    const count = (this.#made.get(what) ?? 0) + 1
    this.#made.set(what, count)
    return count
  }

  #change(kind: Kind, before: ApiObject, sent: ApiObject, subresource: string): ApiObject {
    const { resourceVersion } = sent.metadata
    if (resourceVersion && resourceVersion !== '0' && resourceVersion !== before.metadata.resourceVersion)
      throw conflict(subjectOf(kind, before.metadata.name), MODIFIED)
    const next =
      subresource === 'status' ? this.#withStatusOf(kind, before, sent) : this.#withSpecOf(kind, before, sent)
    const causes = changeCauses(kind, before, next, this.rules)
    if (causes.length) throw invalid({ group: kind.group, kind: kind.kind, name: before.metadata.name }, causes)
    if (isEqual(before, next)) return before
    const done = next.metadata.deletionTimestamp !== undefined && (next.metadata.deletionGracePeriodSeconds ?? 0) === 0
    const held =
      next.metadata.finalizers?.length || (kind.kind === 'Namespace' && !isEqual(next.spec?.finalizers ?? [], []))
    if (done && !held) return this.store.remove(resourceOf(kind), next)
    return this.store.put(resourceOf(kind), next)
  }

  #withSpecOf(kind: Kind, before: ApiObject, sent: ApiObject): ApiObject {
    const next: ApiObject = { ...copyOf(sent), metadata: metadataAfter(before.metadata, sent.metadata) }
    if (kind.status) {
      delete next.status
      if (before.status !== undefined) next.status = before.status
    }
    setDefaults(kind, next, this.rules)
    const content = ({ metadata: _, status, ...rest }: ApiObject) => (kind.status ? rest : { ...rest, status })
    const changed = kind.custom ? !isEqual(content(before), content(next)) : !isEqual(before.spec, next.spec)
    // who has changed what is not kept here: what was said of a loaded object is true of it as it was
    if (changed) delete next.metadata.managedFields
    if (kind.generation && changed) next.metadata.generation = (before.metadata.generation ?? 0) + 1
    return next
  }

  /** The object with the sent status. Built-in kinds take metadata with it, custom resources do not. */
  #withStatusOf(kind: Kind, before: ApiObject, sent: ApiObject): ApiObject {
    const metadata = kind.custom ? before.metadata : metadataAfter(before.metadata, sent.metadata)
    const next: ApiObject = { ...before, metadata }
    delete next.status
    return sent.status === undefined ? next : this.withStatus(next, sent.status, before)
  }

  #terminate(kind: Kind, before: ApiObject): ApiObject {
    if (before.metadata.deletionTimestamp !== undefined) return before
    return this.store.put(resourceOf(kind), {
      ...before,
      metadata: { ...before.metadata, deletionTimestamp: this.clock.time(), deletionGracePeriodSeconds: 0 },
      status: { ...before.status, phase: 'Terminating' },
    })
  }
}

const nameMismatch = (given: string, expected: string) =>
  `the name of the object (${given}) does not match the name on the URL (${expected})`

/** A manifest without what only a server gives: as of another object of that name, it says nothing of this one. */
function withoutIdentity({ metadata, status: _, ...content }: ApiObject): Fields {
  const { uid, resourceVersion, creationTimestamp, generation, managedFields, selfLink, ...said } = metadata
  return { ...copyOf(content), metadata: copyOf(said) }
}

/** What `kubectl apply` makes of a value, of the manifest that was applied before, and of the one that is now. */
function applied(current: unknown, earlier: unknown, later: unknown): unknown {
  if (!isFields(current) || !isFields(later)) return later
  const said = isFields(earlier) ? earlier : {}
  const kept = Object.keys(current).filter((key) => Object.hasOwn(later, key) || !Object.hasOwn(said, key))
  const keys = [...new Set([...kept, ...Object.keys(later)])]
  const result: Fields = {}
  for (const key of keys)
    define(result, key, Object.hasOwn(later, key) ? applied(current[key], said[key], later[key]) : current[key])
  return result
}

/** How errors speak of an object: by the plural of its kind. */
export function subjectOf(kind: Kind, name: string) {
  return { group: kind.group, kind: kind.plural, name }
}

function checkPreconditions(kind: Kind, { metadata }: ApiObject, { uid, resourceVersion }: DeleteOptions): void {
  const refuse = (why: string): StatusError =>
    conflict({ group: kind.group, kind: kind.kind, name: metadata.name }, why)
  if (uid !== undefined && uid !== metadata.uid)
    throw refuse(
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    )
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw refuse(
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    )
}

function finalizersFor(kind: Kind, object: ApiObject, { propagation }: DeleteOptions): string[] {
  const present = object.metadata.finalizers ?? []
  const policy =
    propagation ??
    (present.includes('orphan') ? 'Orphan' : present.includes('foregroundDeletion') ? 'Foreground' : undefined) ??
    (ORPHANING.has(kind.kind) && !kind.custom ? 'Orphan' : 'Background')
  const others = present.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion')
  if (policy === 'Orphan') return [...others, 'orphan']
  return policy === 'Foreground' ? [...others, 'foregroundDeletion'] : others
}

/** Only pods that were scheduled and have not finished are given time. */
function graceFor(kind: Kind, { spec, status, metadata }: ApiObject, { gracePeriodSeconds }: DeleteOptions): number {
  if (kind.kind !== 'Pod' || kind.custom) return 0
  if (!spec?.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed') return 0
  const wanted = gracePeriodSeconds ?? Number(spec.terminationGracePeriodSeconds ?? 30)
  return metadata.deletionTimestamp === undefined
    ? wanted
    : Math.min(wanted, metadata.deletionGracePeriodSeconds ?? wanted)
}

/** The metadata after a change: what only the server sets stays. */
function metadataAfter(before: Metadata, sent: Metadata): Metadata {
  const next: Metadata = { ...sent }
  for (const name of [
    'uid',
    'resourceVersion',
    'creationTimestamp',
    'generation',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'namespace',
    'generateName',
  ] as const) {
    delete next[name]
    if (before[name] !== undefined) Object.assign(next, { [name]: before[name] })
  }
  for (const name of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const)
    if (next[name] === null || isEqual(next[name], {}) || isEqual(next[name], [])) delete next[name]
  delete next.managedFields
  if (before.managedFields !== undefined) next.managedFields = before.managedFields
  delete next.selfLink
  return next
}
