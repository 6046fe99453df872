import type { Cluster } from '../cluster/cluster.ts'
import { type Change, update } from '../cluster/update.ts'
import { Failure } from '../domain/failure.ts'
import { withoutServerMetadata } from '../domain/manifest.ts'
import { describeRef, type ObjectRef, refOf } from '../domain/object.ts'
import { claimRefOf, type PlannedVolume } from '../domain/plan.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../domain/volume.ts'
import { type Wording, worded } from '../words/trouble.ts'
import { type Exchange, isVersionOf, nextAction, type ObservedVolume } from './exchange.ts'
import { type GroupRun, recordOf } from './step.ts'

/** What it takes to know where a volume comes from and goes to. */
export type Recorded = Pick<GroupRun, 'record'>

/** How many volumes of one group are worked on at once; the API server is shared with the laboratory. */
export const VOLUMES_AT_ONCE = 8

export function volumeRef(name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'PersistentVolume', name }
}

/** The claim's reference without its uid, to see which one has the name now. */
export function claimByName(volume: PlannedVolume): ObjectRef | undefined {
  const ref = claimRefOf(volume)
  return ref && { apiVersion: ref.apiVersion, kind: ref.kind, namespace: ref.namespace, name: ref.name }
}

export async function observe(cluster: Cluster, volume: PlannedVolume): Promise<ObservedVolume> {
  const claim = claimByName(volume)
  const [pv, pvc] = await Promise.all([
    cluster.find<PersistentVolume>(volumeRef(volume.name)),
    claim ? cluster.find<PersistentVolumeClaim>(claim) : undefined,
  ])
  return { ...(pv ? { pv } : {}), ...(pvc ? { claim: pvc } : {}) }
}

/** What the group's volumes look like now, by name. */
export async function observeAll(run: Pick<GroupRun, 'cluster' | 'group'>): Promise<Map<string, ObservedVolume>> {
  const sights = await Promise.all(
    run.group.volumes.map(async (volume) => [volume.name, await observe(run.cluster, volume)] as const),
  )
  return new Map(sights)
}

/** The way there: the original gives its place to the replacement. */
export function forward(run: Recorded, volume: PlannedVolume): Exchange {
  const { originals, claims } = recordOf(run).kept
  return {
    from: originals[volume.name] ?? volume.before,
    to: volume.after,
    ...(claims[volume.name] ? { claim: claims[volume.name] } : {}),
    arrived: volume.claim ? 'Bound' : 'Available',
  }
}

/** The way back: the replacement gives its place to the original, with what people changed on it meanwhile. */
export function back(run: Recorded, volume: PlannedVolume): Exchange {
  const { originals, claims, restore } = recordOf(run).kept
  const original = originals[volume.name] ?? volume.before
  const phase = original.metadata.deletionTimestamp ? 'Bound' : original.status?.phase
  return {
    from: volume.after,
    untouched: original,
    to: restorable(restore[volume.name] ?? original),
    ...(claims[volume.name] ? { claim: claims[volume.name] } : {}),
    arrived: phase === 'Bound' && claims[volume.name] ? 'Bound' : phase === 'Available' ? 'Available' : 'any',
  }
}

/** True where a claim that was bound when it was recorded, or another of its name, is bound to its original volume. */
export function isAtHome(run: Recorded, { name }: PlannedVolume, { pv, claim }: ObservedVolume): boolean {
  const { originals, claims } = recordOf(run).kept
  if (originals[name]?.status?.phase !== 'Bound' || claims[name]?.status?.phase !== 'Bound') return true
  return (
    claim?.status?.phase === 'Bound' && claim.spec.volumeName === name && pv?.spec.claimRef?.uid === claim.metadata.uid
  )
}

/**
 * To be asked before a rollback gives up what could still repair it: throws Failure where a claim that was bound to one of the
 * group's volumes is not, because somebody or something has deleted it meanwhile. Nothing of its data is gone.
 */
export async function mustBeAtHome(run: GroupRun): Promise<void> {
  const sights = await observeAll(run)
  const away = run.group.volumes.filter((volume) => !isAtHome(run, volume, sights.get(volume.name) ?? {}))
  const [first] = away
  if (!first) return
  const states: Wording<string[]> = ({ swap }) =>
    away.map((volume) => {
      const { claim } = sights.get(volume.name) ?? {}
      const name = describeRef(claimByName(volume) ?? volumeRef(volume.name))
      return claim ? swap.isIn(name, claim.status?.phase) : swap.isGone(name)
    })
  throw new Failure(...worded((say) => say.swap.notAtHome(run.group.name, states(say), first.directory)))
}

/** To be asked before anything is stopped for an exchange: throws Failure where one of the volumes stands in its way. */
export async function mustFit(
  run: Recorded & Pick<GroupRun, 'cluster' | 'group'>,
  direction: (run: Recorded, volume: PlannedVolume) => Exchange,
): Promise<void> {
  const sights = await observeAll(run)
  for (const volume of run.group.volumes) {
    const action = nextAction(direction(run, volume), sights.get(volume.name) ?? {})
    if (action.do === 'stop') throw new Failure(...worded(action.why))
  }
}

/** A recorded PV as it can be created again: without what belonged to the object that is gone. */
export function restorable(pv: PersistentVolume): PersistentVolume {
  const { status: _, ...rest } = pv
  return { ...rest, metadata: withoutServerMetadata(pv.metadata) }
}

/** True if the replacement is there, whether bound already or not. */
export function isReplaced(volume: PlannedVolume, { pv }: ObservedVolume): boolean {
  return pv !== undefined && !pv.metadata.deletionTimestamp && isVersionOf(pv, volume.after)
}

/** True if one volume of the group is: what is on the file system is the users' then. */
export async function anyReplaced(run: Pick<GroupRun, 'cluster' | 'group'>): Promise<boolean> {
  const sights = await observeAll(run)
  return run.group.volumes.some((volume) => isReplaced(volume, sights.get(volume.name) ?? {}))
}

/** True if one of the originals is back, or has never gone: what is written may go to the old directories. */
export async function anyRestored(run: Recorded & Pick<GroupRun, 'cluster' | 'group'>): Promise<boolean> {
  const sights = await observeAll(run)
  return run.group.volumes.some((volume) => {
    const { pv } = sights.get(volume.name) ?? {}
    return pv !== undefined && isVersionOf(pv, recordOf(run).kept.originals[volume.name] ?? volume.before)
  })
}

/** True if every volume of the group is, so that nothing shows the old directories any more. */
export async function allReplaced(run: Pick<GroupRun, 'cluster' | 'group'>): Promise<boolean> {
  const sights = await observeAll(run)
  return run.group.volumes.every((volume) => isReplaced(volume, sights.get(volume.name) ?? {}))
}

/** Sets the policy of that very volume; returns it as it is then, undefined where it is gone. Throws as `update` does. */
export function setPolicy(
  cluster: Cluster,
  pv: PersistentVolume,
  policy: string,
): Promise<PersistentVolume | undefined> {
  const decide = (now: PersistentVolume | undefined): Change<PersistentVolume> | undefined =>
    !now || now.spec.persistentVolumeReclaimPolicy === policy
      ? undefined
      : { do: 'patch', body: { spec: { persistentVolumeReclaimPolicy: policy } } }
  return update(cluster, refOf(pv), decide, { known: pv })
}
