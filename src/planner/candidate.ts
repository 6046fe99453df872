import { normalise } from '../domain/directory.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import type { Migration } from '../domain/migration.ts'
import type { Survey } from '../domain/survey.ts'
import { compareText } from '../domain/text.ts'
import { directoryOf, type PersistentVolume, type PersistentVolumeClaim } from '../domain/volume.ts'
import { claimNamed } from './lookup.ts'
import { type JoinedPlace, MovedDirectories, movedVolumes } from './moved.ts'
import { nodesOf } from './nodes.ts'
import { directoryFor } from './path-rules.ts'
import { namesOf } from './path-subject.ts'

/** A volume that could move, or whose move somebody began by hand. */
export interface Candidate {
  name: string
  pv: PersistentVolume
  /** The claim that its claimRef names, where there is one of that name, whichever state it is in. */
  claim?: PersistentVolumeClaim
  /** Normalised; empty where nobody can tell any more. */
  directory: string
  /** The nodes whose directory it is, where its affinity says so; on any other volume it may be any node's. */
  nodes?: string[]
  /** It is on the target already, and only its claim has not found back to it. */
  repair: boolean
  /** Where its directory has moved to already. */
  joins?: JoinedPlace
}

/** The namespace of the claim that a volume is bound to, or reserved for; empty where there is none. */
export function namespaceOf(pv: PersistentVolume): string {
  return pv.spec.claimRef?.namespace ?? ''
}

/** True where Kubernetes will bind nobody to the volume any more, unless an administrator frees it. */
export function isReleased(pv: PersistentVolume): boolean {
  return pv.status?.phase === 'Released' || pv.status?.phase === 'Failed'
}

/**
 * All volumes on a node's disk, and those on the target whose claim cannot bind, in the order of their names.
 * Not those that are spent: nobody can use them, so nobody's files are in their way.
 */
export function candidatesOf(survey: Survey, fileSystem: FileSystem, { paths, source }: Migration): Candidate[] {
  const { volumes } = fileSystem
  const moved = new MovedDirectories(movedVolumes(survey, fileSystem, paths))
  const given = Array.isArray(source.nodes) ? source.nodes : undefined
  return survey.volumes
    .filter((pv) => !isReleased(pv))
    .flatMap((pv): Candidate[] => {
      const claim = claimNamed(survey, namespaceOf(pv), pv.spec.claimRef?.name)
      const path = directoryOf(pv)
      const base = { name: pv.metadata.name, pv, ...(claim ? { claim } : {}) }
      if (path !== undefined) {
        const nodes = nodesOf(pv, survey.nodes)
        const place = { directory: normalise(path), ...(nodes ? { nodes } : {}) }
        const comer = {
          ...place,
          ...(nodes || !given ? {} : { nodes: given }),
          createdAt: pv.metadata.creationTimestamp,
        }
        const joins = moved.placeOf(comer)
        return [{ ...base, ...place, repair: false, ...(joins ? { joins } : {}) }]
      }
      if (!volumes.holds(pv) || !isLostTo(pv, claim)) return []
      return [{ ...base, directory: directoryFor(volumes.subdirOf(pv), namesOf(pv), paths) ?? '', repair: true }]
    })
    .sort((a, b) => compareText(a.name, b.name))
}

/**
 * True where a claim is Lost although a volume of its name is there: a claim that was bound once takes back only a
 * volume whose claimRef has its uid, and one that was made by hand has none.
 */
export function isLostTo(pv: PersistentVolume, claim: PersistentVolumeClaim | undefined): boolean {
  return (
    claim?.status?.phase === 'Lost' &&
    claim.spec.volumeName === pv.metadata.name &&
    pv.spec.claimRef?.uid !== claim.metadata.uid
  )
}
