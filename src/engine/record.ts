import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Cluster } from '../cluster/cluster.ts'
import { isApiError } from '../cluster/errors.ts'
import { unlessForbidden } from '../cluster/forbidden.ts'
import { parseJson, stringifyJson } from '../cluster/json.ts'
import { type Change, update } from '../cluster/update.ts'
import { canonicalJson } from '../domain/digest.ts'
import { Drift, type Failure } from '../domain/failure.ts'
import type { Migration } from '../domain/migration.ts'
import { LABEL, MANAGER } from '../domain/names.ts'
import { describeRef, type KubeObject, type ObjectRef, refOf } from '../domain/object.ts'
import { RECORD_KIND, RECORD_PART_KIND } from '../domain/own-kinds.ts'
import type { PlannedGroup, PlannedJobs } from '../domain/plan.ts'
import type { ClusterIdentity } from '../domain/survey.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../domain/volume.ts'
import { createUnlessThere } from '../jobs/objects.ts'
import { worded } from '../words/trouble.ts'
import type { Remembered } from '../workloads/workload-kind.ts'
import { mustBeBelievable, RecordFailure } from './belief.ts'

/**
 * The version of what a record holds. To be raised by whoever changes that in a way that an earlier juicify would read
 * wrongly, or whose earlier form this one would. 1 were the ConfigMaps of juicify 0.1.0 (earlier-record.ts).
 */
export const RECORD_VERSION = 2

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
  /** The version of the object that was read; a record that somebody else has changed meanwhile is not written over. */
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
  /** The quotas that its migration has set, as the file system showed them then, by subdir. */
  quotas?: Record<string, string>
  /** Why it is not going on, where it is not. */
  failure?: string
  /** What its runs have told, oldest first, each line as history.ts makes it; absent in what earlier versions wrote. */
  history?: string[]
}

/** etcd takes 1.5 MB; what is over this many bytes is kept in parts of this size, for in JSON every quote is two bytes. */
const PART_BYTES = 600_000

/** The object that names a group; it is created empty, and is no record until it is filled. */
interface RecordObject extends KubeObject {
  spec?: {
    version: number
    volumes: string[]
    volumeCount: number
    content?: string | null
    parts?: string[] | null
    carriedOverFrom?: string
    recordedAt?: string
  }
  state?: RecordState
}

interface RecordPart extends KubeObject {
  spec?: { text?: string }
}

/** What of a record counts for a run that resumes it; another one for another content, or another way. */
export function fingerprintOf({ kept, state: { phase } }: GroupRecord): string {
  return createHash('sha256').update(canonicalJson({ kept, phase })).digest('hex')
}

/** A record that is there, and cannot be read, or not be believed. */
export interface BrokenRecord {
  group: string
  /** Why. */
  failure: Failure
}

function headRef(group: string): ObjectRef {
  return { ...RECORD_KIND, name: group }
}

/** The record of a group, or undefined where it has none. Throws Failure where it cannot be read, or not be believed. */
export async function readRecord(cluster: Cluster, group: string): Promise<GroupRecord | undefined> {
  const head = await cluster.find<RecordObject>(headRef(group))
  return head && !isEmpty(head) ? assemble(cluster, head) : undefined
}

/** The records of all groups, in the order of their names; those that cannot be read, or not be believed, apart. */
export async function readAllRecords(cluster: Cluster): Promise<{ records: GroupRecord[]; broken: BrokenRecord[] }> {
  const { items } = await cluster.list<RecordObject>(RECORD_KIND)
  const heads = items.filter((head) => !isEmpty(head))
  heads.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  const broken: BrokenRecord[] = []
  const read = heads.map(async (head) => {
    try {
      return [await assemble(cluster, head)]
    } catch (failure) {
      if (!(failure instanceof RecordFailure)) throw failure
      broken.push({ group: head.metadata.name, failure })
      return []
    }
  })
  return { records: (await Promise.all(read)).flat(), broken }
}

/** Those of all groups that can be believed: one that is broken holds up no other group. */
export async function readRecords(cluster: Cluster): Promise<GroupRecord[]> {
  return (await readAllRecords(cluster)).records
}

/** Created by a run that was killed before it could fill it, or whose request came late. */
function isEmpty({ spec, state }: RecordObject): boolean {
  return spec === undefined && state === undefined
}

