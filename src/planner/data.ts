import { topmost } from '../domain/directory.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import type { Migration } from '../domain/migration.ts'
import { takesPods } from '../domain/node.ts'
import type { PlannedCopy, PlannedGroup, PlannedJoin } from '../domain/plan.ts'
import type { Survey } from '../domain/survey.ts'
import { compareText } from '../domain/text.ts'
import { directoryOf } from '../domain/volume.ts'
import { type Division, isJoining } from './group.ts'
import { PathIndex } from './path-index.ts'

/** True where the plan moves the data along; where not, what is in the old directories stays there. */
export function copiesData(migration: Migration): boolean {
  return migration.copy.mode === 'copy'
}

/**
 * One copy for each top directory whose nodes are known, from all nodes that a volume of that very directory names.
 * Volumes that are on the file system already have no data to move; those below them have.
 */
export function copiesOf(
  group: PlannedGroup,
  survey: Survey,
  migration: Migration,
  fileSystem: FileSystem,
): PlannedCopy[] {
  if (!copiesData(migration)) return []
  const onDisk = group.volumes.filter(({ before }) => directoryOf(before) !== undefined)
  const tops = new PathIndex(group.directories, (directory) => directory)
  return group.directories
    .flatMap((top) => topmost(onDisk.map((each) => each.directory).filter((path) => tops.atOrAbove(path) === top)))
    .flatMap((directory) => {
      const volumes = onDisk.filter((each) => each.directory === directory)
      const named = [...new Set(volumes.flatMap(({ nodes }) => nodes ?? []))].sort(compareText)
      const anywhere = volumes.some(({ nodes }) => !nodes)
      const nodes = named.length === 0 && anywhere ? anyNode(survey, migration, fileSystem) : named
      if (nodes.length === 0) return []
      const everywhere = named.length === 0 && migration.source.nodes === 'shared'
      const seeing = everywhere ? nodesForCopies(survey, fileSystem) : nodes
      return [{ directory, subdir: volumes[0]?.subdir ?? '', nodes, ...partsOf(migration, nodes, seeing) }]
    })
}

/**
 * Where the top directories of volumes that join have moved to, and the nodes on which each can be compared with that;
 * undefined where the group moves.
 */
export function joinsOf(
  draft: Division & { group: PlannedGroup },
  survey: Survey,
  migration: Migration,
  fileSystem: FileSystem,
): PlannedJoin[] | undefined {
  if (!isJoining(draft)) return undefined
  const hasImage = migration.copy.image !== undefined || survey.image !== undefined
  const comparing = copiesData(migration) && hasImage
  return draft.group.directories.flatMap((directory) => {
    const at = draft.moving.filter((candidate) => candidate.directory === directory)
    const subdir = at[0]?.joins?.subdir
    if (subdir === undefined) return []
    const planned = draft.group.volumes.filter((volume) => volume.directory === directory)
    const named = [...new Set(planned.flatMap(({ nodes }) => nodes ?? []))].sort(compareText)
    const nodes = named.length > 0 ? named : anyNode(survey, migration, fileSystem)
    const volumes = [...new Set(at.flatMap(({ joins }) => joins?.volumes ?? []))].sort(compareText)
    return [{ directory, subdir, volumes, nodes: comparing ? nodes : [] }]
  })
}

/** The Jobs of a directory that is split, one after the other on the nodes that see it. What is merged is not split. */
function partsOf({ copy: { parallel = 1 } }: Migration, nodes: string[], seeing: string[]): Pick<PlannedCopy, 'parts'> {
  if (parallel === 1 || nodes.length > 1) return {}
  return { parts: Array.from({ length: parallel }, (_, part) => seeing[part % seeing.length] ?? '') }
}

/** True where a new volume can be written on one node and read on another before people come back to it. */
export function canProbe(survey: Survey, { copy, probe }: Migration, fileSystem: FileSystem): boolean {
  if (probe?.mode === 'none' || nodesForCopies(survey, fileSystem).length < 2) return false
  return (probe?.image ?? copy.image) !== undefined || survey.image !== undefined
}

/**
 * Where the path is the same on every node, or there is one node only, any that runs pods and the driver will do. A node
 * that takes no pods at the moment has its disk all the same.
 */
function anyNode(survey: Survey, { source }: Migration, fileSystem: FileSystem): string[] {
  if (source.nodes === 'auto' && survey.nodes.length > 1) return []
  return nodesForCopies(survey, fileSystem).slice(0, 1)
}

/** The nodes whose pods can mount the file system, in order. */
function nodesForCopies(survey: Survey, { driver }: FileSystem): string[] {
  const withDriver = driver.nodesWith(survey)
  return survey.nodes
    .filter((node) => takesPods(node) && withDriver.has(node.metadata.name))
    .map(({ metadata }) => metadata.name)
    .sort(compareText)
}
