import type { Cluster, Deadline } from '../cluster/cluster.ts'
import { isApiError } from '../cluster/errors.ts'
import { pause } from '../cluster/signal.ts'
import { Failure } from '../domain/failure.ts'
import { ANNOTATION, LABEL, MANAGER, NAMESPACE } from '../domain/names.ts'
import { describeRef, type KubeObject, type ObjectRef, refOf } from '../domain/object.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../domain/volume.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { copyIdOf, labelsOf, nameOf, targetIdOf } from './names.ts'
import type { CopyRequest, Holdings } from './request.ts'
import { WORK_SUBDIR } from './request.ts'

/** Milliseconds that a claim may take to be bound; a controller that is awake takes one second. */
const BINDING = 60_000
/** Milliseconds for an object to go once it is deleted. */
const GOING = 120_000

/** So often is a note written that meets another version. */
const MARK_TRIES = 5

/** A claim of juicify's own on the request's place of the file system, bound. Returns its name. */
export function targetClaim(cluster: Cluster, request: CopyRequest, signal?: AbortSignal): Promise<string> {
  return ownClaim(cluster, request, request.subdir, 'data', signal)
}

/** The same for the whole file system: nothing is made on it by being mounted, as a missing subdir would be. */
export function rootClaim(cluster: Cluster, request: CopyRequest, signal?: AbortSignal): Promise<string> {
  return ownClaim(cluster, request, '', 'root', signal)
}

/** The same for the place where the Jobs of several nodes meet. */
export function sharedClaim(cluster: Cluster, request: CopyRequest, signal?: AbortSignal): Promise<string> {
  return ownClaim(cluster, request, `${WORK_SUBDIR}/${request.group}-${copyIdOf(request)}`, 'shared', signal)
}

async function ownClaim(
  cluster: Cluster,
  request: CopyRequest,
  subdir: string,
  role: string,
  signal?: AbortSignal,
): Promise<string> {
  const pv = volumeFor(request, subdir, role)
  const claim = claimFor(request, pv.metadata.name)
  const there = await cluster.find<PersistentVolume>(refOf(pv))
  // A volume whose claim is gone never binds again.
  if (there && (there.metadata.deletionTimestamp || there.status?.phase === 'Released')) await remove(cluster, there)
  await createUnlessThere(cluster, pv)
  await createUnlessThere(cluster, claim)
  await bound(cluster, claim, signal)
  return claim.metadata.name
}

/** The volume of juicify's own: its name and handle change with anything that the driver looks at. */
export function volumeFor(request: CopyRequest, subdir: string, role: string): PersistentVolume {
  const { target } = request
  const name = nameOf(request.group, role, request.directory, subdir, target)
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, labels: labelsOf(request) },
    spec: {
      capacity: { storage: '1Gi' },
      volumeMode: 'Filesystem',
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: NAMESPACE, name },
      ...fileSystemOf(target).volumes.sourceFor({ name, subdir, claim: { namespace: NAMESPACE, name } }),
    },
  }
}

/** Removes a claim of juicify's own, and its volume. */
export async function removeClaim(cluster: Cluster, name: string): Promise<void> {
  for (const kind of ['PersistentVolumeClaim', 'PersistentVolume']) {
    const namespace = kind === 'PersistentVolume' ? {} : { namespace: NAMESPACE }
    const there = await cluster.find({ apiVersion: 'v1', kind, ...namespace, name })
    if (there) await remove(cluster, there)
  }
}

function claimFor(request: CopyRequest, name: string): PersistentVolumeClaim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: NAMESPACE, labels: labelsOf(request) },
    spec: {
      accessModes: ['ReadWriteMany'],
      storageClassName: '',
      volumeName: name,
      resources: { requests: { storage: '1Gi' } },
    },
  }
}

/** Waits until the claim is bound; touches it, which wakes the controller that after a conflict would sleep for 15 s. */
export async function bound(cluster: Cluster, claim: PersistentVolumeClaim, signal?: AbortSignal): Promise<void> {
  const deadline = cluster.deadline(BINDING)
  await touchedUntilBound(cluster, refOf(claim), deadline, signal).finally(deadline.clear)
}

async function touchedUntilBound(
  cluster: Cluster,
  ref: ObjectRef,
  deadline: Deadline,
  signal?: AbortSignal,
): Promise<void> {
  for (let touches = 0; ; touches++) {
    const now = await cluster.get<PersistentVolumeClaim>(ref)
    if (now.status?.phase === 'Bound') return
    if (deadline.signal.aborted) {
      throw new Failure(`${describeRef(ref)} is not bound after ${BINDING / 1000} s, but ${now.status?.phase}`, {
        remedy: `See what kubectl describe pvc -n ${NAMESPACE} ${ref.name} says of it.`,
      })
    }
    signal?.throwIfAborted()
    const body = { metadata: { annotations: { [ANNOTATION.touched]: String(touches) } } }
    if (touches > 0) await cluster.patch(ref, { type: 'merge', body })
    await pause(200, signal)
  }
}

