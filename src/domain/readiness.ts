import type { CubeStudioConfig } from './cube-studio.ts'
import type { FileSystem } from './filesystem.ts'
import type { Finding, FindingCode } from './finding.ts'
import type { Migration } from './migration.ts'
import type { KubeObject } from './object.ts'
import type { DirectoryUser } from './old-directory.ts'
import type { Permission, Verb } from './permissions.ts'
import type { ClusterIdentity, Survey } from './survey.ts'

/** All that `juicify check` judges by. What may not be read is absent. */
export interface CheckFacts {
  identity: ClusterIdentity
  /** What is to be migrated, and with what. */
  migration: Migration
  /** The one that its target names. */
  fileSystem: FileSystem
  /** How many things were asked to be allowed, and which are not although a migration needs them. */
  access: { asked: number; refused: RefusedAccess[] }
  /** juicify's own namespace: it is there, or the first migration may create it, or neither (or it may not be seen). */
  namespace: 'there' | 'to create' | 'missing'
  survey?: Survey
  storageClasses?: KubeObject[]
  /** Who uses directories that have moved; absent where none have. */
  directoryUsers?: DirectoryUser[]
  /** What a cube-studio is told of directories; absent where there is none, or it may not be read. */
  cubeStudio?: CubeStudioConfig
}

export interface RefusedAccess {
  permission: Permission
  verb: Verb
}

/** How something stands that a migration needs. A problem is what holds a plan back. */
export type Level = 'ok' | 'note' | 'warning' | 'problem'

/** One line of `juicify check`. */
export interface ReadinessLine {
  /** What was looked at; stable, scripts may rely on it. */
  subject: Subject
  level: Level
  /** What was found. */
  text: string
  /** The next thing to do; with everything that is not ok. */
  remedy?: string
  /** The code of the finding that a plan has of it. */
  code?: FindingCode
}

export type Subject =
  | 'api'
  | 'permissions'
  | 'driver'
  | 'driver-version'
  | 'secret'
  | 'file-system'
  | 'mount-options'
  | 'mover'
  | 'pods'
  | 'storage-classes'
  | 'managers'
  | 'nodes'
  | 'records'
  | 'old-directories'
  | 'cube-studio'

/**
 * What is known of one thing that migrations depend on: a plan has the findings, and `check` has them too, or what is
 * well. A finding about a claim belongs to the group that migrates it.
 */
export interface Judgement {
  subject: Subject
  findings: Finding[]
  /** What `check` says where nothing was found; absent where that is nothing. */
  well?: Well
}

/** What is well, as data: every language says it in its own words. */
export type Well =
  | { is: 'registered'; driver: string }
  | { is: 'driver-ready'; driver: string; nodes: number }
  | { is: 'mount-pods'; driver: string; version?: string }
  | { is: 'secret'; name: string; keys: readonly string[] }
  /** The driver's settings, and the mount options that they add. */
  | { is: 'settings'; config: string; options: string[] }
  | { is: 'mover'; title: string; image: string }
  /** The kubelets mount it themselves, with a program that every node needs. */
  | { is: 'kubelets'; place: string; needs: string }

/** Makes a line of what is said; with everything that is not ok goes a remedy. */
export function line(
  subject: Subject,
  level: Level,
  { text, remedy }: Pick<ReadinessLine, 'text' | 'remedy'>,
): ReadinessLine {
  return { subject, level, text, ...(remedy === undefined ? {} : { remedy }) }
}
