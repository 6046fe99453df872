import type { CubeStudioConfig } from '../domain/cube-studio.ts'
import { isBelow, normalise } from '../domain/directory.ts'
import { describeRef } from '../domain/object.ts'
import { line, type ReadinessLine } from '../domain/readiness.ts'
import type { CheckWords } from '../words/check.en.ts'
import { checkWords } from '../words/check.ts'

/** Directories that move, or have moved, and those in them that stay where they are. */
export interface Moving {
  directories: string[]
  staying: string[]
}

/**
 * What in the settings of a cube-studio goes on using directories of the nodes when they have moved, and what it no longer
 * finds. docs/cube-studio.md has all that cannot be seen in a cluster.
 */
export function cubeStudioLines(
  config: CubeStudioConfig,
  { directories, staying }: Moving,
  says: CheckWords = checkWords('en'),
): ReadinessLine[] {
  const within = (path: string, places: string[]) => places.some((place) => path === place || isBelow(path, place))
  const moves = (path: string) => within(path, directories) && !within(path, staying)
  const paths = (given: string[]) => [...new Set(given.map(normalise))]
  const where = describeRef(config.object)
  const searches = paths(config.workspace).filter(moves)
  const archives = paths(config.archives).filter(moves)
  const unseen = paths(config.deleted).filter((path) => within(path, directories) && within(path, staying))
  return [
    ...(searches.length > 0 ? [line('cube-studio', 'note', says.searches(where, searches))] : []),
    ...(archives.length > 0 ? [line('cube-studio', 'note', says.archives(where, archives))] : []),
    ...(unseen.length > 0 ? [line('cube-studio', 'warning', says.notDeleted(where, unseen))] : []),
  ]
}
