import { refused } from '../domain/failure.ts'
import type { FileSystem, FileSystemKind, Target } from '../domain/filesystem.ts'
import type { Mover } from '../domain/mover.ts'
import type { Value } from '../domain/reading.ts'
import type { FileSystemSetup } from '../domain/setup.ts'
import { nearest } from '../domain/text.ts'
import { messages } from '../words/messages.ts'
import { readingWords } from '../words/reading.ts'
import { csi } from './csi/csi.ts'
import { curvefs } from './curvefs/curvefs.ts'
import { juicefs } from './juicefs/juicefs.ts'
import { nfs } from './nfs/nfs.ts'

/** Every file system that volumes may go to. The first is meant where a migration names neither a kind nor a known driver. */
const KINDS: readonly [FileSystemKind, ...FileSystemKind[]] = [juicefs, csi, nfs, curvefs]

/** The file system that a migration, a plan or a record names. Throws Refusal where this juicify does not know it. */
export function fileSystemOf(target: Target): FileSystem {
  return kindOf(target).open(target)
}

/** Reads `spec.target`, by the file system that it names. Notes what is wrong with it, an unknown kind too. */
export function readTarget(value: Value): Target {
  const [kind, driver] = [value.textAt('kind'), value.textAt('driver')]
  const named = { ...(kind === undefined ? {} : { kind }), ...(driver === undefined ? {} : { driver }) }
  const byField = KINDS.find(({ field }) => field !== undefined && value.has(field))
  const found = kind === undefined ? (byField ?? knownKind(named)) : knownKind(named)
  if (!found) value.problem(unknown(named))
  const known = found ?? KINDS[0]
  const target = known.read(value)
  const { provisioner } = known.open(target).driver
  const owner = KINDS.find((each) => provisioner !== undefined && each.drivers.includes(provisioner))
  if (owner && owner !== known) value.problem(readingWords().driverOfKind(provisioner ?? '', owner.kind))
  return target
}

/** The kinds of file systems that a migration may name. */
export function kindNames(): string[] {
  return KINDS.map(({ kind }) => kind)
}

/** A file system that `juicify setup` knows. */
export interface SetupKind {
  readonly kind: string
  readonly setup: FileSystemSetup
}

/** Those that it knows; the first is meant where none is named. */
export function setupKinds(): readonly [SetupKind, ...SetupKind[]] {
  const [first, ...others] = KINDS.flatMap(({ kind, setup }) => (typeof setup === 'function' ? [] : [{ kind, setup }]))
  if (!first) throw new Error('no file system can be set up')
  return [first, ...others]
}

/** The one of that kind, the first where none is named. Throws Refusal where there is nothing to set up. */
export function setupKindOf(kind?: string): SetupKind {
  const kinds = setupKinds()
  const found = kind === undefined ? kinds[0] : kinds.find((each) => each.kind === kind)
  if (found) return found
  const setup = KINDS.find((each) => each.kind === kind)?.setup
  const says = messages().refusal
  const wanted = kind ?? ''
  if (typeof setup === 'function') throw refused({ message: says.nothingToSetUp(wanted), remedy: setup() })
  const names = kinds.map((each) => each.kind)
  throw refused(says.noSetup(wanted, names))
}

/** The movers that file systems have of their own, each once. */
export function everyMover(): Mover[] {
  return [...new Set(KINDS.flatMap(({ movers }) => movers))]
}

function kindOf(target: Target): FileSystemKind {
  const found = knownKind(target)
  if (found) return found
  throw refused(messages().refusal.unknownTarget(unknown(target)))
}

function knownKind({ kind, driver }: Target): FileSystemKind | undefined {
  if (kind !== undefined) return KINDS.find((each) => each.kind === kind)
  return KINDS.find(({ drivers }) => driver !== undefined && drivers.includes(driver)) ?? KINDS[0]
}

function unknown({ kind = '' }: Target): string {
  const kinds = kindNames()
  return messages().unknownKind(kinds, kind, nearest(kind, kinds))
}
