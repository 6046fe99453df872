import pLimit from 'p-limit'
import { askToCreate, isOnlyCounted, type Verdict } from '../cluster/admission.ts'
import type { DeniedBy } from '../cluster/denial.ts'
import { ownObjectsFor } from '../copy/needs.ts'
import { leafDifferences } from '../domain/difference.ts'
import { Failure, type Told } from '../domain/failure.ts'
import { withoutServerFields } from '../domain/manifest.ts'
import { describeRef, type KubeObject, refOf } from '../domain/object.ts'
import type { PlannedVolume } from '../domain/plan.ts'
import type { PersistentVolume } from '../domain/volume.ts'
import { type TroubleWords, troubleWords, type Wording, worded, words } from '../words/trouble.ts'
import { isPod } from '../workloads/kinds.ts'
import { nextPod } from '../workloads/next-pod.ts'
import { asNew, type Pod } from '../workloads/pod.ts'
import { copyTasksOf } from './copies.ts'
import { whatDiffers } from './exchange.ts'
import { quotaObjectsFor } from './quotas.ts'
import type { GroupRun } from './step.ts'
import { isReplaced, observeAll, restorable } from './volumes.ts'
import { rememberWorkloads } from './workload-states.ts'

/** The server would not create something that a group needs: the group is blocked before anything of it is stopped. */
export class Denied extends Failure {}

/** A field that admission sets otherwise than juicify sends it. */
export interface AdmittedChange {
  field: string
  sent: string
  admitted: string
}

/** What a server says of all that a group would create on its way. */
export interface Admission {
  denied: { what: Wording; why: Wording<Told>; by?: DeniedBy }[]
  /** What the cluster's policies would make of them. */
  changed: { object: string; changes: AdmittedChange[] }[]
  /** A webhook takes no dry runs: what it says is not known before. */
  unasked: { object: string; message: string }[]
}

/** What is known of a group before it is started or resumed. */
export type Asking = Pick<GroupRun, 'cluster' | 'group' | 'plan' | 'record' | 'others'> & {
  settings: Pick<GroupRun['settings'], 'copyBack' | 'rehearsal'>
}

const AT_ONCE = 8

/** Something that is to be created, and how people are told of it. */
interface Wanted {
  what: Wording
  object: KubeObject
  /** What policies make of it concerns people: it is theirs. */
  theirs: boolean
  /** Whose denials count; absent for everybody's. It is another who creates it, and may be told otherwise. */
  only?: readonly DeniedBy[]
}

/** They ask what a pod is, and not who creates it. */
const WHOEVER_CREATES: readonly DeniedBy[] = ['pod-security', 'quota']

/**
 * Asks the server (`dryRun=All`) whether it would create all that the group needs on its way there, or back: the new
 * volumes and the old ones, the pods without an owner, the next pods of what is stopped, juicify's own claims, Jobs and
 * their pods. Changes nothing.
 */
export async function askServer(asking: Asking, way: 'forward' | 'back'): Promise<Admission> {
  const limit = pLimit(AT_ONCE)
  const wanted = (
    await Promise.all([volumesOf(asking, way), podsOf(asking, way), nextPodsOf(asking), ownOf(asking, way)])
  ).flat()
  const verdicts = await Promise.all(
    wanted.map((each) =>
      limit(async () => ({
        ...each,
        verdict: await askToCreate(asking.cluster, each.object, { asWhat: each.theirs && !each.only }),
      })),
    ),
  )
  const result: Admission = { denied: [], changed: [], unasked: [] }
  for (const each of verdicts) note(result, each, each.verdict)
  return result
}

/**
 * Throws Denied with the server's words where it would not create something.
 * @param tell whether what policies add is to be told
 */
export async function mustBeAdmitted(run: GroupRun, way: 'forward' | 'back', tell: boolean): Promise<void> {
  const admission = await askServer(run, way)
  if (tell) {
    for (const each of admission.changed) run.emit({ type: 'admission-changes', group: run.group.name, ...each })
    for (const each of admission.unasked) run.emit({ type: 'admission-unasked', group: run.group.name, ...each })
  }
  const failure = denialIn(admission)
  if (failure) throw failure
}

/** What is denied, as one error; undefined where nothing is. */
export function denialIn({ denied }: Admission): Denied | undefined {
  const [first, ...others] = denied
  if (!first) return undefined
  return new Denied(
    ...worded((say) => {
      const { message, remedy } = first.why(say)
      const rest = others.map(({ what }) => what(say))
      return say.group.denied(first.what(say), rest, message, remedy)
    }),
  )
}

/**
 * On the way there each volume as it is to be, and as it would have to come back; on the way back those that are to come.
 * Once one of them has been exchanged, the rest has to follow, whatever is said.
 */
