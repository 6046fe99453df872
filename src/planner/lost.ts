import { shortHash } from '../domain/digest.ts'
import type { Migration } from '../domain/migration.ts'
import type { Survey } from '../domain/survey.ts'
import type { PersistentVolumeClaim } from '../domain/volume.ts'
import type { Draft } from './findings/context.ts'
import { selectsLost } from './selection.ts'
import { recordedVolumes } from './under-way.ts'

/** The selected claims that are Lost and of whose volume nothing is left, an interrupted run's aside. */
export function lostClaims(survey: Survey, migration: Migration): PersistentVolumeClaim[] {
  const there = new Set(survey.volumes.map(({ metadata }) => metadata.name))
  const recorded = recordedVolumes(survey)
  return survey.claims.filter((claim) => {
    const {
      spec: { volumeName },
      status,
    } = claim
    if (status?.phase !== 'Lost' || volumeName === undefined) return false
    if (there.has(volumeName) || recorded.has(volumeName)) return false
    return selectsLost(claim, migration)
  })
}

/** A group of nothing but such a claim: there is no volume to plan, and it must not pass for done. */
export function lostDraft(claim: PersistentVolumeClaim): Draft {
  const name = lostGroup(claim)
  const group = { name, directories: [], volumes: [], workloads: [], staying: [], copies: [], steps: [], blocked: true }
  return { name, moving: [], excluded: [], leftOut: [], group }
}

export function lostGroup({ metadata: { namespace, name } }: PersistentVolumeClaim): string {
  return `lost-${shortHash(`${namespace}/${name}`)}`
}
