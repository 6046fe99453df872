import { Refusal } from '../domain/failure.ts'
import type { PlannedGroup } from '../domain/plan.ts'
import { worded } from '../words/trouble.ts'
import type { GroupRecord } from './record.ts'

/** What a group has in common with those that have to go back together with it: its volumes, and those of the place that it joins. */
export function volumesTogether({ volumes, joins = [] }: PlannedGroup): string[] {
  return [...volumes.map(({ name }) => name), ...joins.flatMap((join) => join.volumes)].map((name) => `volume ${name}`)
}

/** True where the group was bound to a place to which others had moved. */
export function hasJoined({ joins }: PlannedGroup): boolean {
  return joins !== undefined
}

/**
 * Why a group cannot be taken back without others: users of one place would be on two sides, and what is copied back from
 * one of them deletes what the others write. Undefined where it can.
 * @param going the names of the groups that are to be taken back
 */
export function whyNotAlone(
  { kept: { group } }: GroupRecord,
  records: GroupRecord[],
  { going, copyBack }: { going: ReadonlySet<string>; copyBack: boolean },
): Refusal | undefined {
  const others = records.filter(({ kept }) => kept.group.name !== group.name)
  const shares = (a: PlannedGroup, b: PlannedGroup) =>
    (a.joins ?? []).some((join) => join.volumes.some((name) => b.volumes.some((volume) => volume.name === name)))
  const comers = others.filter(({ kept }) => shares(kept.group, group) && !going.has(kept.group.name))
  if (comers.length > 0) {
    const names = comers.map(({ kept }) => kept.group.name)
    return new Refusal(...worded((say) => say.group.sharedPlace(group.name, names)))
  }
  if (!copyBack || !hasJoined(group)) return undefined
  const hosts = others.filter(({ kept }) => shares(group, kept.group))
  if (hosts.some(({ kept }) => going.has(kept.group.name))) return undefined
  const names = hosts.map(({ kept }) => kept.group.name)
  return new Refusal(...worded((say) => say.group.sharedCopyBack(group.name, names)))
}
