import type { FileSystem } from '../../domain/filesystem.ts'
import { type Finding, finding } from '../../domain/finding.ts'
import { directoryOf, type PersistentVolume } from '../../domain/volume.ts'
import type { BackingService } from '../backing-services.ts'
import { namespaceOf } from '../candidate.ts'
import { isExcluded, isMatched } from '../selection.ts'
import { unsuitable } from '../software.ts'
import type { ClaimUser } from '../users.ts'
import { type Context, volumeRef } from './context.ts'

/** What does not belong on the file system, whether it is to move or stays; and all that stays because the migration says so. */
export function softwareFindings(context: Context): Finding[] {
  return [...moved(context), ...staying(context)]
}

function moved({ drafts, users, foundations, fileSystem }: Context): Finding[] {
  return drafts.flatMap(({ name, moving }) =>
    moving.flatMap(({ pv, repair }) => {
      const about = { object: volumeRef(pv), group: name }
      const foundation = foundations.get(claimKey(pv))
      if (foundation && !repair) return [standsOn(about, foundation, fileSystem)]
      const why = reason(pv, users)
      if (why === undefined) return []
      return [
        finding(
          'warn',
          'database',
          about,
          `${why}.`,
          'Exclude it (spec.select.exclude), or see that it is well there before you rely on it.',
        ),
      ]
    }),
  )
}

function standsOn(about: { group: string }, { key, user }: BackingService, { title }: FileSystem): Finding {
  return finding(
    'block',
    'juicefs-stands-on',
    about,
    `${title} itself stands on it: the ${key} of its Secret leads to ${user}. Moved onto ${title}, both would wait for each other for ever.`,
    'Exclude it (spec.select.exclude).',
  )
}

function staying(context: Context): Finding[] {
  const { survey, migration } = context
  return survey.volumes
    .filter((pv) => directoryOf(pv) !== undefined && isMatched(pv, migration) && isExcluded(pv, migration))
    .map((pv) => {
      const why = reasonToStay(pv, context)
      return finding(
        'note',
        'excluded',
        { object: volumeRef(pv) },
        `It stays in ${directoryOf(pv)}: the migration excludes it.${why === undefined ? '' : ` ${why}.`}`,
        'Nothing; to move it, take it out of spec.select.exclude.',
      )
    })
}

/** Why a volume has to stay where it is, or had better, as a sentence without its stop; undefined where nothing says so. */
export function reasonToStay(
  pv: PersistentVolume,
  { users, foundations, fileSystem }: Pick<Context, 'users' | 'foundations' | 'fileSystem'>,
): string | undefined {
  const foundation = foundations.get(claimKey(pv))
  return foundation
    ? `${fileSystem.title} itself stands on it: the ${foundation.key} of its Secret leads to ${foundation.user}`
    : reason(pv, users)
}

/** Why the volume does not belong on the file system, as a sentence without its stop. */
function reason(pv: PersistentVolume, users: Map<string, ClaimUser[]>): string | undefined {
  for (const { name, images } of users.get(claimKey(pv)) ?? []) {
    for (const image of images) {
      const software = unsuitable(image)
      if (software) return `${name} keeps ${software.name} on it (${image}): ${software.why}`
    }
  }
  return undefined
}

function claimKey(pv: PersistentVolume): string {
  return `${namespaceOf(pv)}/${pv.spec.claimRef?.name ?? ''}`
}
