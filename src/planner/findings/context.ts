import type { FileSystem } from '../../domain/filesystem.ts'
import type { Migration } from '../../domain/migration.ts'
import type { ObjectRef } from '../../domain/object.ts'
import type { PlannedGroup, PlanOptions } from '../../domain/plan.ts'
import type { Survey } from '../../domain/survey.ts'
import type { PersistentVolume } from '../../domain/volume.ts'
import type { BackingService } from '../backing-services.ts'
import type { Division } from '../group.ts'
import type { ClaimUser } from '../users.ts'

/** A group that is being planned, with the volumes that it is made of. */
export interface Draft extends Division {
  group: PlannedGroup
}

/** All that a finding may be drawn from. */
export interface Context {
  survey: Survey
  migration: Migration
  /** The one that the migration's target names. */
  fileSystem: FileSystem
  options: PlanOptions
  drafts: Draft[]
  /** Who mounts a claim, or would; by `namespace/claim`. */
  users: Map<string, ClaimUser[]>
  /** The claims that the file system itself depends on, by `namespace/claim`. */
  foundations: Map<string, BackingService>
  /** The groups that an earlier run has begun. */
  underWay: Survey['records']
}

export function volumeRef(pv: PersistentVolume): ObjectRef {
  return { apiVersion: 'v1', kind: 'PersistentVolume', name: pv.metadata.name }
}

export function claimRef(namespace: string, name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name }
}
