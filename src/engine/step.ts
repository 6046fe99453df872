import type { Cluster } from '../cluster/cluster.ts'
import type { Mirror } from '../cluster/mirror.ts'
import type { ClaimedPlace } from '../copy/copy.ts'
import type { VerifiedAhead, VerifyResult } from '../copy/result.ts'
import type { Failure } from '../domain/failure.ts'
import type { PlannedGroup, PlannedVolume, StepName } from '../domain/plan.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../domain/volume.ts'
import type { UsageWatch } from '../workloads/usage-watch.ts'
import type { Emit } from './events.ts'
import type { GroupRecord, PlanOrigin } from './record.ts'

/** How long things may take before they are given up with a word, in milliseconds, and what may be forced. */
export interface RunSettings {
  /** Until nothing uses a group's volumes any more. */
  stopTimeout: number
  /** Until a volume and its claim are bound. */
  bindTimeout: number
  /** Until the workloads' pods are ready again. */
  startTimeout: number
  /** Pods that will not go within the timeout are deleted without waiting for their node. */
  forceDeletePods: boolean
  /**
   * A rollback first copies back what was written to the file system since the swap. Where not given, a resumed rollback
   * does what it was first asked to.
   */
  copyBack?: boolean
  /** On an embedded cluster there is no data, and no Job that could move it: the copies are told, and not made. */
  rehearsal: boolean
}

/** What happens to the volumes and claims of the whole cluster, told once for all groups of a run. */
export interface Mirrors {
  volumes: Mirror<PersistentVolume>
  claims: Mirror<PersistentVolumeClaim>
}

/** One group on its way through one run: what its steps work with. */
export interface GroupRun {
  /** Checks before every change that this run still holds the lease. */
  readonly cluster: Cluster
  readonly mirrors: Mirrors
  /** Does what takes volumes away when it is this group's turn. */
  readonly whileUnbound: <T>(work: () => Promise<T>) => Promise<T>
  /** Waits until every group that goes in step with this one has come as far in the step, or is through with it. */
  readonly together: () => Promise<void>
  readonly group: PlannedGroup
  readonly plan: PlanOrigin
  readonly settings: RunSettings
  readonly emit: Emit
  /** Aborted when the operator wants to stop; asked at the safe points. */
  readonly signal: AbortSignal
  /** Milliseconds that volumes were away in this run, by name. */
  readonly away: Record<string, number>
  /** Why its directories could not be looked at before: without that none of them is copied for the first time. */
  unseen?: Failure
  /** What was found equal by content in this run while it was in use, by directory. */
  readonly verifiedAhead: Map<string, VerifiedAhead>
  /** How a directory and its copy compare since the last catch-up, where that has told; until the verification takes it. */
  readonly comparedAlready: Map<string, VerifyResult>
  /** What this run has found at the places that it copies to, by directory: they are its own since. */
  readonly claimed: Map<string, ClaimedPlace>
  /** Absent before the step `record` and after its undo. */
  record: GroupRecord | undefined
  /** Who has used the volumes since the copy that is to be the last; absent where there is none. */
  usage?: UsageWatch
  /** Groups that have a record too: what they stopped, they start. */
  readonly others: () => Promise<GroupRecord[]>
}

/**
 * One thing done to a group. It looks at the cluster to see whether it is done; so that running, running again after a
 * kill, and going on from another machine are one and the same.
 */
export interface Step {
  readonly name: StepName
  /** What it will do, and how that is taken back, for one who is asked before it. */
  describe(group: PlannedGroup): { title: string; objects: string[]; undo: string }
  isDone(run: GroupRun): Promise<boolean>
  do(run: GroupRun): Promise<void>
  /** Takes back what is done of it; harmless where nothing is. */
  undo(run: GroupRun): Promise<void>
}

/** The record of a run whose first step is done. */
export function recordOf(run: Pick<GroupRun, 'record'>): GroupRecord {
  if (!run.record) throw new Error('a step ran before the record was written')
  return run.record
}

/** `namespace/name` of a volume's claim, for people; the volume's own name where nobody claimed it. */
export function claimName(volume: PlannedVolume): string {
  return volume.claim ? `${volume.claim.metadata.namespace}/${volume.claim.metadata.name}` : volume.name
}
