import pLimit from 'p-limit'
import type { Cluster } from '../cluster/cluster.ts'
import { changedSince, openFiles, removeLooks } from '../copy/copy.ts'
import type { CopyTask } from '../copy/task.ts'
import { isBelow } from '../domain/directory.ts'
import { Failure } from '../domain/failure.ts'
import { isReady, takesPods } from '../domain/node.ts'
import type { KubeObject } from '../domain/object.ts'
import type { DirectoryLook, OpenFile } from '../domain/old-directory.ts'
import { compareText } from '../domain/text.ts'
import { JobFailure } from '../jobs/diagnosis.ts'
import { settingsOf } from './copies.ts'
import { historyOf } from './read-history.ts'
import type { GroupRecord } from './record.ts'

/** Directories looked at in parallel. */
const AT_ONCE = 4

/** Seconds by which the clock of a node may differ from ours: a longer difference would hide what was changed. */
const CLOCKS = 60

/** Nodes may have it there for what uses host paths. */
const COVERED = 'the file system is mounted over the old directory there, which can be checked only without that mount'

/** An old directory on one node, and from when on what is changed there counts. */
interface OldPlace {
  directory: string
  node: string
  since: Date
  record: GroupRecord
}

/**
 * Has Jobs look at the old directories of groups that are migrated, on every node that holds one: what was changed there
 * since the swap and, where that is wanted, what processes have open. What cannot be looked at says why, and keeps no other
 * from being looked at. The Jobs go again. Throws Failure where the signal ends the waiting.
 */
export async function lookAtOldDirectories(
  cluster: Cluster,
  records: GroupRecord[],
  options: { openFiles: boolean; signal: AbortSignal },
): Promise<DirectoryLook[]> {
  const { items: nodes } = await cluster.list<KubeObject>({ apiVersion: 'v1', kind: 'Node' })
  const places = oldPlacesOf(records, nodes)
  const limit = pLimit(AT_ONCE)
  try {
    const looks = await Promise.all(places.map((place) => limit(() => lookAt(cluster, place, options))))
    return await withPods(cluster, looks)
  } finally {
    for (const place of places) await removeLooks(cluster, taskOf(place))
  }
}

async function lookAt(
  cluster: Cluster,
  place: OldPlace,
  { openFiles: open, signal }: { openFiles: boolean; signal: AbortSignal },
): Promise<DirectoryLook> {
  const { directory, node, since } = place
  const look = { directory, node, since: since.toISOString() }
  const task = taskOf(place)
  try {
    const before = Date.now() / 1000
    const seconds = Math.floor(since.getTime() / 1000)
    const { changed, examples, covered, now } = await changedSince(cluster, task, seconds, { signal })
    if (covered) return { ...look, failure: COVERED }
    const wrong = clocksApart(now, before, Date.now() / 1000)
    // what is found changed by a clock that is ahead may have been changed before
    if (wrong !== undefined) return { ...look, failure: wrong }
    const opened = open ? { open: await openFiles(cluster, task, { signal }) } : {}
    return { ...look, found: { changed, examples, ...opened } }
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted) throw error
    if (error instanceof JobFailure && error.absent) return { ...look, gone: true }
    return { ...look, failure: error.message }
  }
}

/**
 * Why a node's clock cannot tell what was changed since a moment of ours: it is more than a minute apart. Undefined where it can.
 * @param now what it said, at some time between `before` and `after` by our clock; all in seconds since 1970
 */
export function clocksApart(now: number, before: number, after: number): string | undefined {
  const apart = now < before ? before - now : now > after ? now - after : 0
  if (apart <= CLOCKS) return undefined
  return `its clock is ${Math.round(apart)} s ${now < before ? 'behind' : 'ahead of'} the clock here, so it cannot be told what was changed since the swap`
}

/**
 * Where the old directories are, and since when they are old: a directory that several groups had, since the last of them left
 * it. Where its path is meant on all nodes it is looked at on the one that it was copied from, for all see the same; where
 * nothing was copied, on the first that takes pods.
 */
export function oldPlacesOf(records: GroupRecord[], nodes: KubeObject[]): OldPlace[] {
  const [any] = nodes.filter((node) => isReady(node) && takesPods(node)).sort(byName)
  const places = new Map<string, OldPlace>()
  for (const record of records) {
    const since = swappedAt(record)
    for (const directory of record.kept.group.directories) {
      for (const node of nodesOf(record, directory) ?? (any ? [any.metadata.name] : [])) {
        const key = `${node}:${directory}`
        const known = places.get(key)
        if (!known || known.since < since) places.set(key, { directory, node, since, record })
      }
    }
  }
  return [...places.values()].sort((a, b) => compareText(a.directory, b.directory) || compareText(a.node, b.node))
}

function byName(a: KubeObject, b: KubeObject): number {
  return compareText(a.metadata.name, b.metadata.name)
}

function nodesOf({ kept: { group } }: GroupRecord, directory: string): string[] | undefined {
  const known = [
    ...group.volumes.flatMap((volume) => (volume.directory === directory ? (volume.nodes ?? []) : [])),
    ...group.copies.flatMap((copy) => (copy.directory === directory ? copy.nodes : [])),
    ...(group.joins ?? []).flatMap((join) => (join.directory === directory ? join.nodes : [])),
  ]
  return known.length > 0 ? [...new Set(known)] : undefined
}

/**
 * When the last swap of a group began: from then on everything stood still, and what came later is on the file system. Where
 * something was copied and compared once more in the midst of it, from then on. Records of earlier versions tell only when they
 * were written last.
 */
export function swappedAt(record: GroupRecord): Date {
  const { steps, verified } = historyOf(record)
  const swap = steps.findLast(({ step, undo }) => step === 'swap' && !undo)
  const again = verified.findLast(({ step }) => step === 'swap')
  if (!swap) return new Date(record.state.updatedAt)
  return new Date(Math.max(swap.from, again === undefined ? 0 : Date.parse(again.time)))
}

function taskOf({ record: { kept }, directory, node }: OldPlace): CopyTask {
  const { group, plan } = kept
  return {
    group: group.name,
    directory,
    // of no account: nothing of the file system is mounted
    subdir: directory,
    nodes: [node],
    staying: group.staying.filter((path) => isBelow(path, directory)),
    target: plan.migration.target,
    settings: settingsOf(plan),
  }
}

/** The kubelet's own name of a static pod, which its processes are found under. */
const STATIC_POD = 'kubernetes.io/config.hash'

/** What the cluster calls the pods whose processes were found. */
async function withPods(cluster: Cluster, looks: DirectoryLook[]): Promise<DirectoryLook[]> {
  const inPods = looks.some(({ found }) => found?.open?.some(({ podUid }) => podUid !== undefined))
  if (!inPods) return looks
  const { items } = await cluster.list<KubeObject>({ apiVersion: 'v1', kind: 'Pod' })
  const names = new Map(
    items.flatMap(({ metadata: { uid = '', namespace, name, annotations = {} } }) =>
      [uid, annotations[STATIC_POD] ?? uid].map((key) => [key, `${namespace}/${name}`] as const),
    ),
  )
  const named = (open: OpenFile): OpenFile => {
    const pod = names.get(open.podUid ?? '')
    return pod === undefined ? open : { ...open, pod }
  }
  return looks.map((look) =>
    look.found?.open ? { ...look, found: { ...look.found, open: look.found.open.map(named) } } : look,
  )
}
