import type { FileSystem } from '../../domain/filesystem.ts'
import type { Finding } from '../../domain/finding.ts'
import { directoryOf, type PersistentVolume } from '../../domain/volume.ts'
import { finding } from '../../words/finding.ts'
import type { ReasonToStay } from '../../words/findings.en.ts'
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
      const stay = reason(pv, users)
      if (stay === undefined) return []
      return [finding('warn', 'database', about, { stay })]
    }),
  )
}

function standsOn(about: { group: string }, { key, user }: BackingService, { title }: FileSystem): Finding {
  return finding('block', 'juicefs-dependency', about, { title, key, user })
}

function staying(context: Context): Finding[] {
  const { survey, migration } = context
  return survey.volumes
    .filter((pv) => directoryOf(pv) !== undefined && isMatched(pv, migration, survey) && isExcluded(pv, migration))
    .map((pv) => {
      const data = { directory: String(directoryOf(pv)), stay: reasonToStay(pv, context) }
      return finding('note', 'excluded', { object: volumeRef(pv) }, data)
    })
}

/** Why a volume has to stay where it is, or had better; undefined where nothing says so. */
export function reasonToStay(
  pv: PersistentVolume,
  { users, foundations, fileSystem }: Pick<Context, 'users' | 'foundations' | 'fileSystem'>,
): ReasonToStay | undefined {
  const foundation = foundations.get(claimKey(pv))
  return foundation ? { title: fileSystem.title, key: foundation.key, user: foundation.user } : reason(pv, users)
}

/** Why the volume does not belong on the file system. */
function reason(pv: PersistentVolume, users: Map<string, ClaimUser[]>): ReasonToStay | undefined {
  for (const { name, images } of users.get(claimKey(pv)) ?? []) {
    for (const image of images) {
      const software = unsuitable(image)
      if (software) return { user: name, software: software.name, image, because: software.because }
    }
  }
  return undefined
}

function claimKey(pv: PersistentVolume): string {
  return `${namespaceOf(pv)}/${pv.spec.claimRef?.name ?? ''}`
}
