import type { Finding } from './finding.ts'
import type { Migration } from './migration.ts'
import type { ObjectRef } from './object.ts'
import type { ClusterIdentity } from './survey.ts'
import type { PersistentVolume, PersistentVolumeClaim } from './volume.ts'
import type { Workload } from './workload.ts'

/** What will be done: complete, reviewable, and unchangeable, for the digest says so. */
export interface Plan {
  apiVersion: string
  kind: 'Plan'
  metadata: { name: string }
  cluster: ClusterIdentity
  migration: Migration
  /** What the flags added to the migration. */
  options: PlanOptions
  findings: Finding[]
  groups: PlannedGroup[]
  /** Volumes of the selection that are on the target already. */
  done: string[]
  /** `sha256:` and the digest of everything else in the file, keys sorted. */
  digest: string
}

export interface PlanOptions {
  /** Take every group in whole of which a volume is selected. */
  wholeGroups: boolean
  /** Move a part of a group all the same: its halves no longer see each other's files. */
  dangerousSplit: boolean
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
  /** The names of the steps, in order. */
  steps: StepName[]
  /** A block holds it back. */
  blocked: boolean
}

/** A top directory with all below it, and where its data goes. */
export interface PlannedCopy {
  directory: string
  subdir: string
  /** Where the directory is; of several nodes the contents are merged. */
  nodes: string[]
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
  'catch-up',
  'verify',
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
