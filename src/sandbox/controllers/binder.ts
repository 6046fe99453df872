import type { Api } from '../api.ts'
import { type ApiObject, at, type Fields, fields, isEqual, items, keyOf } from '../object.ts'
import { quantityOf } from '../quantity.ts'
import { labelSelector } from '../selectors.ts'
import type { Change, Store } from '../store.ts'
import type { Controller, Surroundings } from './controller.ts'

const VOLUMES = 'persistentvolumes'
const CLAIMS = 'persistentvolumeclaims'
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed'
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'
const COMPONENT = 'persistentvolume-controller'
const FREE = 'free volumes'

/** Adds what the binder looks for: volumes by their claim, unclaimed ones by class or by one of their labels. */
export function addBinderIndexes(store: Store): void {
  store.addIndex(FREE, VOLUMES, (volume) => {
    const claim = claimRefOf(volume)
    if (claim) return [`claim ${claim.namespace}/${claim.name}`]
    const labels = Object.entries(volume.metadata.labels ?? {}).map(([key, value]) => `label ${key}=${value}`)
    return [`class ${classOf(volume)}`, ...labels]
  })
}

interface ClaimRef {
  namespace: string
  name: string
  uid?: string
}

function claimRefOf(volume: ApiObject): ClaimRef | undefined {
  return volume.spec?.claimRef as ClaimRef | undefined
}

function classOf(object: ApiObject): string {
  const annotated = object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class']
  return annotated ?? String(object.spec?.storageClassName ?? '')
}

const volumeNameOf = (claim: ApiObject): string => String(claim.spec?.volumeName ?? '')

const isRefTo = (ref: ClaimRef | undefined, claim: ApiObject): boolean =>
  ref !== undefined &&
  ref.namespace === claim.metadata.namespace &&
  ref.name === claim.metadata.name &&
  (!ref.uid || ref.uid === claim.metadata.uid)

const annotated = (object: ApiObject, name: string, value: string | undefined): ApiObject => {
  const annotations = { ...object.metadata.annotations }
  if (value === undefined) delete annotations[name]
  else annotations[name] = value
  const { annotations: _, ...metadata } = object.metadata
  return { ...object, metadata: Object.keys(annotations).length ? { ...metadata, annotations } : metadata }
}

/**
 * Binds claims to volumes, as pkg/controller/volume/persistentvolume of Kubernetes 1.20 does: the same cases in the
 * same order, and the same events. Like it, it does not look at a claim again when its volume has come back, before
 * the claim changes or the next resync comes.
 */
export class Binder implements Controller {
  readonly name = 'binder'
  readonly #surroundings: Surroundings

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  concerns({ type, resource, object }: Change): string[] {
    if (resource === VOLUMES) {
      const ref = claimRefOf(object)
      if (type !== 'DELETED') return [`volume ${object.metadata.name}`]
      return ref ? [`claim ${ref.namespace}/${ref.name}`] : []
    }
    if (resource !== CLAIMS) return []
    if (type !== 'DELETED') return [`claim ${keyOf(object)}`]
    return volumeNameOf(object) ? [`volume ${volumeNameOf(object)}`] : []
  }

  /** Everything that is not in order yet: looked at again every 15 s on a real cluster. */
  unsettled(): string[] {
    const { store } = this.#api
    return [
      ...store
        .list(VOLUMES)
        .filter((volume) => volume.status?.phase === 'Pending')
        .map((volume) => `volume ${keyOf(volume)}`),
      ...store
        .list(CLAIMS)
        .filter((claim) => claim.status?.phase !== 'Bound')
        .map((claim) => `claim ${keyOf(claim)}`),
    ]
  }

  sync(key: string): void {
    const [what, name = ''] = key.split(' ')
    const object = this.#api.store.get(what === 'volume' ? VOLUMES : CLAIMS, name)
    if (!object) return
    if (what === 'volume') this.#syncVolume(object)
    else if (object.metadata.annotations?.[BIND_COMPLETED] === undefined) this.#syncUnboundClaim(object)
    else this.#syncBoundClaim(object)
  }

