import { isBelow, sortByDirectory } from '../domain/directory.ts'

/** A directory, on any node or on some. */
export interface DirectoryOnNodes {
  /** Normalised; empty where nobody knows: that one lies apart from all others. */
  directory: string
  /** Absent: the directory may be any node's. */
  nodes?: string[]
}

/** True where both may be on the same disk. */
export function shareNode(a: DirectoryOnNodes, b: DirectoryOnNodes): boolean {
  return !a.nodes || !b.nodes || a.nodes.some((node) => b.nodes?.includes(node))
}

/**
 * Sorts places into groups: two are in the same group where their directories are equal or nested on a common node, or
 * where others link them. Takes time near to that of sorting, whatever the depth. The order within and among the
 * groups is that of the directories.
 */
export function connect<T extends DirectoryOnNodes>(places: readonly T[]): T[][] {
  const sorted = sortByDirectory(places, ({ directory }) => directory)
  const sets = new DisjointSets(sorted)
  for (const [lower, upper] of pairs(sorted)) sets.join(lower, upper)
  return sets.all()
}

/**
 * Pairs of places that are equal or nested on a common node, the lower one first: not all of them, but enough that
 * each of the others follows from a chain of these.
 */
export function related<T extends DirectoryOnNodes>(places: readonly T[]): Iterable<[lower: T, upper: T]> {
  return pairs(sortByDirectory(places, ({ directory }) => directory))
}

function* pairs<T extends DirectoryOnNodes>(sorted: T[]): Generator<[lower: T, upper: T]> {
  const above: T[] = []
  for (const place of sorted) {
    if (place.directory === '') continue
    while (above.length > 0 && !isAtOrBelow(place, above.at(-1))) above.pop()
    yield* upwards(place, above)
    above.push(place)
  }
}

/** The place with those above it that are not linked to it through a nearer one already. */
function* upwards<T extends DirectoryOnNodes>(place: T, above: T[]): Generator<[T, T]> {
  const open = place.nodes && new Set(place.nodes)
  for (let i = above.length - 1; i >= 0; i--) {
    const other = above[i]
    if (!other || !shareNode(place, other)) continue
    yield [place, other]
    // Whatever lies higher up and shares a node with this place is linked to the one that was just met.
    if (!other.nodes) return
    for (const node of other.nodes) open?.delete(node)
    if (open?.size === 0) return
  }
}

function isAtOrBelow(place: DirectoryOnNodes, other: DirectoryOnNodes | undefined): boolean {
  return other !== undefined && (place.directory === other.directory || isBelow(place.directory, other.directory))
}

/** https://en.wikipedia.org/wiki/Disjoint-set_data_structure */
class DisjointSets<T> {
  private readonly members: readonly T[]
  private readonly parents = new Map<T, T>()

  constructor(members: readonly T[]) {
    this.members = members
  }

  join(a: T, b: T): void {
    const [rootA, rootB] = [this.root(a), this.root(b)]
    if (rootA !== rootB) this.parents.set(rootA, rootB)
  }

  /** The sets, in the order of their first members. */
  all(): T[][] {
    const sets = new Map<T, T[]>()
    for (const member of this.members) {
      const root = this.root(member)
      const set = sets.get(root)
      if (set) set.push(member)
      else sets.set(root, [member])
    }
    return [...sets.values()]
  }

  private root(member: T): T {
    let root = member
    for (let parent = this.parents.get(root); parent !== undefined; parent = this.parents.get(root)) root = parent
    for (let at = member; at !== root; ) {
      const next = this.parents.get(at) ?? root
      this.parents.set(at, root)
      at = next
    }
    return root
  }
}
