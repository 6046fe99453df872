import type { Cluster } from '../cluster/cluster.ts'
import { isApiError } from '../cluster/errors.ts'
import { parseJson } from '../cluster/json.ts'
import { update } from '../cluster/update.ts'
import { Refusal } from '../domain/failure.ts'
import { LABEL, NAMESPACE, RECORD_SELECTOR } from '../domain/names.ts'
import { describeRef, type KubeObject, refOf } from '../domain/object.ts'
import { RECORD_KIND } from '../domain/own-kinds.ts'
import { worded } from '../words/trouble.ts'
import { mustBeBelievable, RecordFailure } from './belief.ts'
import { carryOverNotes } from './copies.ts'
import { type BrokenRecord, type GroupRecord, type RecordState, writeRecord } from './record.ts'

// The records of juicify 0.1.0 were ConfigMaps, which many may write. They are read, and shown; nothing is done by one
// until a person has said yes to what it holds.

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' } as const

/** The only version that ConfigMaps had; those of 0.1.0 do not say it. */
const EARLIER_VERSION = '1'

interface ConfigMap extends KubeObject {
  data?: Record<string, string>
}

/** A record of juicify 0.1.0 that nobody has carried over yet. */
export interface EarlierRecord {
  record: GroupRecord
  /** The ConfigMap that it was read from. */
  source: KubeObject
}

/** All of them, of groups that have no other record; those that cannot be read, or not be believed, apart. */
export async function readEarlierRecords(
  cluster: Cluster,
): Promise<{ earlier: EarlierRecord[]; broken: BrokenRecord[] }> {
  const items = await configMaps(cluster)
  const heads = items.filter(isHead)
  if (heads.length === 0) return { earlier: [], broken: [] }
  const known = new Set((await cluster.list(RECORD_KIND)).items.map(({ metadata }) => metadata.name))
  const earlier: EarlierRecord[] = []
  const broken: BrokenRecord[] = []
  for (const head of heads) {
    const group = groupOf(head)
    if (known.has(group)) continue
    try {
      earlier.push({ record: assemble(head, items), source: head })
    } catch (failure) {
      if (!(failure instanceof RecordFailure)) throw failure
      broken.push({ group, failure })
    }
  }
  return { earlier, broken }
}

/**
 * Makes a record of today of one of 0.1.0, and takes that away. Throws Refusal where the ConfigMap is no longer the one
 * that was shown.
 */
export async function carryOver(cluster: Cluster, { record, source }: EarlierRecord): Promise<GroupRecord> {
  const now = await cluster.find<ConfigMap>(refOf(source))
  if (now?.metadata.resourceVersion !== source.metadata.resourceVersion) {
    throw new Refusal(...worded((say) => say.record.changedSinceShown(describeRef(refOf(source)))))
  }
  await carryOverNotes(cluster, record.kept)
  const { uid = '' } = source.metadata
  const { resourceVersion: _, ...fresh } = record
  const written = await writeRecord(cluster, fresh, { carriedOverFrom: uid })
  await removeConfigMaps(cluster, source)
  return written
}

/** What a run was killed before it took away: what has been carried over. */
export async function removeCarriedOver(cluster: Cluster): Promise<void> {
  const heads = (await configMaps(cluster)).filter(isHead)
  if (heads.length === 0) return
  const { items } = await cluster.list<KubeObject & { spec?: { carriedOverFrom?: string } }>(RECORD_KIND)
  const carried = new Set(items.flatMap(({ spec }) => spec?.carriedOverFrom ?? []))
  for (const head of heads) if (carried.has(head.metadata.uid ?? '')) await removeConfigMaps(cluster, head)
}

async function removeConfigMaps(cluster: Cluster, head: KubeObject): Promise<void> {
  const parts = (await configMaps(cluster)).filter((each) => groupOf(each) === groupOf(head) && isPart(each))
  for (const object of [head, ...parts]) {
    await update(cluster, refOf(object), (now) => (now ? { do: 'delete' } : undefined), { known: object })
  }
}

async function configMaps(cluster: Cluster): Promise<ConfigMap[]> {
  const within = { namespace: NAMESPACE, labelSelector: RECORD_SELECTOR }
  try {
    const { items } = await cluster.list<ConfigMap>(CONFIG_MAP, within)
    return items.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  } catch (error) {
    // who may not see them has no part in what 0.1.0 has left
    if (isApiError(error, 403)) return []
    throw error
  }
}

function isHead({ data }: ConfigMap): boolean {
  return data?.['state.json'] !== undefined
}

function isPart({ data }: ConfigMap): boolean {
  return data?.part !== undefined
}

function groupOf({ metadata }: KubeObject): string {
  return metadata.labels?.[LABEL.group] ?? metadata.name
}

function assemble(head: ConfigMap, all: ConfigMap[]): GroupRecord {
  const { data = {}, metadata } = head
  const name = describeRef(refOf(head))
  const { version = EARLIER_VERSION } = data
  if (version !== EARLIER_VERSION) {
    throw new RecordFailure(...worded((say) => say.record.otherVersion(name, EARLIER_VERSION, version, groupOf(head))))
  }
  const partOf = (part: string) => all.find((each) => each.metadata.name === part)?.data?.part ?? ''
  const text = data['record.json'] ?? (data.parts ?? '').split('\n').map(partOf).join('')
  try {
    const kept = parseJson(text) as GroupRecord['kept']
    const state = JSON.parse(data['state.json'] ?? '') as RecordState
    mustBeBelievable({ kept, state }, { name, group: groupOf(head) })
    return { kept, state, createdAt: metadata.creationTimestamp, resourceVersion: metadata.resourceVersion }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new RecordFailure(...worded((say) => say.record.unreadable(name), { cause: error }))
  }
}
