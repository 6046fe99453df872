import { Refusal } from '../domain/failure.ts'
import type { FileSystem, FileSystemKind, Target } from '../domain/filesystem.ts'
import type { Mover } from '../domain/mover.ts'
import type { Value } from '../domain/reading.ts'
import { nearest } from '../domain/text.ts'
import { juicefs } from './juicefs/juicefs.ts'

/** Every file system that volumes may go to. The first is meant where a migration names neither a kind nor a known driver. */
const KINDS: readonly [FileSystemKind, ...FileSystemKind[]] = [juicefs]

/** The file system that a migration, a plan or a record names. Throws Refusal where this juicify does not know it. */
export function fileSystemOf(target: Target): FileSystem {
  return kindOf(target).open(target)
}

/** Reads `spec.target`, by the file system that it names. Notes what is wrong with it, an unknown kind too. */
export function readTarget(value: Value): Target {
  const [kind, driver] = [value.textAt('kind'), value.textAt('driver')]
  const named = { ...(kind === undefined ? {} : { kind }), ...(driver === undefined ? {} : { driver }) }
  const found = knownKind(named)
  if (!found) value.problem(unknown(named))
  return (found ?? KINDS[0]).read(value)
}

/** A file system that `juicify setup` knows. */
export type SetupKind = Required<Pick<FileSystemKind, 'kind' | 'setup'>>

/** Those that it knows; the first is meant where none is named. */
export function setupKinds(): readonly [SetupKind, ...SetupKind[]] {
  const [first, ...others] = KINDS.flatMap(({ kind, setup }) => (setup ? [{ kind, setup }] : []))
  if (!first) throw new Error('no file system can be set up')
  return [first, ...others]
}

/** The movers that file systems have of their own, each once. */
export function everyMover(): Mover[] {
  return [...new Set(KINDS.flatMap(({ movers }) => movers))]
}

function kindOf(target: Target): FileSystemKind {
  const found = knownKind(target)
  if (found) return found
  throw new Refusal(`The target of the migration: ${unknown(target)}`, {
    remedy: 'Name another in spec.target.kind, or use a juicify that knows it.',
  })
}

function knownKind({ kind, driver }: Target): FileSystemKind | undefined {
  if (kind !== undefined) return KINDS.find((each) => each.kind === kind)
  return KINDS.find(({ drivers }) => driver !== undefined && drivers.includes(driver)) ?? KINDS[0]
}

function unknown({ kind = '' }: Target): string {
  const kinds = KINDS.map((each) => each.kind)
  const near = nearest(kind, kinds)
  const hint = near ? `; did you mean ${near}?` : ''
  return `expected as kind of file system ${kinds.join(' or ')}, found ${JSON.stringify(kind)}${hint}`
}
