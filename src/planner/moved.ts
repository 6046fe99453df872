import { below } from '../domain/directory.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import type { PathRule } from '../domain/migration.ts'
import { ANNOTATION } from '../domain/names.ts'
import type { Survey } from '../domain/survey.ts'
import { compareText } from '../domain/text.ts'
import type { PersistentVolume } from '../domain/volume.ts'
import { type DirectoryOnNodes, shareNode } from './grouping.ts'
import { directoryFor } from './path-rules.ts'
import { namesOf } from './path-subject.ts'

/** Where a volume on the file system came from: its directory is there now, and no longer on the nodes. */
export interface MovedVolume extends DirectoryOnNodes {
  name: string
  subdir: string
  /** Directories below its own that were not copied. */
  without: string[]
  /** Where only the migration's rules tell where it came from: when it was made. What was there before below it may have stayed. */
  since?: string
}

/** A volume that may join. */
interface Comer extends DirectoryOnNodes {
  createdAt?: string
}

/** The place to which a directory has moved: a volume that comes to it later is bound to that place. */
export interface JoinedPlace {
  subdir: string
  /** The volumes that have moved there, or with what is around it. */
  volumes: string[]
  /** The nodes that they came from, where that is known. */
  nodes?: string[]
}

/** The manifest of a volume on the file system with where it came from, for volumes that come to that directory later. */
export function withOrigin(
  pv: PersistentVolume,
  { directory, nodes, without }: Pick<MovedVolume, 'directory' | 'nodes' | 'without'>,
): PersistentVolume {
  const annotations = {
    ...pv.metadata.annotations,
    [ANNOTATION.movedFrom]: directory,
    ...(nodes ? { [ANNOTATION.movedFromNodes]: nodes.join(',') } : {}),
    ...(without.length > 0 ? { [ANNOTATION.movedWithout]: without.join('\n') } : {}),
  }
  return { ...pv, metadata: { ...pv.metadata, annotations } }
}

/** The manifest without that: plans of juicify 0.1.0 say nothing of it, and mean the same. */
export function withoutOrigin({ metadata, ...pv }: PersistentVolume): PersistentVolume {
  const origin: string[] = [ANNOTATION.movedFrom, ANNOTATION.movedFromNodes, ANNOTATION.movedWithout]
  const others = Object.entries(metadata.annotations ?? {}).filter(([key]) => !origin.includes(key))
  const { annotations: _, ...bare } = metadata
  return { ...pv, metadata: others.length > 0 ? { ...bare, annotations: Object.fromEntries(others) } : bare }
}

/**
 * The volumes on the file system of which it is known where they came from: their annotations say so. Those that juicify
 * 0.1.0 moved have none; while their record is there, the migration's path rules tell it. Not those that are under way.
 */
export function movedVolumes({ volumes, records }: Survey, fileSystem: FileSystem, rules: PathRule[]): MovedVolume[] {
  const states = new Map(records.flatMap(({ state, volumes }) => volumes.map((name) => [name, state] as const)))
  return volumes
    .filter((pv) => fileSystem.volumes.isSame(pv))
    .flatMap((pv): MovedVolume[] => {
      const { name, annotations = {} } = pv.metadata
      const state = states.get(name)
      if (state !== undefined && state !== 'migrated') return []
      const subdir = fileSystem.volumes.subdirOf(pv)
      const noted = annotations[ANNOTATION.movedFrom]
      const directory = noted ?? (state === undefined ? undefined : directoryFor(subdir, namesOf(pv), rules))
      if (directory === undefined) return []
      if (noted === undefined)
        return [{ name, subdir, directory, without: [], since: pv.metadata.creationTimestamp ?? '' }]
      const nodes = annotations[ANNOTATION.movedFromNodes]?.split(',')
      const without = annotations[ANNOTATION.movedWithout]?.split('\n') ?? []
      return [{ name, subdir, directory, without, ...(nodes ? { nodes } : {}) }]
    })
    .sort((a, b) => compareText(a.name, b.name))
}

/** Finds where directories have moved to. */
export class MovedDirectories {
  private readonly byDirectory = new Map<string, MovedVolume[]>()

  constructor(moved: MovedVolume[]) {
    for (const volume of moved) {
      const there = this.byDirectory.get(volume.directory)
      if (there) there.push(volume)
      else this.byDirectory.set(volume.directory, [volume])
    }
  }

  /**
   * Where a volume's directory is now, by the nearest one at or above it that has moved; undefined where none has, or where
   * volumes of one directory are at several places, or it was not copied.
   */
  placeOf(place: Comer): JoinedPlace | undefined {
    if (place.directory === '') return undefined
    for (let at: string | undefined = place.directory; at !== undefined; at = parentOf(at)) {
      const there = (this.byDirectory.get(at) ?? []).filter((moved) => shareNode(place, moved))
      const [first, ...others] = there
      if (!first) continue
      if (others.some(({ subdir }) => subdir !== first.subdir)) return undefined
      const rest = below(place.directory, at) ?? ''
      if (rest !== '' && there.some((moved) => hasStayed(place, moved))) return undefined
      const nodes = [...new Set(there.flatMap((moved) => moved.nodes ?? []))].sort(compareText)
      return {
        subdir: [first.subdir, rest].filter((part) => part !== '').join('/'),
        volumes: there.map(({ name }) => name),
        ...(nodes.length > 0 ? { nodes } : {}),
      }
    }
    return undefined
  }
}

/** True where what is below a migrated directory was not copied, or may not have been. */
function hasStayed({ directory, createdAt = '' }: Comer, { without, since }: MovedVolume): boolean {
  if (since !== undefined) return createdAt <= since
  return without.some((path) => below(directory, path) !== undefined)
}

function parentOf(directory: string): string | undefined {
  if (directory === '/') return undefined
  return directory.slice(0, directory.lastIndexOf('/')) || '/'
}