async function volumesOf(asking: Asking, way: 'forward' | 'back'): Promise<Wanted[]> {
  const { group, record } = asking
  const sights = await observeAll(asking)
  const isMoved = (volume: PlannedVolume) => isReplaced(volume, sights.get(volume.name) ?? {})
  if (way === 'forward' && group.volumes.some((volume) => isMoved(volume) || !sights.get(volume.name)?.pv)) return []
  return group.volumes.flatMap((volume): Wanted[] => {
    const { name, before, after } = volume
    const what = () => `PersistentVolume ${name}`
    const old = {
      what,
      object: restorable(record?.kept.restore[name] ?? record?.kept.originals[name] ?? before),
      theirs: way === 'back',
    }
    if (way === 'back') return isMoved(volume) ? [old] : []
    return [
      { what, object: after, theirs: true },
      { ...old, what: (say) => say.group.asItIs(what()) },
    ]
  })
}

/** The pods without an owner that are to be deleted, and created again; those that are gone already come back anyway. */
async function podsOf(asking: Asking, way: 'forward' | 'back'): Promise<Wanted[]> {
  const { group, record } = asking
  if (record?.state.stopping && way === 'back') return []
  const known = record?.state.stopping ? record.kept.workloads : await rememberWorkloads(asking, group.workloads)
  return known.flatMap(({ ref, stopped, quiesce, manifest }) =>
    manifest && !stopped && quiesce === 'stop'
      ? [{ what: () => describeRef(ref), object: asNew(manifest as Pod), theirs: true }]
      : [],
  )
}

/** A pod of each workload that is stopped, as its controller makes it: one that is refused would not come back. */
async function nextPodsOf({ cluster, group, record }: Asking): Promise<Wanted[]> {
  if (record?.state.stopping) return []
  const stopped = group.workloads.filter(({ ref, quiesce, stopped: was }) => quiesce === 'stop' && !was && !isPod(ref))
  const found = await Promise.all(
    stopped.map(async ({ ref }) => {
      const pod = nextPod(await cluster.find<KubeObject>(ref))
      return pod
        ? [
            {
              what: (say: TroubleWords) => say.group.newPod(describeRef(ref)),
              object: pod,
              theirs: true,
              only: WHOEVER_CREATES,
            },
          ]
        : []
    }),
  )
  return found.flat()
}

/** Juicify's own, for what it copies and compares. An embedded cluster is asked too, though it makes none: a real one would be. */
async function ownOf({ cluster, group, plan, settings, record }: Asking, way: 'forward' | 'back'): Promise<Wanted[]> {
  const copyBack = settings.copyBack ?? record?.state.copyBack === true
  if (way === 'back' && !copyBack) return []
  const stage = way === 'back' ? 'back' : 'catch-up'
  // without one nothing can be copied, which the plan says
  const tasks = (plan.migration.copy.image ?? plan.jobs?.image) ? copyTasksOf({ group, plan }) : []
  const objects = await Promise.all([
    ...tasks.map((task) => ownObjectsFor(cluster, task, stage)),
    ...(way === 'forward' ? [quotaObjectsFor({ cluster, group, plan })] : []),
  ])
  return objects.flat().map((object) => ({ what: () => describeRef(refOf(object)), object, theirs: false }))
}

function note(
  { denied, changed, unasked }: Admission,
  { what, object: wanted, theirs, only }: Wanted,
  verdict: Verdict,
): void {
  const object = what(troubleWords('en'))
  if (only && !(verdict.verdict === 'denied' && only.some((by) => by === verdict.error.deniedBy))) return
  if (verdict.verdict === 'unasked') unasked.push({ object, message: verdict.error.message })
  if (verdict.verdict === 'denied') {
    const { error } = verdict
    const { deniedBy: by } = error
    // people's pods are counted as long as they are there
    if (theirs && wanted.kind === 'Pod' && isOnlyCounted(error)) return
    denied.push({ what, why: (say) => words(error, say), ...(by ? { by } : {}) })
  }
  if (verdict.verdict !== 'admitted' || !verdict.as || !theirs) return
  const changes = changesBy(wanted, verdict.as)
  if (changes.length > 0) changed.push({ object, changes })
  if (wanted.kind !== 'PersistentVolume') return
  const differs = whatDiffers(verdict.as as PersistentVolume, wanted as PersistentVolume)
  if (differs.length === 0) return
  denied.push({ what, why: (say) => say.group.otherVolume(differs.map(say.swap.differs)) })
}

/**
 * What admission makes of an object that is sent as it is on a server: what the server itself sets is left out, and so are
 * empty texts, which no server shows (a volume's `storageClassName` of none).
 */
export function changesBy(sent: KubeObject, as: KubeObject): AdmittedChange[] {
  const bare = (object: KubeObject) => (object.kind === 'Pod' ? asNew(object as Pod) : withoutServerFields(object))
  // a pod is sent as new already, and no longer tells who chose its node
  return leafDifferences(sent.kind === 'Pod' ? sent : bare(sent), bare(as))
    .filter(({ was, is }) => was !== '' || is !== undefined)
    .map(({ field, was, is }) => ({ field, sent: shown(was), admitted: shown(is) }))
}

function shown(value: unknown): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 117)}…` : text
}