/**
 * Writes a record: the parts first, the object that names them last, so that there is either all of it or what was there
 * before. A new one is created empty first, and then filled in that version: a creation names no version, so what a run
 * has sent before it lost its lease, and arrives late, is an empty object, which says nothing; and its filling, which a
 * run that has lost its lease does not send any more, would name a version. Returns it with the version that it has now.
 * Throws Drift if somebody else has written it meanwhile.
 */
export async function writeRecord(
  cluster: Cluster,
  record: GroupRecord,
  { carriedOverFrom }: { carriedOverFrom?: string } = {},
): Promise<GroupRecord> {
  const { name, volumes } = record.kept.group
  const text = escapeNonAscii(stringifyJson(record.kept))
  const parts = text.length <= PART_BYTES ? [] : partsOf(name, text)
  for (const part of parts) await createUnlessThere(cluster, part)
  const resourceVersion = record.resourceVersion ?? (await createEmpty(cluster, name)).metadata.resourceVersion
  const names = volumes.map((volume) => volume.name)
  const content = parts.length > 0 ? { parts: parts.map((part) => part.metadata.name) } : { content: text }
  const head: RecordObject = {
    ...RECORD_KIND,
    metadata: { name, ...(resourceVersion ? { resourceVersion } : {}), labels: labels(name) },
    spec: {
      version: RECORD_VERSION,
      volumes: names,
      volumeCount: names.length,
      ...content,
      ...(carriedOverFrom ? { carriedOverFrom } : {}),
      ...(record.createdAt ? { recordedAt: record.createdAt } : {}),
    },
    state: record.state,
  }
  const written = await writeHead(
    cluster,
    { ...record, ...(resourceVersion ? { resourceVersion } : {}) },
    record.state,
    () => ({ do: 'replace', object: head }),
  )
  const createdAt = record.createdAt ?? written.creationTimestamp
  return { ...record, createdAt, resourceVersion: written.resourceVersion }
}

async function createEmpty(cluster: Cluster, group: string): Promise<RecordObject> {
  const empty: RecordObject = { ...RECORD_KIND, metadata: { name: group, labels: labels(group) } }
  const there = await update<RecordObject>(
    cluster,
    headRef(group),
    (now) => {
      if (!now) return { do: 'create', object: empty }
      if (!isEmpty(now)) throw writtenByAnother(group, now)
      return undefined
    },
    { known: undefined },
  )
  if (!there) throw writtenByAnother(group, there)
  return there
}

/** Writes only what changes on the way. Throws Drift if somebody else has written it meanwhile. */
export async function writeState(
  cluster: Cluster,
  record: GroupRecord,
  change: Partial<RecordState>,
): Promise<GroupRecord> {
  const state = { ...record.state, ...change, updatedAt: new Date().toISOString() }
  // what is no longer there has to be taken off
  const gone = Object.fromEntries(Object.keys(record.state).map((key) => [key, null]))
  const body = { state: { ...gone, ...plain(state) } }
  const { resourceVersion } = await writeHead(cluster, record, state, () => ({ do: 'patch', body }))
  return { ...record, state, resourceVersion }
}

/**
 * Changes the object in the version that is known of it, and in no other. One that holds the very state that is to be
 * written, to the millisecond, was written by us, and the answer lost. Returns its metadata as they are then.
 */
async function writeHead(
  cluster: Cluster,
  { kept, resourceVersion }: GroupRecord,
  state: RecordState,
  change: () => Change<RecordObject>,
): Promise<KubeObject['metadata']> {
  const ref = headRef(kept.group.name)
  const known = resourceVersion ? knownHead(ref, resourceVersion) : undefined
  const written = await update<RecordObject>(
    cluster,
    ref,
    (now) => {
      if (isDeepStrictEqual(now?.state, plain(state))) return undefined
      if (now?.metadata.resourceVersion !== resourceVersion) throw writtenByAnother(kept.group.name, now)
      return change()
    },
    { known },
  )
  if (!written) throw writtenByAnother(kept.group.name, written)
  return written.metadata
}

/** As the server has it: without what is undefined. */
function plain(state: RecordState): RecordState {
  return JSON.parse(JSON.stringify(state)) as RecordState
}

function knownHead({ name, ...kind }: ObjectRef, resourceVersion: string): RecordObject {
  return { ...kind, metadata: { name, resourceVersion } }
}

