import type { FileSystemAdvice } from '../../domain/filesystem.ts'
import { type Finding, finding } from '../../domain/finding.ts'
import type { Measured, MeasuredNode, Place, PlannedCopy } from '../../domain/plan.ts'
import { size } from '../../domain/quantity.ts'
import { listed } from '../../domain/text.ts'
import type { Context, Draft } from './context.ts'

type Known = Extract<Measured, { place: Place }>

/** What is to be said of what was measured: what is in the way on the file system, what is too much for it, what stays. */
export function roomFindings({ drafts, migration, fileSystem }: Context): Finding[] {
  const into = migration.copy.intoExisting ?? false
  const found = drafts.flatMap((draft) =>
    draft.group.copies.flatMap(({ measured, ...copy }) => {
      if (!measured) return []
      if ('failure' in measured) return [notMeasured(draft, copy, measured)]
      return [...placeFindings(draft, copy, measured.place, into), ...leftFindings(draft, copy, measured.nodes)]
    }),
  )
  return [...found, ...fullFindings(drafts, fileSystem.advice)]
}

function notMeasured(
  { name }: Draft,
  { directory }: PlannedCopy,
  { failure, remedy }: { failure: string; remedy: string },
): Finding {
  return finding('warn', 'not-measured', { group: name }, `${directory} could not be measured: ${failure}.`, remedy)
}

function placeFindings({ name }: Draft, { subdir }: PlannedCopy, place: Place, into: boolean): Finding[] {
  if (place.state !== 'taken' && place.state !== 'written') return []
  const where = subdir === '' ? 'The root of the file system' : `${subdir} on the file system`
  const some = place.examples.length > 0 ? `: ${listed(place.examples)}${place.state === 'taken' ? ', …' : ''}` : ''
  const what =
    place.state === 'taken'
      ? `${where} holds ${place.entries - 1} entries that no copy of this directory has put there${some}.`
      : `${where} holds what an earlier migration put there, and people have changed it since${some || ': something was deleted'}.`
  if (into) {
    return [
      finding(
        'warn',
        'target-not-empty',
        { group: name },
        `${what} They stay there; files of the same name are overwritten.`,
        'Leave --into-existing (spec.copy.intoExisting) out if that is not wanted.',
      ),
    ]
  }
  return [
    finding(
      'block',
      'target-not-empty',
      { group: name },
      what,
      place.state === 'taken'
        ? 'See whose it is, and choose another place in spec.paths. Where nobody needs it, move it away; --into-existing copies over files of the same name.'
        : 'Copy what is wanted of it somewhere else, or choose another place in spec.paths. --into-existing overwrites what people have written there with what the node has.',
    ),
  ]
}

function leftFindings({ name }: Draft, { directory }: PlannedCopy, nodes: MeasuredNode[]): Finding[] {
  const count = nodes.reduce((sum, { left }) => sum + left.count, 0)
  if (count === 0) return []
  const examples = nodes.flatMap(({ left }) => left.examples.map(({ path, kind }) => `${path} (${kind})`))
  return [
    finding(
      'warn',
      'cannot-carry',
      { group: name },
      `${count} entries of ${directory} do not come along, or not in whole: ${listed(examples)}.`,
      'Sockets and FIFOs are made again by what uses them. Where extended attributes or ACLs count, use the rsync mover.',
    ),
  ]
}

/** What a copy still wants of the file system: at least, and at most where several nodes may hold the same. */
interface Want {
  bytes: [least: number, most: number]
  inodes: [least: number, most: number]
}

function fullFindings(drafts: Draft[], advice: FileSystemAdvice): Finding[] {
  const groups = drafts.flatMap(({ name, group }) => {
    const known = group.copies.flatMap(({ measured }) => (measured && 'place' in measured ? [measured] : []))
    const room = roomOf(known)
    return room ? [{ name, want: known.map(wantOf).reduce(plus), room }] : []
  })
  const full = groups.flatMap(({ name, want, room }) =>
    whatIsShort(want, room).map((why) => tooMuch(why, advice, name)),
  )
  const [first, ...others] = groups
  if (full.length > 0 || !first || others.length === 0) return full
  const together = others.reduce((sum, { want }) => plus(sum, want), first.want)
  return whatIsShort(together, first.room).map((why) => tooMuch({ ...why, certain: false }, advice))
}

interface Short {
  what: string
  certain: boolean
}

function tooMuch({ what, certain }: Short, { raiseLimits }: FileSystemAdvice, group?: string): Finding {
  const whose = group ? 'The data of the group' : 'The data of all groups together'
  return finding(
    certain ? 'block' : 'warn',
    'target-full',
    group ? { group } : {},
    `${whose} ${certain ? 'takes' : 'may take'} ${what}.`,
    `Make room on the file system, or raise its limit (${raiseLimits}), and measure again.`,
  )
}

function whatIsShort({ bytes, inodes }: Want, { freeBytes, freeInodes }: Place): Short[] {
  const short: Short[] = []
  if (bytes[1] > freeBytes) {
    short.push({
      what: `${size(bytes[1])} on the file system, and ${size(freeBytes)} are free`,
      certain: bytes[0] > freeBytes,
    })
  }
  if (freeInodes !== undefined && inodes[1] > freeInodes) {
    short.push({
      what: `${inodes[1]} inodes on the file system, and ${freeInodes} are free`,
      certain: inodes[0] > freeInodes,
    })
  }
  return short
}

/** An earlier copy that is there already has taken its share. */
function wantOf({ nodes, place }: Known): Want {
  const ours = place.state === 'copied' || place.state === 'written'
  const range = (of: (node: MeasuredNode) => number, there: number): [number, number] => {
    const amounts = nodes.map(of)
    const rest = (amount: number) => Math.max(0, amount - (ours ? there : 0))
    return [rest(Math.max(0, ...amounts)), rest(amounts.reduce((sum, amount) => sum + amount, 0))]
  }
  return {
    bytes: range(({ space }) => space, place.space),
    inodes: range(({ files, directories, links }) => files + directories + links, place.entries),
  }
}

function plus(a: Want, b: Want): Want {
  const add = (x: [number, number], y: [number, number]): [number, number] => [x[0] + y[0], x[1] + y[1]]
  return { bytes: add(a.bytes, b.bytes), inodes: add(a.inodes, b.inodes) }
}

/** The least that was seen to be free: of a place with a quota that is less than elsewhere. */
function roomOf(known: Known[]): Place | undefined {
  return known.map(({ place }) => place).sort((a, b) => a.freeBytes - b.freeBytes)[0]
}
