import { createHash } from 'node:crypto'
import type { Cluster } from '../cluster/cluster.ts'
import { isApiError } from '../cluster/errors.ts'
import { parseJson, stringifyJson } from '../cluster/json.ts'
import { type Change, update } from '../cluster/update.ts'
import { Drift, Failure } from '../domain/failure.ts'
import type { Migration } from '../domain/migration.ts'
import { ANNOTATION, LABEL, MANAGER, NAMESPACE } from '../domain/names.ts'
import type { KubeObject, ObjectRef } from '../domain/object.ts'
import type { PlannedGroup, PlannedJobs } from '../domain/plan.ts'
import type { ClusterIdentity } from '../domain/survey.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../domain/volume.ts'
import { createUnlessThere } from '../jobs/objects.ts'
import type { Remembered } from '../workloads/workload-kind.ts'

/**
 * The version of what a record holds. To be raised by whoever changes that in a way that an earlier juicify would read
 * wrongly, or whose earlier form this one would. Records of juicify 0.1.0 have none written: that is 1.
 */
export const RECORD_VERSION = 1

/** Where a group is on its way; a group that was rolled back in whole has no record any more. */
export type Phase = 'migrating' | 'migrated' | 'rolling-back'

/** Which plan a group is moved by. */
export interface PlanOrigin {
  name: string
  digest: string
  cluster: ClusterIdentity
  migration: Migration
  /** What the Jobs run; absent in records of juicify 0.1.0, for which it is looked up. */
  jobs?: PlannedJobs
}

/** What is kept in the cluster about a group under way: what can no longer be seen once it has begun. */
export interface GroupRecord {
  /** Written before anything changes; changed when stopping begins and when a rollback does, and at no other time. */
  readonly kept: {
    group: PlannedGroup
    plan: PlanOrigin
    /** The volumes as the server sent them, by name. */
    originals: Record<string, PersistentVolume>
    /** Their claims as the server sent them, by the volume's name. */
    claims: Record<string, PersistentVolumeClaim>
    /** What the workloads were, before juicify stopped the first of them. */
    workloads: Remembered[]
    /** What rollback brings back where it is not the original: somebody changed labels meanwhile. By name. */
    restore: Record<string, PersistentVolume>
  }
  state: RecordState
  /** When it was first written, by the server's clock, RFC 3339: before that no pod had a new volume. */
  createdAt?: string
  /** The version of the ConfigMap that was read; a record that somebody else has changed meanwhile is not written over. */
  resourceVersion?: string
}

export interface RecordState {
  phase: Phase
  /** From now on the workloads' own scales are those of the record, no longer those in the cluster. */
  stopping: boolean
  /** Of a rollback: what was written to the file system since the swap is copied back first. */
  copyBack?: boolean
  /** RFC 3339. */
  startedAt: string
  updatedAt: string
  /** Who wrote it last, as `user@host`. */
  by: string
  /** Milliseconds from the deletion of a volume until both it and its claim were there again, by name. */
  away: Record<string, number>
  /** Why it is not going on, where it is not. */
  failure?: string
}

/** A ConfigMap may hold 1 MiB; what is over this many bytes is kept in parts of this size. */
const PART_BYTES = 900_000

interface ConfigMap extends KubeObject {
  data?: Record<string, string>
}

function headRef(group: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE, name: `juicify-${group}` }
}

/** The record of a group, or undefined where it has none. Throws Failure where it cannot be read, or has another version. */
export async function readRecord(cluster: Cluster, group: string): Promise<GroupRecord | undefined> {
  const head = await cluster.find<ConfigMap>(headRef(group))
  return head && assemble(cluster, head)
}

/** The records of all groups, in the order of their names. Throws Failure as readRecord does. */
export async function readRecords(cluster: Cluster): Promise<GroupRecord[]> {
  const { items } = await cluster.list<ConfigMap>(
    { apiVersion: 'v1', kind: 'ConfigMap' },
    { namespace: NAMESPACE, labelSelector: `${LABEL.managedBy}=${MANAGER},${LABEL.group}` },
  )
  const heads = items.filter((item) => item.data?.['state.json'] !== undefined)
  heads.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  return Promise.all(heads.map((head) => assemble(cluster, head)))
}

/**
 * Writes a record: the parts first, the head that names them last, so that there is either all of it or what was there
 * before. Returns it with the version that it has now. Throws Drift if somebody else has written it meanwhile.
 */
export async function writeRecord(cluster: Cluster, record: GroupRecord): Promise<GroupRecord> {
  const { name } = record.kept.group
  const text = escapeNonAscii(stringifyJson(record.kept))
  const parts = text.length <= PART_BYTES ? [] : partsOf(name, text)
  for (const part of parts) await createUnlessThere(cluster, part)
  const head: ConfigMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: headRef(name).name,
      namespace: NAMESPACE,
      ...(record.resourceVersion ? { resourceVersion: record.resourceVersion } : {}),
      labels: labels(name),
      annotations: { [ANNOTATION.state]: record.state.phase },
    },
    data: {
      ...(parts.length > 0 ? { parts: parts.map((part) => part.metadata.name).join('\n') } : { 'record.json': text }),
      version: String(RECORD_VERSION),
      'state.json': JSON.stringify(record.state),
      volumes: record.kept.group.volumes.map((volume) => volume.name).join('\n'),
    },
  }
  const { creationTimestamp, resourceVersion } = await writeHead(cluster, record, record.state, (now) => ({
    do: now ? 'replace' : 'create',
    object: head,
  }))
  return { ...record, createdAt: creationTimestamp, resourceVersion }
}

