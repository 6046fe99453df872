import type { Cluster } from '../cluster/cluster.ts'
import { STEP_NAMES, type StepName } from '../domain/plan.ts'
import { isUntouched, isVersionOf, nextAction, type ObservedVolume } from './exchange.ts'
import { type GroupRecord, readRecords } from './record.ts'
import { back, forward, isAtHome, isReplaced, observeAll } from './volumes.ts'

/** Where a group stands: what its record says, and what the cluster shows. */
export interface Inspection {
  record: GroupRecord
  volumes: { name: string; claim?: string; state: VolumeState; awayMs?: number }[]
  /** The step that is to be taken next, in the direction that the group is going; none where it has arrived. */
  step: StepName | undefined
}

/**
 * - `original`: the old volume, untouched
 * - `moved`: the new one, bound
 * - `unbound`: one of the two, but its claim is not bound to it yet
 * - `away`: taken away, the next one not there yet
 * - `restored`: rolled back, bound
 * - `unknown`: neither of the two; somebody has changed it by hand
 */
export type VolumeState = 'original' | 'moved' | 'unbound' | 'away' | 'restored' | 'unknown'

/** Looks at every group that has a record, in the order of their names. */
export async function inspect(cluster: Cluster, records?: GroupRecord[]): Promise<Inspection[]> {
  const known = records ?? (await readRecords(cluster))
  return Promise.all(known.map((record) => inspectGroup(cluster, record)))
}

/** Looks at one of them. */
export async function inspectGroup(cluster: Cluster, record: GroupRecord): Promise<Inspection> {
  const { group } = record.kept
  const sights = await observeAll({ cluster, group })
  const volumes = group.volumes.map((volume) => {
    const awayMs = record.state.away[volume.name]
    return {
      name: volume.name,
      ...(volume.claim ? { claim: `${volume.claim.metadata.namespace}/${volume.claim.metadata.name}` } : {}),
      state: stateOf(record, volume.name, sights.get(volume.name) ?? {}),
      ...(awayMs === undefined ? {} : { awayMs }),
    }
  })
  return {
    record,
    volumes,
    step: nextStep(
      record,
      volumes.map(({ state }) => state),
    ),
  }
}

function stateOf(record: GroupRecord, name: string, sight: ObservedVolume): VolumeState {
  const volume = record.kept.group.volumes.find((each) => each.name === name)
  const original = record.kept.originals[name]
  if (!volume || !original) return 'unknown'
  if (!sight.pv) return 'away'
  if (isUntouched(original, sight)) return isAtHome({ record }, volume, sight) ? 'original' : 'unbound'
  if (sight.pv.metadata.deletionTimestamp) return 'away'
  if (isReplaced(volume, sight))
    return nextAction(forward({ record }, volume), sight).do === 'nothing' ? 'moved' : 'unbound'
  if (isVersionOf(sight.pv, original))
    return nextAction(back({ record }, volume), sight).do === 'nothing' ? 'restored' : 'unbound'
  return 'unknown'
}

/** What `apply`, `resume` or `rollback` would do next, as far as it can be seen. */
function nextStep({ state, kept }: GroupRecord, volumes: VolumeState[]): StepName | undefined {
  if (state.phase === 'migrated') return undefined
  const steps = STEP_NAMES.filter((name) => kept.group.steps.includes(name))
  if (state.phase === 'rolling-back')
    return volumes.every((each) => each === 'original' || each === 'restored') ? 'record' : 'swap'
  if (volumes.every((each) => each === 'moved')) return steps.includes('start') ? 'start' : 'finish'
  if (volumes.some((each) => each !== 'original')) return 'swap'
  return state.stopping ? 'stop' : (steps[1] ?? 'finish')
}
