import { describeRef } from '../domain/object.ts'
import type { PlannedVolume } from '../domain/plan.ts'
import { dateAndTime } from '../domain/time.ts'
import { directoryOf, type PersistentVolume } from '../domain/volume.ts'
import { describeCopy } from '../engine/copies.ts'
import type { GroupRecord } from '../engine/record.ts'
import { messages } from '../words/messages.ts'
import type { Remembered } from '../workloads/workload-kind.ts'

/** What a record says, and so what a resume or a rollback will do, which may stop nobody; a line each. */
export function recordText({ kept, state }: GroupRecord, { stopsNobody = false } = {}): string {
  const { group, originals, workloads } = kept
  const says = messages().record
  return [
    says.head(group.name, state.phase, dateAndTime(state.startedAt), state.by),
    ...group.volumes.map((volume) => volumeLine(volume, originals[volume.name])),
    ...group.copies.map((copy) => `  ${says.copy} ${describeCopy(copy)}`),
    ...workloads.map((workload) => workloadLine(workload, stopsNobody)),
  ].join('\n')
}

function volumeLine({ name, claim, after }: PlannedVolume, original: PersistentVolume | undefined): string {
  const says = messages().record
  const whose = claim ? says.of(`${claim.metadata.namespace}/${claim.metadata.name}`) : ''
  const places = `${original ? placeOf(original) : says.unknown} ⇄ ${placeOf(after)}`
  return `  ${messages().of(`PersistentVolume ${name}${whose}`, places)}`
}

function placeOf(pv: PersistentVolume): string {
  const directory = directoryOf(pv)
  if (directory !== undefined) return directory
  const { csi, mountOptions = [] } = pv.spec
  return csi ? [csi.driver, csi.volumeHandle, ...mountOptions].join(' ') : messages().record.otherVolume
}

function workloadLine({ ref, quiesce, stopped, replicas, manifest }: Remembered, stays: boolean): string {
  const name = describeRef(ref)
  const says = messages().record
  if (stopped) return `  ${says.staysStopped(name)}`
  if (stays) return `  ${says.untouched(name)}`
  if (manifest) return `  ${says.recreated(name, imagesOf(manifest.spec))}`
  if (quiesce === 'rolling') return `  ${says.rolling(name)}`
  if (quiesce !== 'stop') return `  ${says.other(name, quiesce)}`
  return `  ${says.started(name, replicas)}`
}

function imagesOf(spec: unknown): string {
  const { containers = [], initContainers = [] } = (spec ?? {}) as Record<string, { image?: string }[] | undefined>
  return [...initContainers, ...containers].map(({ image }) => image ?? messages().record.noImage).join(', ')
}