/** A Secret of juicify's own with the file system's metadata address, and nothing else: a Job reads only its own namespace's. */
export async function metadataSecret(cluster: Cluster, request: CopyRequest): Promise<string> {
  const { secretRef, title } = fileSystemOf(request.target)
  if (!secretRef) throw new Error(`a copy wants the Secret of ${title}, which has none`)
  const theirs = await cluster.get<KubeObject & { data?: Record<string, string> }>({
    apiVersion: 'v1',
    kind: 'Secret',
    ...secretRef,
  })
  const metaurl = theirs.data?.metaurl
  if (!metaurl) {
    throw new Failure(`Secret ${secretRef.namespace}/${secretRef.name} has no metaurl`, {
      remedy: 'juicefs sync needs the address of the metadata engine there.',
    })
  }
  const name = nameOf(request.group, 'metadata', request.directory, secretRef, metaurl)
  const metadata = { name, namespace: NAMESPACE, labels: labelsOf(request) }
  await createUnlessThere(cluster, { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: { metaurl } })
  return name
}

/** What is noted of a place on the file system: that its content is a copy of ours. */
export interface Mark {
  /** Of which directory. */
  directory: string
  /** There was something before: what the directory does not have is not ours, and stays. */
  existing: boolean
  /** Workloads have been switched to it: what is there may be newer than the directory. */
  live: boolean
  /** What it held when it was compared with the directory last; nothing tells it once a copy has gone on. */
  holds?: Holdings
}

/** The note on the request's place; none where no copy of ours has begun there. */
export async function readMark(cluster: Cluster, request: CopyRequest): Promise<Mark | undefined> {
  const mark = await cluster.find<KubeObject & { data?: Record<string, string> }>(markRef(request))
  if (!mark?.data?.directory) return undefined
  const { directory, existing, live, holds = '' } = mark.data
  const [digest = '', newest] = holds.split(' ')
  return {
    directory,
    existing: existing === 'yes',
    live: live === 'yes',
    ...(digest === '' ? {} : { holds: { digest, newest: Number(newest) } }),
  }
}

/** Notes it; a note that is there is changed. */
export async function writeMark(cluster: Cluster, request: CopyRequest, mark: Mark): Promise<void> {
  const { name, ...kind } = markRef(request)
  const yes = (is: boolean) => (is ? 'yes' : 'no')
  const data = {
    directory: mark.directory,
    subdir: request.subdir,
    existing: yes(mark.existing),
    live: yes(mark.live),
    holds: mark.holds ? `${mark.holds.digest} ${mark.holds.newest}` : '',
  }
  // No label of a group: it outlives the group's copy.
  const metadata = { name, namespace: NAMESPACE, labels: { [LABEL.managedBy]: MANAGER } }
  for (let tries = 1; ; tries++) {
    const now = await cluster.find(markRef(request))
    try {
      if (!now) await cluster.create({ apiVersion: kind.apiVersion, kind: kind.kind, metadata, data })
      else {
        const { resourceVersion } = now.metadata
        await cluster.patch(markRef(request), { type: 'merge', body: { metadata: { resourceVersion }, data } })
      }
      return
    } catch (error) {
      // it may be as it should by now: a change that got no answer is made twice
      if (tries >= MARK_TRIES || !isApiError(error, 409)) throw error
    }
  }
}

function markRef(request: CopyRequest): ObjectRef {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE, name: `juicify-copied-${targetIdOf(request)}` }
}

/** Deletes that very object and waits until it is gone; with a Job its pods go first. */
export async function remove(cluster: Cluster, object: KubeObject, signal?: AbortSignal): Promise<void> {
  const ref = refOf(object)
  await cluster.delete(ref, object.kind === 'Job' ? { propagation: 'Foreground' } : {})
  const gone = (now: KubeObject | undefined) => now === undefined || now.metadata.uid !== ref.uid
  await cluster.waitFor(ref, gone, { timeout: GOING, what: `${describeRef(ref)} to be gone`, signal })
}

/** Creates it, unless something of that name is there: names of ours say what is in them. */
export async function createUnlessThere(cluster: Cluster, object: KubeObject): Promise<void> {
  try {
    await cluster.create(object)
  } catch (error) {
    if (!isApiError(error, 409, 'AlreadyExists')) throw error
  }
}