  get #api(): Api {
    return this.#surroundings.api
  }

  #syncVolume(volume: ApiObject) {
    const ref = claimRefOf(volume)
    if (!ref?.uid) return this.#setPhase(volume, 'Available')
    const found = this.#api.store.get(CLAIMS, `${ref.namespace}/${ref.name}`)
    const claim = found?.metadata.uid === ref.uid ? found : undefined
    if (!claim) return this.#release(volume)
    if (volumeNameOf(claim) === '') {
      if (claim.spec?.volumeMode === volume.spec?.volumeMode) this.#wake(`claim ${keyOf(claim)}`)
      else
        this.#tell(
          volume,
          'Warning',
          'VolumeMismatch',
          'Cannot bind PersistentVolume to requested PersistentVolumeClaim due to incompatible volumeMode',
        )
    } else if (volumeNameOf(claim) === volume.metadata.name) this.#setPhase(volume, 'Bound')
    else if (
      volume.spec?.persistentVolumeReclaimPolicy === 'Delete' &&
      volume.metadata.annotations?.[PROVISIONED_BY] !== undefined
    )
      this.#release(volume)
    else this.#unbind(volume)
  }

  #wake(key: string) {
    this.#surroundings.loop.enqueue(`${this.name} ${key}`, () => this.sync(key))
  }

  #tell(object: ApiObject, type: 'Normal' | 'Warning', reason: string, message: string) {
    this.#surroundings.events.record(object, type, reason, message, COMPONENT)
  }

  #setPhase(volume: ApiObject, phase: string, message?: string) {
    this.#api.setStatus(volume, { phase, ...(message === undefined ? {} : { message }) })
  }

  /** The claim is gone: its volume is Released, and then treated as its reclaim policy says. */
  #release(volume: ApiObject) {
    const phase = volume.status?.phase
    if (phase !== 'Released' && phase !== 'Failed') return this.#setPhase(volume, 'Released')
    const policy = volume.spec?.persistentVolumeReclaimPolicy
    if (policy === 'Retain' || volume.metadata.deletionTimestamp !== undefined) return
    if (policy === 'Delete') this.#dispose(volume)
    else this.#recycle(volume)
  }

  #dispose(volume: ApiObject) {
    const path = at(volume, 'spec', 'hostPath', 'path')
    // Whoever provisioned it disposes of it; there is none in here.
    if (volume.metadata.annotations?.[PROVISIONED_BY] !== undefined) return
    if (typeof path === 'string' && path.startsWith('/tmp/')) {
      this.#api.delete(this.#api.kindOf(volume), undefined, volume.metadata.name)
      return
    }
    const why =
      path === undefined
        ? `error getting deleter volume plugin for volume "${volume.metadata.name}": no deletable volume plugin matched`
        : `host_path deleter only supports /tmp/.+ but received provided ${String(path)}`
    this.#fail(volume, 'VolumeFailedDelete', why)
  }

  #recycle(volume: ApiObject) {
    if (at(volume, 'spec', 'hostPath') === undefined && at(volume, 'spec', 'nfs') === undefined)
      return this.#fail(volume, 'VolumeFailedRecycle', 'no recyclable volume plugin matched')
    this.#tell(volume, 'Normal', 'VolumeRecycled', 'Volume recycled')
    this.#unbind(annotated(volume, BOUND_BY_CONTROLLER, 'yes'))
  }

  #fail(volume: ApiObject, reason: string, message: string) {
    if (volume.status?.phase === 'Failed') return
    this.#setPhase(volume, 'Failed', message)
    this.#tell(volume, 'Warning', reason, message)
  }

  /** Takes the claim off a volume; where a user had put it there, only its uid. */
  #unbind(volume: ApiObject) {
    const spec = { ...volume.spec }
    const ref = { ...fields(spec.claimRef) }
    delete ref.uid
    if (volume.metadata.annotations?.[BOUND_BY_CONTROLLER] === undefined) spec.claimRef = ref
    else delete spec.claimRef
    const next = { ...annotated(volume, BOUND_BY_CONTROLLER, undefined), spec }
    this.#api.store.put(VOLUMES, this.#api.withStatus(next, { phase: 'Available' }))
  }

  #syncUnboundClaim(claim: ApiObject) {
    const name = volumeNameOf(claim)
    if (name === '') {
      const volume = findVolume(this.#api.store, claim, this.#isDelayed(claim))
      return volume ? this.#bind(volume, claim) : this.#waitFor(claim)
    }
    const volume = this.#api.store.get(VOLUMES, name)
    if (!volume) return this.#setClaim(claim, { phase: 'Pending' })
    const ref = claimRefOf(volume)
    if (ref === undefined) {
      const why = mismatch(volume, claim)
      if (why === undefined) return this.#bind(volume, claim)
      this.#tell(claim, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume "${name}": ${why}`)
      this.#setClaim(claim, { phase: 'Pending' })
    } else if (isRefTo(ref, claim)) this.#bind(volume, claim)
    else {
      if (claim.status?.phase !== 'Pending' || ref.uid)
        this.#tell(claim, 'Warning', 'FailedBinding', `volume "${name}" already bound to a different claim.`)
      this.#setClaim(claim, { phase: 'Pending' })
    }
  }

  #isDelayed(claim: ApiObject): boolean {
    const found = this.#api.store.get('storageclasses.storage.k8s.io', classOf(claim))
    return (
      found?.volumeBindingMode === 'WaitForFirstConsumer' &&
      claim.metadata.annotations?.['volume.kubernetes.io/selected-node'] === undefined
    )
  }

  #waitFor(claim: ApiObject) {
    const name = classOf(claim)
    const storageClass = this.#api.store.get('storageclasses.storage.k8s.io', name)
    if (this.#isDelayed(claim))
      this.#tell(claim, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding')
    else if (name === '')
      this.#tell(
        claim,
        'Normal',
        'FailedBinding',
        'no persistent volumes available for this claim and no storage class is set',
      )
    else if (!storageClass)
      this.#tell(claim, 'Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${name}" not found`)
    else if (storageClass.provisioner !== 'kubernetes.io/no-provisioner')
      return this.#askProvisioner(claim, String(storageClass.provisioner))
    this.#setClaim(claim, { phase: 'Pending' })
  }

  #askProvisioner(claim: ApiObject, provisioner: string) {
    const asked = 'volume.beta.kubernetes.io/storage-provisioner'
    this.#tell(
      claim,
      'Normal',
      'ExternalProvisioning',
      `waiting for a volume to be created, either by external provisioner "${provisioner}" or manually created by system administrator`,
    )
    if (claim.metadata.annotations?.[asked] !== provisioner)
      this.#api.store.put(CLAIMS, {
        ...annotated(claim, asked, provisioner),
        status: withConditions(claim, { phase: 'Pending' }),
      })
  }

  #syncBoundClaim(claim: ApiObject) {
    const name = volumeNameOf(claim)
    if (name === '')
      return this.#lose(
        claim,
        'ClaimLost',
        'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!',
      )
    const volume = this.#api.store.get(VOLUMES, name)
    if (!volume)
      return this.#lose(claim, 'ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
    const ref = claimRefOf(volume)
    if (ref === undefined || ref.uid === claim.metadata.uid) this.#bind(volume, claim)
    else this.#lose(claim, 'ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly')
  }

  #lose(claim: ApiObject, reason: string, message: string) {
    if (claim.status?.phase === 'Lost') return
    this.#setClaim(claim, { phase: 'Lost' })
    this.#tell(claim, 'Warning', reason, message)
  }

  #setClaim(claim: ApiObject, status: Record<string, unknown>) {
    this.#api.setStatus(claim, withConditions(claim, status))
  }

  #bind(volume: ApiObject, claim: ApiObject) {
    this.#bindVolume(volume, claim)
    const { spec, status } = this.#api.store.get(VOLUMES, volume.metadata.name) ?? volume
    let next = claim
    if (volumeNameOf(claim) !== volume.metadata.name) {
      next = annotated(next, BOUND_BY_CONTROLLER, 'yes')
      next = { ...next, spec: { ...next.spec, volumeName: volume.metadata.name } }
    }
    next = annotated(next, BIND_COMPLETED, 'yes')
    const bound = { phase: 'Bound', accessModes: spec?.accessModes, capacity: spec?.capacity }
    next = { ...next, status: withConditions(claim, bound) }
    if (!isEqual(next, claim) && status) this.#api.store.put(CLAIMS, next)
  }

  #bindVolume(volume: ApiObject, claim: ApiObject) {
    const ref = claimRefOf(volume)
    let next = volume
    if (ref?.uid !== claim.metadata.uid) {
      // One that a user wrote is completed, one that is put there is marked as the controller's.
      if (!isRefTo(ref, claim)) next = annotated(next, BOUND_BY_CONTROLLER, 'yes')
      const { namespace, name, uid, resourceVersion } = claim.metadata
      const claimRef = { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion }
      next = { ...next, spec: { ...next.spec, claimRef } }
    }
    next = this.#api.withStatus(next, { phase: 'Bound' })
    if (!isEqual(next, volume)) this.#api.store.put(VOLUMES, next)
  }
}

