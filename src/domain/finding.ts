import type { ObjectRef } from './object.ts'

/** A `block` keeps its group from being migrated; a `warn` should be read before applying the plan; a `note` explains. */
export type Severity = 'block' | 'warn' | 'note'

/** What the planner has to say about a volume or the cluster. Every code stands in docs/findings.md. */
export interface Finding {
  severity: Severity
  /** Stable, kebab-case: scripts may rely on it. */
  code: FindingCode
  /** What it is about; absent for the cluster as a whole. */
  object?: ObjectRef
  /** The group it blocks or speaks of; absent for the cluster as a whole. */
  group?: string
  /** What was found and why it matters, in one or two sentences. */
  why: string
  /** The next thing to do; absent where there is nothing to do. */
  remedy?: string
  /** What both are made of, for who says it in another language: JSON; absent where nothing in them varies. */
  data?: object
}

/** The findings that block a group, its own and those that block every group, in their order. */
export function blockersOf(findings: Finding[], group: string): Finding[] {
  return findings.filter((each) => each.severity === 'block' && (each.group === undefined || each.group === group))
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
  'csi-template',
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
  'pods-unreachable',
  'pod-finalizer',
  'claim-owned',
  'claims-deleted',
  'claims-retained',
  'false-owner',
  'fs-group',
  'read-only-written',
  'mount-propagation',
  'selinux',
  'sub-path',
  'volume-limit',
  'rolling-writable',
  'not-rolling',
  'direct-mount',
  'juicefs-dependency',
  'database',
  'managed',
  // the cluster and the data
  'driver-missing',
  'driver-incomplete',
  'driver-not-ready',
  'driver-unseen',
  'driver-not-where-needed',
  'driver-attach',
  'driver-mode',
  'mount-options',
  'writeback',
  'secret-missing',
  'secret-incomplete',
  'secret-unread',
  'unread',
  'missing-for-pods',
  'namespace-shared',
  'data-stays',
  'source-unclear',
  'source-unread',
  'nodes-not-ready',
  'mover-missing',
  'mover-too-old',
  'places-not-made',
  'mover-cannot-merge',
  'merge-not-split',
  'not-measured',
  'target-not-empty',
  'target-full',
  'quota-too-small',
  'quota-impossible',
  'cannot-carry',
  'under-way',
] as const
export type FindingCode = (typeof FINDING_CODES)[number]
