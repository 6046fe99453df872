import { isBelow, sortByDirectory } from '../domain/directory.ts'

/** Finds, among many normalised paths, those that are equal to one or nested with it, without looking at all of them. */
export class PathIndex<T> {
  private readonly byPath = new Map<string, T[]>()
  private readonly sorted: string[]

  constructor(items: Iterable<T>, path: (item: T) => string) {
    for (const item of items) {
      const there = this.byPath.get(path(item))
      if (there) there.push(item)
      else this.byPath.set(path(item), [item])
    }
    this.sorted = sortByDirectory([...this.byPath.keys()], (key) => key)
  }

  /** Those at the path itself, and at any that lies above it, the nearest first. */
  atOrAbove(path: string): T[] {
    const found: T[] = []
    for (let at: string | undefined = path; at !== undefined; at = parentOf(at))
      found.push(...(this.byPath.get(at) ?? []))
    return found
  }

  /** The first of those that lie strictly below the path. */
  firstBelow(path: string): T | undefined {
    const next = this.sorted[this.countUpTo(path)]
    return next !== undefined && isBelow(next, path) ? this.byPath.get(next)?.[0] : undefined
  }

  /** How many of the paths do not come after this one. */
  private countUpTo(path: string): number {
    let [low, high] = [0, this.sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const key = this.sorted[middle] ?? ''
      if (sortByDirectory([key, path], (p) => p)[0] === key) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The path above this one; undefined above the root. Relative paths have the empty one as their root. */
function parentOf(path: string): string | undefined {
  if (path === '/' || path === '') return undefined
  const slash = path.lastIndexOf('/')
  return slash === 0 ? '/' : path.slice(0, Math.max(slash, 0))
}