/** A claim's status with the conditions that others have put there. */
function withConditions({ status }: ApiObject, next: Fields): Fields {
  return status?.conditions === undefined ? next : { ...next, conditions: status.conditions }
}

/** Why the volume that a claim names cannot be its own; undefined where it can. */
function mismatch(volume: ApiObject, claim: ApiObject): string | undefined {
  const asked = at(claim, 'spec', 'resources', 'requests', 'storage')
  if (quantityOf(at(volume, 'spec', 'capacity', 'storage')) < quantityOf(asked)) return 'requested PV is too small'
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match'
  if (volume.spec?.volumeMode !== claim.spec?.volumeMode) return 'incompatible volumeMode'
  return hasModes(volume, claim) ? undefined : 'incompatible accessMode'
}

function hasModes(volume: ApiObject, claim: ApiObject): boolean {
  const offered = items(volume.spec?.accessModes)
  return items(claim.spec?.accessModes).every((mode) => offered.includes(mode))
}

/** The volume for a claim that names none: one that is meant for it, else the smallest free one that will do. */
function findVolume(store: Store, claim: ApiObject, delayed: boolean): ApiObject | undefined {
  const asked = quantityOf(at(claim, 'spec', 'resources', 'requests', 'storage'))
  const size = (volume: ApiObject) => quantityOf(at(volume, 'spec', 'capacity', 'storage'))
  const fits = (volume: ApiObject) =>
    size(volume) >= asked &&
    volume.spec?.volumeMode === claim.spec?.volumeMode &&
    volume.metadata.deletionTimestamp === undefined &&
    hasModes(volume, claim)
  // One that a provisioner has made names the claim's uid too.
  const meant = store
    .indexed(FREE, `claim ${keyOf(claim)}`)
    .find((volume) => isRefTo(claimRefOf(volume), claim) && fits(volume))
  if (meant || delayed) return meant
  const selected = labelSelector(claim.spec?.selector)
  return candidates(store, claim)
    .filter(
      (volume) =>
        volume.status?.phase === 'Available' &&
        classOf(volume) === classOf(claim) &&
        fits(volume) &&
        selected(volume.metadata.labels ?? {}),
    )
    .reduce<ApiObject | undefined>((best, volume) => (best && size(best) <= size(volume) ? best : volume), undefined)
}

/** Free volumes, as few as an index can tell. */
function candidates(store: Store, claim: ApiObject): ApiObject[] {
  const [label] = Object.entries(fields(at(claim, 'spec', 'selector', 'matchLabels')))
  return store.indexed(FREE, label ? `label ${label[0]}=${String(label[1])}` : `class ${classOf(claim)}`)
}
