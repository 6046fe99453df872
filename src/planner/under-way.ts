import type { FileSystem } from '../domain/filesystem.ts'
import type { Migration } from '../domain/migration.ts'
import type { Survey } from '../domain/survey.ts'
import { compareText } from '../domain/text.ts'
import type { PersistentVolume } from '../domain/volume.ts'
import { isMatched } from './selection.ts'

type SurveyedRecord = Survey['records'][number]

/** The state of a group that is through, and whose record is only kept so that it can be taken back. */
const MIGRATED = 'migrated'

/** The volumes that a record holds, with their group: they are not planned anew while it is there. */
export function recordedVolumes({ records }: Survey): Map<string, string> {
  return new Map(records.flatMap(({ group, volumes }) => volumes.map((name): [string, string] => [name, group])))
}

/**
 * The records of groups that are not through, and of which the migration selects a volume. One that is not there at the
 * moment counts as selected: the run was stopped in the midst of exchanging it.
 */
export function recordsUnderWay(survey: Survey, migration: Migration, { volumes: on }: FileSystem): SurveyedRecord[] {
  const byName = new Map(survey.volumes.map((pv) => [pv.metadata.name, pv]))
  const isSelected = (name: string) => {
    const pv = byName.get(name)
    return pv === undefined || isMatched(pv, migration, survey)
  }
  return survey.records
    .filter(
      ({ state, volumes }) =>
        (state !== MIGRATED || volumes.some((name) => isBack(byName.get(name), on))) && volumes.some(isSelected),
    )
    .sort((a, b) => compareText(a.group, b.group))
}

/** True where a volume that was moved is on a disk again, by somebody's hand. */
function isBack(pv: PersistentVolume | undefined, on: FileSystem['volumes']): boolean {
  return pv !== undefined && !on.holds(pv)
}
