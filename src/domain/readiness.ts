import type { FileSystem } from './filesystem.ts'
import type { KubeObject } from './object.ts'
import type { Permission, Verb } from './permissions.ts'
import type { ClusterIdentity, Survey } from './survey.ts'

/** All that `juicify check` judges by. What may not be read is absent. */
export interface CheckFacts {
  identity: ClusterIdentity
  server: string
  fileSystem: FileSystem
  /** How many things were asked to be allowed, and which are not although a migration needs them. */
  access: { asked: number; refused: RefusedAccess[] }
  /** juicify's own namespace: it is there, or the first migration may create it, or neither (or it may not be seen). */
  namespace: 'there' | 'to create' | 'missing'
  survey?: Survey
  /** What was found of the driver's own parts: its pods, its settings. */
  parts: KubeObject[]
  storageClasses?: KubeObject[]
}

export interface RefusedAccess {
  permission: Permission
  verb: Verb
}

/** How something stands that a migration needs. */
export type Level = 'ok' | 'warning' | 'problem'

/** One line of `juicify check`. */
export interface ReadinessLine {
  /** What was looked at; stable, scripts may rely on it. */
  subject: Subject
  level: Level
  /** What was found. */
  text: string
  /** The next thing to do; with every warning and problem. */
  remedy?: string
}

export type Subject =
  | 'api'
  | 'permissions'
  | 'driver'
  | 'driver-version'
  | 'secret'
  | 'mount-options'
  | 'storage-classes'
  | 'managers'
  | 'nodes'
  | 'records'

/** Makes a line; with every warning and problem goes a remedy. */
export function line(subject: Subject, level: Level, text: string, remedy?: string): ReadinessLine {
  return { subject, level, text, ...(remedy === undefined ? {} : { remedy }) }
}