/** Writes only what changes on the way. Throws Drift if somebody else has written it meanwhile. */
export async function writeState(
  cluster: Cluster,
  record: GroupRecord,
  change: Partial<RecordState>,
): Promise<GroupRecord> {
  const state = { ...record.state, ...change, updatedAt: new Date().toISOString() }
  const metadata = { annotations: { [ANNOTATION.state]: state.phase } }
  const body = { metadata, data: { 'state.json': JSON.stringify(state) } }
  const { resourceVersion } = await writeHead(cluster, record, state, () => ({ do: 'patch', body }))
  return { ...record, state, resourceVersion }
}

/**
 * Changes the head in the version that is known of it, and in no other. One that holds the very state that is to be
 * written, to the millisecond, was written by us, and the answer lost. Returns its metadata as they are then.
 */
async function writeHead(
  cluster: Cluster,
  { kept, resourceVersion }: GroupRecord,
  state: RecordState,
  change: (now: ConfigMap | undefined) => Change<ConfigMap>,
): Promise<KubeObject['metadata']> {
  const ref = headRef(kept.group.name)
  const known = resourceVersion ? knownHead(ref, resourceVersion) : undefined
  const written = await update<ConfigMap>(
    cluster,
    ref,
    (now) => {
      if (now?.data?.['state.json'] === JSON.stringify(state)) return undefined
      if (now?.metadata.resourceVersion !== resourceVersion) throw writtenByAnother(kept.group.name, now)
      return change(now)
    },
    { known },
  )
  if (!written) throw writtenByAnother(kept.group.name, written)
  return written.metadata
}

function knownHead({ namespace, name, ...kind }: ObjectRef, resourceVersion: string): ConfigMap {
  return { ...kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }), resourceVersion } }
}

function writtenByAnother(group: string, now: ConfigMap | undefined): Drift {
  const { by } = JSON.parse(now?.data?.['state.json'] ?? '{}') as Partial<RecordState>
  const what = now ? `written by ${by ?? 'somebody else'}` : 'deleted'
  return new Drift(`The record of the group ${group} was ${what} since this run has read it.`, {
    remedy:
      'See what was done to it (juicify status), then go on with juicify resume, or take it back with juicify rollback.',
  })
}

/**
 * Forgets a group: the head first, then its parts, those left by a write that was interrupted included. Throws Drift
 * if somebody else has written it meanwhile.
 */
export async function deleteRecord(cluster: Cluster, { kept, resourceVersion }: GroupRecord): Promise<void> {
  const head = headRef(kept.group.name)
  await update<ConfigMap>(
    cluster,
    head,
    (now) => {
      if (!now) return undefined
      if (now.metadata.resourceVersion !== resourceVersion) throw writtenByAnother(kept.group.name, now)
      return { do: 'delete' }
    },
    resourceVersion ? { known: knownHead(head, resourceVersion) } : {},
  )
  const { items } = await cluster.list<ConfigMap>(
    { apiVersion: 'v1', kind: 'ConfigMap' },
    { namespace: NAMESPACE, labelSelector: `${LABEL.group}=${kept.group.name}` },
  )
  for (const { metadata } of items.filter(({ metadata }) => metadata.name !== head.name)) {
    await cluster.delete({ ...head, name: metadata.name, uid: metadata.uid })
  }
}

async function assemble(cluster: Cluster, head: ConfigMap): Promise<GroupRecord> {
  const { data = {}, metadata } = head
  mustBeReadable(head)
  const broken = (cause: unknown) =>
    new Failure(`ConfigMap ${NAMESPACE}/${metadata.name} should hold a record of juicify, but cannot be read.`, {
      remedy: 'Restore it from a backup. Without it the originals of its volumes are not known.',
      cause,
    })
  try {
    const texts = await Promise.all(
      (data.parts?.split('\n') ?? []).map(async (name) => {
        const part = await cluster.get<ConfigMap>({ ...headRef(''), name })
        return part.data?.part ?? ''
      }),
    )
    const kept = parseJson(data['record.json'] ?? texts.join('')) as GroupRecord['kept']
    const state = JSON.parse(data['state.json'] ?? '') as RecordState
    return { kept, state, createdAt: metadata.creationTimestamp, resourceVersion: metadata.resourceVersion }
  } catch (error) {
    if (error instanceof SyntaxError || isApiError(error, 404)) throw broken(error)
    throw error
  }
}

/** Before anything of it is read: what another version means by the same words is not known. */
function mustBeReadable({ data = {}, metadata }: ConfigMap): void {
  const { version = '1' } = data
  if (version === String(RECORD_VERSION)) return
  const group = metadata.labels?.[LABEL.group] ?? metadata.name
  throw new Failure(
    `ConfigMap ${NAMESPACE}/${metadata.name}: expected a record of version ${RECORD_VERSION}, found version ${version}.`,
    {
      remedy: `It was written by another juicify: use that one to bring the group ${group} to its end, or to roll it back.`,
    },
  )
}

/** Parts carry a digest of the whole in their names, so that those of an older version are never taken for them. */
function partsOf(group: string, text: string): ConfigMap[] {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 10)
  return Array.from({ length: Math.ceil(text.length / PART_BYTES) }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `juicify-${group}-${digest}-${index}`, namespace: NAMESPACE, labels: labels(group) },
    data: { part: text.slice(index * PART_BYTES, (index + 1) * PART_BYTES) },
  }))
}

function labels(group: string): Record<string, string> {
  return { [LABEL.managedBy]: MANAGER, [LABEL.group]: group }
}

/** One byte a character, so that a length in characters is one in bytes. */
function escapeNonAscii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
