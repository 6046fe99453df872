import type { ObjectRef } from './object.ts'

/** `block` holds back its group; `warn` is to be read before going on; `note` explains. */
export type Severity = 'block' | 'warn' | 'note'

/** What the planner has to say about a volume or the cluster. Every code stands in docs/findings.md. */
export interface Finding {
  severity: Severity
  /** Stable, kebab-case: scripts may rely on it. */
  code: FindingCode
  /** What it is about; absent for the cluster as a whole. */
  object?: ObjectRef
  /** The group it holds back or speaks of; absent for the cluster as a whole. */
  group?: string
  /** What was found and why it matters, in one or two sentences. */
  why: string
  /** The next thing to do. */
  remedy: string
}

export const FINDING_CODES = [
  // what the migration says of paths and groups
  'no-path-rule',
  'partial-group',
  'excluded',
  'excluded-below',
  'excluded-shares',
  'subdir-collision',
  'relation-lost',
  'subdir-invalid',
  'subdir-in-use',
  'joins',
  // the state of a volume and its claim
  'volume-handle-invalid',
  'reclaim-policy',
  'unclaimed',
  'claim-not-bound',
  'claim-missing',
  'claim-lost',
  'claim-deleting',
  'volume-released',
  'not-on-a-disk',
  'volume-failed',
  'stuck-terminating',
  'foreign-finalizer',
  'block-mode',
  'not-a-directory',
  'read-only',
  'selector-mismatch',
  'request-exceeds-capacity',
  // what uses it
  'in-use',
  'unfinished',
  'unknown-controller',
  'claims-deleted',
  'false-owner',
  'fs-group',
  'rolling-writable',
  'not-rolling',
  'direct-mount',
  'juicefs-stands-on',
  'database',
  'managed',
  // the cluster and the data
  'driver-missing',
  'driver-incomplete',
  'driver-attach',
  'secret-missing',
  'secret-incomplete',
  'secret-unread',
  'unread',
  'missing-for-pods',
  'data-stays',
  'source-unclear',
  'source-unread',
  'mover-missing',
  'mover-cannot-merge',
  'merge-not-split',
  'not-measured',
  'target-not-empty',
  'target-full',
  'cannot-carry',
  'under-way',
] as const
export type FindingCode = (typeof FINDING_CODES)[number]

/** Makes a finding; `about` says which object it is about and which group it speaks of, if any. */
export function finding(
  severity: Severity,
  code: FindingCode,
  about: { object?: ObjectRef; group?: string },
  why: string,
  remedy: string,
): Finding {
  return { severity, code, ...about, why, remedy }
}
