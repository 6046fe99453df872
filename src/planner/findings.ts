import type { Finding, Severity } from '../domain/finding.ts'
import { compareText } from '../domain/text.ts'
import { claimOwnerFindings } from './findings/claim-owner.ts'
import { clusterFindings } from './findings/cluster.ts'
import type { Context } from './findings/context.ts'
import { fsGroupFindings } from './findings/fs-group.ts'
import { kubeletFindings } from './findings/kubelet.ts'
import { leftoverFindings } from './findings/leftover.ts'
import { managedFindings } from './findings/managed.ts'
import { membershipFindings } from './findings/membership.ts'
import { mountFindings } from './findings/mount.ts'
import { pathFindings } from './findings/paths.ts'
import { placementFindings } from './findings/placement.ts'
import { quotaFindings } from './findings/quota.ts'
import { roomFindings } from './findings/room.ts'
import { softwareFindings } from './findings/software.ts'
import { mergeFindings, placeFindings, sourceFindings, splitFindings } from './findings/source.ts'
import { underWayFindings } from './findings/under-way.ts'
import { volumeFindings } from './findings/volume.ts'
import { workloadFindings } from './findings/workload.ts'

/** All that there is to say about a plan, in the order in which it is to be read. */
export function findingsOf(context: Context): Finding[] {
  const ofGroups = [
    membershipFindings,
    pathFindings,
    volumeFindings,
    leftoverFindings,
    softwareFindings,
    workloadFindings,
    claimOwnerFindings,
    placementFindings,
    fsGroupFindings,
    kubeletFindings,
    mountFindings,
    managedFindings,
    sourceFindings,
    mergeFindings,
    splitFindings,
    roomFindings,
    quotaFindings,
    underWayFindings,
  ].flatMap((find) => find(context))
  return [...clusterFindings(context), ...placeFindings(context), ...ofGroups.sort(inOrder)]
}

/** The groups among these that a finding of their own, or one of the cluster, blocks. */
export function heldBack(groups: string[], findings: Finding[]): Set<string> {
  const blocks = findings.filter(({ severity }) => severity === 'block')
  if (blocks.some(({ code, group }) => group === undefined && CLUSTER_BLOCKS.has(code))) return new Set(groups)
  return new Set(blocks.flatMap(({ group }) => group ?? []))
}

const CLUSTER_BLOCKS = new Set([
  'driver-missing',
  'driver-attach',
  'driver-mode',
  'driver-not-ready',
  'writeback',
  'secret-missing',
  'secret-incomplete',
  'missing-for-pods',
  'namespace-shared',
  'mover-missing',
  'mover-too-old',
])

const WEIGHT: Record<Severity, number> = { block: 0, warn: 1, note: 2 }

// The gravest first, then by group and object: the same whatever order the cluster's lists were in.
function inOrder(a: Finding, b: Finding): number {
  return (
    WEIGHT[a.severity] - WEIGHT[b.severity] ||
    compareText(a.group ?? '', b.group ?? '') ||
    compareText(sortKey(a), sortKey(b))
  )
}

function sortKey({ code, object, why }: Finding): string {
  return [code, object?.kind, object?.namespace, object?.name, why].join('\0')
}
