import type { FileSystemAdvice } from '../../domain/filesystem.ts'
import type { Finding } from '../../domain/finding.ts'
import type { Measured, MeasuredNode, Place, PlannedCopy } from '../../domain/plan.ts'
import { finding } from '../../words/finding.ts'
import type { FindingData } from '../../words/findings.en.ts'
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
  return finding('warn', 'not-measured', { group: name }, { directory, failure, remedy })
}

function placeFindings({ name }: Draft, { subdir }: PlannedCopy, place: Place, into: boolean): Finding[] {
  if (place.state !== 'taken' && place.state !== 'written') return []
  const { state, entries, examples } = place
  // its directory is an entry too
  const data = { subdir, state, entries: entries - 1, examples, overwrites: into }
  return [finding(into ? 'warn' : 'block', 'target-not-empty', { group: name }, data)]
}

function leftFindings({ name }: Draft, { directory }: PlannedCopy, nodes: MeasuredNode[]): Finding[] {
  const amount = nodes.reduce((sum, { left }) => sum + left.count, 0)
  if (amount === 0) return []
  const examples = nodes.flatMap(({ left }) => left.examples)
  return [finding('warn', 'cannot-carry', { group: name }, { directory, entries: amount, examples })]
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

type Short = Pick<FindingData<'target-full'>, 'of' | 'needed' | 'free' | 'certain'>

function tooMuch(short: Short, { raiseLimits: raise }: FileSystemAdvice, group?: string): Finding {
  const data = { all: group === undefined, ...short, raise }
  return finding(short.certain ? 'block' : 'warn', 'target-full', group ? { group } : {}, data)
}

function whatIsShort({ bytes, inodes }: Want, { freeBytes, freeInodes }: Place): Short[] {
  const short: Short[] = []
  if (bytes[1] > freeBytes) {
    short.push({ of: 'bytes', needed: bytes[1], free: freeBytes, certain: bytes[0] > freeBytes })
  }
  if (freeInodes !== undefined && inodes[1] > freeInodes) {
    short.push({ of: 'inodes', needed: inodes[1], free: freeInodes, certain: inodes[0] > freeInodes })
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
