import { isBelow, normalise } from '../../domain/directory.ts'
import type { Finding } from '../../domain/finding.ts'
import { describeRef } from '../../domain/object.ts'
import type { PlannedVolume } from '../../domain/plan.ts'
import type { Survey } from '../../domain/survey.ts'
import { compareText } from '../../domain/text.ts'
import { isRunning, type VolumeWishes, type Workload } from '../../domain/workload.ts'
import { finding } from '../../words/finding.ts'
import { kindOf } from '../../workloads/kinds.ts'
import { wishesOf } from '../../workloads/pod-spec.ts'
import { objectOf, podsOf } from '../lookup.ts'
import { type Context, type Draft, volumeRef } from './context.ts'

/** What a kubelet does with a CSI volume and not with a host path, besides what it does for an fsGroup. */
export function kubeletFindings(context: Context): Finding[] {
  const checks = [readOnlyWritten, propagated, seLinux, subPaths]
  return [
    ...context.drafts.flatMap((draft) =>
      draft.group.volumes
        .filter(({ before, claim }) => claim !== undefined && before.spec.csi === undefined)
        .flatMap((volume) => checks.flatMap((check) => check(volume, draft, context))),
    ),
    ...volumeLimits(context),
  ]
}

type Check = (volume: PlannedVolume, draft: Draft, context: Context) => Finding[]

/** A driver is told to mount for readers only; for a host path nobody keeps pods from writing. */
const readOnlyWritten: Check = (volume, { group }) => {
  const modes = volume.claim?.spec.accessModes ?? []
  if (modes.length === 0 || modes.some((mode) => mode !== 'ReadOnlyMany')) return []
  const writers = group.workloads.filter(({ writes }) => writes.includes(keyOf(volume)))
  if (writers.length === 0) return []
  return [
    finding(
      'warn',
      'read-only-written',
      { object: volumeRef(volume.before), group: group.name },
      { writers: namesOf(writers) },
    ),
  ]
}

const propagated: Check = (volume, { group }, { survey }) => {
  const users = usersWith(volume, group.workloads, survey, (wishes, claim) => wishes.propagated?.includes(claim))
  if (users.length === 0) return []
  return [
    finding(
      'warn',
      'mount-propagation',
      { object: volumeRef(volume.before), group: group.name },
      { users: namesOf(users), directory: volume.directory },
    ),
  ]
}

/** https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#assign-selinux-labels-to-a-container */
const seLinux: Check = (volume, { group }, { survey }) => {
  const users = usersWith(volume, group.workloads, survey, (wishes) => wishes.seLinux)
  if (users.length === 0) return []
  const driver = volume.after.spec.csi?.driver
  if (driver === undefined) return []
  const { seLinuxMount = false } = (survey.csiDrivers.find(({ metadata }) => metadata.name === driver)?.spec ?? {}) as {
    seLinuxMount?: boolean
  }
  return [
    finding(
      'warn',
      'selinux',
      { object: volumeRef(volume.before), group: group.name },
      { users: namesOf(users), driver, mounted: seLinuxMount },
    ),
  ]
}

/** A directory that is missing is made by the kubelet, and belongs to root. */
const subPaths: Check = (volume, { group }, { survey, migration }) => {
  const { directory } = volume
  const isMissing = (path: string | undefined) => {
    if (migration.copy.mode === 'none') return true
    if (path === undefined) return false
    const at = normalise(`${directory}/${path}`)
    return group.staying.some((left) => left === at || isBelow(at, left))
  }
  const users = usersWith(volume, group.workloads, survey, (wishes, mounted) =>
    wishes.subPaths?.some(({ claim, path }) => claim === mounted && isMissing(path)),
  )
  if (users.length === 0) return []
  return [
    finding(
      'warn',
      'sub-path',
      { object: volumeRef(volume.before), group: group.name },
      { users: namesOf(users), copied: migration.copy.mode !== 'none' },
    ),
  ]
}

/** A scheduler places no pod where a driver says that no more volumes of its can be mounted. */
function volumeLimits({ survey, drafts, fileSystem }: Context): Finding[] {
  const name = drafts.flatMap(({ group }) => group.volumes).find(({ after }) => after.spec.csi)?.after.spec.csi?.driver
  if (name === undefined) return []
  const claimsOnIt = new Map(
    survey.volumes
      .filter(({ spec }) => spec.csi?.driver === name && spec.claimRef)
      .map(({ spec }) => [`${spec.claimRef?.namespace}/${spec.claimRef?.name}`, spec.csi?.volumeHandle ?? '']),
  )
  const coming = new Map(
    drafts.flatMap(({ group }) =>
      group.volumes.map((volume) => [keyOf(volume), volume.after.spec.csi?.volumeHandle ?? '']),
    ),
  )
  return survey.csiNodes
    .flatMap((node): Finding[] => {
      const { drivers = [] } = (node.spec ?? {}) as { drivers?: { name: string; allocatable?: { count?: number } }[] }
      const limit = drivers.find((driver) => driver.name === name)?.allocatable?.count
      if (limit === undefined) return []
      const here = survey.pods
        .filter((pod) => isRunning(pod) && pod.node === node.metadata.name)
        .flatMap(({ namespace, claims }) => claims.map((claim) => `${namespace}/${claim}`))
      const handles = new Set(here.flatMap((claim) => coming.get(claim) ?? claimsOnIt.get(claim) ?? []))
      if (handles.size <= limit) return []
      return [
        finding(
          'warn',
          'volume-limit',
          { object: { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', name: node.metadata.name } },
          { volumes: handles.size, driver: fileSystem.driver.title, limit },
        ),
      ]
    })
    .sort((a, b) => compareText(a.object?.name ?? '', b.object?.name ?? ''))
}

function keyOf({ claim }: PlannedVolume): string {
  return `${claim?.metadata.namespace}/${claim?.metadata.name}`
}

function namesOf(workloads: Workload[]): string[] {
  return workloads.map(({ ref }) => describeRef(ref))
}

/** Those whose pods, or whose template, ask for it of a volume. */
function usersWith(
  volume: PlannedVolume,
  workloads: Workload[],
  survey: Survey,
  asks: (wishes: VolumeWishes, claim: string) => boolean | undefined,
): Workload[] {
  const claim = volume.claim?.metadata.name ?? ''
  return workloads.filter((workload) => {
    if (!workload.claims.includes(keyOf(volume))) return false
    const object = objectOf(workload.ref, survey)
    const spec = object && kindOf(object)?.template(object)?.spec
    const all = [...(spec ? [wishesOf(spec)] : []), ...podsOf(workload, survey).map(({ wishes }) => wishes)]
    return all.some((wishes) => wishes !== undefined && asks(wishes, claim))
  })
}
