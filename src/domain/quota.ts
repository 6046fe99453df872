import { isBelow } from './directory.ts'
import type { PlannedGroup } from './plan.ts'
import { gibibytes } from './quantity.ts'
import { compareText } from './text.ts'

/** How much a directory of the file system may hold. */
export interface Quota {
  /** Relative to the file system's root, and not the root itself. */
  subdir: string
  gib: number
  /** The volumes whose capacities it is the sum of, by name. */
  volumes: string[]
}

/**
 * What the directories of a group's volumes may hold at most: together what all volumes say that show the directory, or
 * something in it. So no claim gets less than its volume says, however many share a directory.
 */
export function quotasOf({ volumes }: Pick<PlannedGroup, 'volumes'>): Quota[] {
  const places = [...new Set(volumes.map(({ subdir }) => subdir))].filter((subdir) => subdir !== '')
  return places.sort(compareText).flatMap((subdir) => {
    const shown = volumes.filter((volume) => volume.subdir === subdir || isBelow(volume.subdir, subdir))
    const amounts = shown.map(({ after }) => gibibytes(after.spec.capacity?.storage ?? ''))
    const gib = amounts.reduce<number>((sum, amount) => sum + (amount ?? 0), 0)
    return gib > 0 ? [{ subdir, gib, volumes: shown.map(({ name }) => name).sort(compareText) }] : []
  })
}
