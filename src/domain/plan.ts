import type { Finding } from './finding.ts'
import type { Forecast, Pace } from './forecast.ts'
import type { Migration } from './migration.ts'
import type { ObjectRef } from './object.ts'
import type { ClusterIdentity } from './survey.ts'
import type { PersistentVolume, PersistentVolumeClaim } from './volume.ts'
import type { Workload } from './workload.ts'

/**
 * The version of a plan's form. To be raised by whoever changes that form: a plan that was saved before is then refused,
 * with a word, and made again.
 */
export const PLAN_API_VERSION = 'juicify.dev/v1alpha1'

/** What will be done: complete, reviewable, and unchangeable, for the digest says so. */
export interface Plan {
  apiVersion: string
  kind: 'Plan'
  metadata: { name: string }
  cluster: ClusterIdentity
  migration: Migration
  /** What the flags added to the migration. */
  options: PlanOptions
  /** What the Jobs run that read and copy the data; absent where there are none. */
  jobs?: PlannedJobs
  /** How fast things go in the cluster; only where the plan was asked to measure it. */
  pace?: Pace
  findings: Finding[]
  groups: PlannedGroup[]
  /** Volumes of the selection that are on the target already. */
  done: string[]
  /** `sha256:` and the digest of everything else in the file, keys sorted. */
  digest: string
}

/** What runs as root with everybody's directories. */
export interface PlannedJobs {
  /** The mover's name. */
  mover: string
  /** The migration's image, or the one that the driver mounts with; absent where none is known. */
  image?: string
}

export interface PlanOptions {
  /** Take every group in whole of which a volume is selected. */
  wholeGroups: boolean
  /** Move a part of a group all the same: its halves no longer see each other's files. */
  dangerousSplit: boolean
  /** Use juicify's namespace although others have been given rights there. */
  trustNamespace?: true
}

/** The volumes whose directories are equal or nested, directly or through others; switched together or not at all. */
export interface PlannedGroup {
  /** A DNS-1123 label that stays the same for the same directories; names the record. */
  name: string
  /** The topmost directories, normalised, in order; one, unless a split left several. */
  directories: string[]
  volumes: PlannedVolume[]
  workloads: Workload[]
  /** Directories below `directories` that stay where they are: excluded, or another volume's that is not moved. */
  staying: string[]
  /** One copy for each of `directories`; none where the data is not moved along. */
  copies: PlannedCopy[]
  /** Where its directories have moved to already: it is bound to these places, and nothing is copied. Absent where it moves. */
  joins?: PlannedJoin[]
  /** What is expected of it; only where the plan was asked to measure it, and could. */
  forecast?: Forecast
  /** The names of the steps, in order. */
  steps: StepName[]
  /** A block holds it back. */
  blocked: boolean
}

/** A top directory of volumes that come later to a directory that has moved, and the place where that is now. */
export interface PlannedJoin {
  directory: string
  subdir: string
  /** The volumes that have moved there. */
  volumes: string[]
  /** Where the old directory is, to be compared with the place; none where nothing can compare them. */
  nodes: string[]
}

/** A top directory with all below it, and where its data goes. */
export interface PlannedCopy {
  directory: string
  subdir: string
  /** Where the directory is; of several nodes the contents are merged. */
  nodes: string[]
  /** The node of each Job that takes a part of it, where it is split; all of them see the same directory. */
  parts?: string[]
  /** What there is to be copied, and where to; only where the plan was asked to measure it. */
  measured?: Measured
}

/** What Jobs in the cluster have read of a directory and of its place on the file system, or why they could not. */
export type Measured = { at: string } & (
  | { failure: string; remedy: string }
  | {
      /** What each node holds; several are merged, and may hold the same. */
      nodes: MeasuredNode[]
      place: Place
    }
)

/** What was measured of each copy of a plan, by its key. */
export type Measurements = ReadonlyMap<string, Measured>

/** What a plan was asked to measure. */
export interface MeasuredPlan {
  copies: Measurements
  /** Absent where nothing tells how fast copies are. */
  pace?: Pace
}

export function copyKey(group: string, directory: string): string {
  return `${group}\n${directory}`
}

export interface Contents {
  files: number
  directories: number
  links: number
  bytes: number
}

export interface MeasuredNode extends Contents {
  node: string
  /** What it takes in bytes on a file system that charges every entry in whole blocks. */
  space: number
  /** What the mover cannot carry: how many entries, and the first of them. */
  left: { count: number; examples: { path: string; kind: string }[] }
}

/** A place on the file system, before something is copied to it. */
export interface Place {
  /**
   * - `absent`, `empty`: there is nothing
   * - `copied`: what a copy of ours has put there, and nothing else
   * - `written`: that, and what people have written to it after they were moved to it
   * - `taken`: something else
   */
  state: 'absent' | 'empty' | 'copied' | 'written' | 'taken'
  entries: number
  space: number
  /** Some of what is there; of `written`, some of what was changed. */
  examples: string[]
  /** What the file system has room for; it may have no limit of inodes. */
  freeBytes: number
  freeInodes?: number
}

export interface PlannedVolume {
  name: string
  /** Normalised: no trailing slash, no `.` or doubled slashes. Empty where the volume was put on the target by hand and nobody can tell. */
  directory: string
  /** Where it goes on the file system, relative; empty for the root. */
  subdir: string
  /** Nodes that hold the directory, where the volume or the migration says so. */
  nodes?: string[]
  /** The claim it is bound to, as it is; none for a volume that nobody claimed. */
  claim?: PersistentVolumeClaim
  before: PersistentVolume
  after: PersistentVolume
}

/** The way of a group, in this order; those that a group does not need are left out of its plan. */
export const STEP_NAMES = [
  'record',
  'retain',
  'copy',
  'stop',
  'join',
  'catch-up',
  'verify',
  'quota',
  'swap',
  'probe',
  'start',
  'finish',
] as const
export type StepName = (typeof STEP_NAMES)[number]

/** The object that a planned volume's claim is, to name it in an event or an error. */
export function claimRefOf(volume: PlannedVolume): ObjectRef | undefined {
  if (!volume.claim) return undefined
  const { namespace, name, uid } = volume.claim.metadata
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, ...(uid === undefined ? {} : { uid }) }
}
