import type { Look, Sight } from '../copy/result.ts'
import { below, directoryKey } from '../domain/directory.ts'
import { Refusal } from '../domain/failure.ts'
import { compareText } from '../domain/text.ts'
import { worded } from '../words/trouble.ts'

/** What was seen of a group's directories on one node. */
export interface GroupLook extends Look {
  group: string
}

/** Two paths of one node that lead to one directory, or to one inside the other, otherwise than they are spelled. */
interface Twofold {
  node: string
  one: Seen
  other: Seen
  /** `one` lies in `other`; the same directory where not. */
  inside: boolean
}

interface Seen extends Sight {
  group: string
}

/**
 * Which groups must not move, and why: on a node, two of their paths are one directory, or one is inside the other, by a link or
 * a mount that nobody sees in their spelling. It would be copied twice, and its users would see each other's files no more.
 */
export function refusedFor(looks: readonly GroupLook[]): Map<string, Refusal> {
  const refused = new Map<string, Refusal>()
  for (const { group, node, links } of looks) {
    const [first] = links
    if (first && !refused.has(group)) refused.set(group, linked(group, node, first))
  }
  for (const [node, seen] of byNode(looks)) {
    const found = [...sameIn(node, seen), ...insideIn(node, seen)].sort((a, b) => Number(a.inside) - Number(b.inside))
    for (const each of found)
      for (const { group } of [each.one, each.other]) if (!refused.has(group)) refused.set(group, twice(each))
  }
  return refused
}

function linked(group: string, node: string, { directory, link }: Look['links'][number]): Refusal {
  return new Refusal(...worded((say) => say.group.link(group, node, directory, link)))
}

function twice({ node, one, other, inside }: Twofold): Refusal {
  const group = one.group === other.group ? one.group : undefined
  return new Refusal(...worded((say) => say.group.twofold({ node, group, one, other, inside })))
}

function byNode(looks: readonly GroupLook[]): Map<string, Seen[]> {
  const nodes = new Map<string, Seen[]>()
  for (const { node, group, sights } of looks) {
    const there = nodes.get(node) ?? []
    nodes.set(node, there)
    for (const sight of sights) there.push({ ...sight, group })
  }
  return nodes
}

/** Those that are one directory, whatever file system tells its paths or not. */
function sameIn(node: string, seen: Seen[]): Twofold[] {
  const first = new Map<string, Seen>()
  return seen.flatMap((one): Twofold[] => {
    if (one.id === undefined) return []
    const other = first.get(one.id)
    if (!other) first.set(one.id, one)
    return other && other.directory !== one.directory ? [{ node, one: other, other: one, inside: false }] : []
  })
}

/** Those of which one is at or inside the other by their paths in a file system, and is not in the same way by their spelling. */
function insideIn(node: string, seen: Seen[]): Twofold[] {
  const placed = withPlaces(seen).sort((a, b) => compareText(a.key, b.key))
  const above: (typeof placed)[number][] = []
  const found: Twofold[] = []
  for (const each of placed) {
    while (above.length > 0 && !isIn(each, above.at(-1))) above.pop()
    for (const upper of above.toReversed()) {
      const rest = below(each.path, upper.path)
      if (below(each.seen.directory, upper.seen.directory) === rest) continue
      found.push({ node, one: each.seen, other: upper.seen, inside: rest !== '' })
    }
    above.push(each)
  }
  return found
}

interface Placed {
  seen: Seen
  device: string
  path: string
  key: string
}

/** Not those of a file system that tells one path for two directories: what it says is no path. */
function withPlaces(seen: Seen[]): Placed[] {
  const ids = new Map<string, string>()
  const untold = new Set<string>()
  for (const { device, path, id } of seen) {
    if (device === undefined || id === undefined) continue
    const place = `${device}\n${path}`
    if ((ids.get(place) ?? id) !== id) untold.add(device)
    ids.set(place, id)
  }
  return seen.flatMap((each) =>
    each.device === undefined || each.path === undefined || untold.has(each.device)
      ? []
      : [{ seen: each, device: each.device, path: each.path, key: `${each.device}\0${directoryKey(each.path)}` }],
  )
}

function isIn(each: Placed, other: Placed | undefined): boolean {
  return other !== undefined && each.device === other.device && below(each.path, other.path) !== undefined
}