function writtenByAnother(group: string, now: RecordObject | undefined): Drift {
  return new Drift(...worded(({ record }) => (now ? record.writtenBy(group, now.state?.by) : record.deleted(group))))
}

/**
 * Forgets a group: the object that names it first, then its parts, those left by a write that was interrupted included.
 * Throws Drift if somebody else has written it meanwhile.
 */
export async function deleteRecord(cluster: Cluster, { kept, resourceVersion }: GroupRecord): Promise<void> {
  const head = headRef(kept.group.name)
  await update<RecordObject>(
    cluster,
    head,
    (now) => {
      if (!now) return undefined
      if (now.metadata.resourceVersion !== resourceVersion) throw writtenByAnother(kept.group.name, now)
      return { do: 'delete' }
    },
    resourceVersion ? { known: knownHead(head, resourceVersion) } : {},
  )
  const labelSelector = `${LABEL.group}=${kept.group.name}`
  const { items } = await cluster.list<RecordPart>(RECORD_PART_KIND, { labelSelector })
  for (const part of items) await cluster.delete(refOf(part))
}

/**
 * Removes what belongs to no record: objects that were created and never filled, and parts that none names. Call it
 * right after getting the lease: nobody is about to fill or to name them then.
 */
export async function removeStrayRecords(cluster: Cluster): Promise<void> {
  const heads = (await cluster.list<RecordObject>(RECORD_KIND)).items
  const parts = (await cluster.list<RecordPart>(RECORD_PART_KIND)).items
  const named = new Set(heads.flatMap(({ spec }) => spec?.parts ?? []))
  const stray = [...heads.filter(isEmpty), ...parts.filter(({ metadata }) => !named.has(metadata.name))]
  for (const object of stray) {
    // in the version that was seen
    const removed = update(cluster, refOf(object), (now) => (now === object ? { do: 'delete' } : undefined), {
      known: object,
    })
    // who only copies may not: it says nothing, and does no harm
    await unlessForbidden(removed, undefined)
  }
}

async function assemble(cluster: Cluster, head: RecordObject): Promise<GroupRecord> {
  const { spec, state, metadata } = head
  mustBeReadable(head)
  const broken = (cause?: unknown) =>
    new RecordFailure(...worded((say) => say.record.unreadable(describeRef(refOf(head))), { cause }))
  if (!spec || !state) throw broken()
  try {
    const texts = await Promise.all(
      (spec.parts ?? []).map(async (name) => {
        const part = await cluster.get<RecordPart>({ ...RECORD_PART_KIND, name })
        return part.spec?.text ?? ''
      }),
    )
    const text = spec.content ?? texts.join('')
    // their names tell what is in them
    const named = spec.parts ? partsOf(metadata.name, text).map((part) => part.metadata.name) : undefined
    if (spec.parts && !isDeepStrictEqual(named, spec.parts)) throw broken()
    const kept = parseJson(text) as GroupRecord['kept']
    mustBeBelievable({ kept, state }, { name: describeRef(refOf(head)), group: metadata.name })
    const createdAt = spec.recordedAt ?? metadata.creationTimestamp
    return { kept, state, createdAt, resourceVersion: metadata.resourceVersion }
  } catch (error) {
    if (error instanceof SyntaxError || isApiError(error, 404)) throw broken(error)
    throw error
  }
}

/** Before anything of it is read: what another version means by the same words is not known. */
function mustBeReadable(head: RecordObject): void {
  const { version } = head.spec ?? {}
  if (version === RECORD_VERSION || version === undefined) return
  const { name } = head.metadata
  const object = describeRef(refOf(head))
  throw new RecordFailure(...worded((say) => say.record.otherVersion(object, RECORD_VERSION, version, name)))
}

/** Parts carry a digest of the whole in their names, so that those of an older version are never taken for them. */
function partsOf(group: string, text: string): RecordPart[] {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 10)
  return Array.from({ length: Math.ceil(text.length / PART_BYTES) }, (_, index) => ({
    ...RECORD_PART_KIND,
    metadata: { name: `${group}-${digest}-${index}`, labels: labels(group) },
    spec: { text: text.slice(index * PART_BYTES, (index + 1) * PART_BYTES) },
  }))
}

function labels(group: string): Record<string, string> {
  return { [LABEL.managedBy]: MANAGER, [LABEL.group]: group }
}

/** One byte a character, so that a length in characters is one in bytes. */
function escapeNonAscii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
