import { directoryKey, isBelow, sortByDirectory } from '../domain/directory.ts'

/** Finds, among many normalised paths, those that are equal to one or nested with it, without looking at all of them. */
export class PathIndex<T> {
  private readonly entries: { path: string; key: string; item: T; above: number }[] = []

  /** Of items with equal paths, the first one counts. */
  constructor(items: Iterable<T>, path: (item: T) => string) {
    for (const item of sortByDirectory([...items], path)) {
      const above = this.nearestAbove(this.entries.length - 1, path(item))
      if (this.entries[above]?.path === path(item)) continue
      this.entries.push({ path: path(item), key: directoryKey(path(item)), item, above })
    }
  }

  /** The one at the path itself, or else the nearest that lies above it. */
  atOrAbove(path: string): T | undefined {
    return this.entries[this.nearestAbove(this.countUpTo(path) - 1, path)]?.item
  }

  /** The first of those that lie strictly below the path. */
  firstBelow(path: string): T | undefined {
    const next = this.entries[this.countUpTo(path)]
    return next && isBelow(next.path, path) ? next.item : undefined
  }

  /** All that are at the path, above it or below it. */
  *related(path: string): Generator<T> {
    const next = this.countUpTo(path)
    for (let entry = this.entries[this.nearestAbove(next - 1, path)]; entry; entry = this.entries[entry.above])
      yield entry.item
    for (let i = next, entry = this.entries[i]; entry && isBelow(entry.path, path); entry = this.entries[++i])
      yield entry.item
  }

  /** The nearest at or above the path, the search going up from an entry that comes before it; -1 where there is none. */
  private nearestAbove(from: number, path: string): number {
    let index = from
    for (let entry = this.entries[index]; entry; entry = this.entries[index]) {
      if (entry.path === path || isBelow(path, entry.path)) return index
      index = entry.above
    }
    return -1
  }

  /** How many of the entries do not come after the path. */
  private countUpTo(path: string): number {
    const key = directoryKey(path)
    let [low, high] = [0, this.entries.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.entries[middle]?.key ?? '') <= key) low = middle + 1
      else high = middle
    }
    return low
  }
}
