import type { Finding } from '../../domain/finding.ts'
import { describeRef } from '../../domain/object.ts'
import type { PlannedVolume } from '../../domain/plan.ts'
import type { Survey } from '../../domain/survey.ts'
import type { Workload } from '../../domain/workload.ts'
import { finding } from '../../words/finding.ts'
import { kindOf } from '../../workloads/kinds.ts'
import { objectOf, podsOf } from '../lookup.ts'
import { type Context, type Draft, volumeRef } from './context.ts'

/**
 * Pods whose `fsGroup` the kubelet would apply to what moves: it never does to a host path, and does to a CSI volume where
 * the CSIDriver's `fsGroupPolicy` says so. https://kubernetes-csi.github.io/docs/support-fsgroup.html
 */
export function fsGroupFindings({ drafts, survey }: Context): Finding[] {
  return drafts.flatMap((draft) => draft.group.volumes.flatMap((volume) => ofVolume(volume, draft, survey)))
}

function ofVolume({ before, after, claim }: PlannedVolume, { group }: Draft, survey: Survey): Finding[] {
  if (before.spec.csi || !claim || !isApplied(after, survey)) return []
  const key = `${claim.metadata.namespace}/${claim.metadata.name}`
  const users = group.workloads
    .filter(({ writes }) => writes.includes(key))
    .flatMap((workload) =>
      fsGroupsOf(workload, survey).map((fsGroup) => ({ fsGroup, name: describeRef(workload.ref) })),
    )
  if (users.length === 0) return []
  return [
    finding(
      'warn',
      'fs-group',
      { object: volumeRef(before), group: group.name },
      { users, driver: after.spec.csi?.driver },
    ),
  ]
}

/** As the kubelet decides it: by the driver's policy, else for what one node mounts and has a type of file system. */
function isApplied({ spec }: PlannedVolume['after'], { csiDrivers }: Survey): boolean {
  const driver = csiDrivers.find(({ metadata }) => metadata.name === spec.csi?.driver)
  const { fsGroupPolicy = 'ReadWriteOnceWithFSType' } = (driver?.spec ?? {}) as { fsGroupPolicy?: string }
  if (!spec.csi || spec.csi.readOnly || fsGroupPolicy === 'None') return false
  if (fsGroupPolicy === 'File') return true
  return Boolean(spec.csi.fsType) && (spec.accessModes ?? []).some((mode) => mode.startsWith('ReadWriteOnce'))
}

function fsGroupsOf(workload: Workload, survey: Survey): number[] {
  const object = objectOf(workload.ref, survey)
  const ofTemplate = object && kindOf(object)?.template(object)?.spec?.securityContext?.fsGroup
  const ofPods = podsOf(workload, survey).flatMap(({ fsGroup }) => fsGroup ?? [])
  return [...new Set([...(ofTemplate === undefined ? [] : [ofTemplate]), ...ofPods])].sort((a, b) => a - b)
}
