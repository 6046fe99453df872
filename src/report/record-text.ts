import { describeRef } from '../domain/object.ts'
import type { PlannedVolume } from '../domain/plan.ts'
import { directoryOf, type PersistentVolume } from '../domain/volume.ts'
import { describeCopy } from '../engine/copies.ts'
import type { GroupRecord } from '../engine/record.ts'
import type { Remembered } from '../workloads/workload-kind.ts'

/** What a record says, and what whoever goes on with it, or takes it back, will therefore do; a line each. */
export function recordText({ kept, state }: GroupRecord): string {
  const { group, originals, workloads } = kept
  return [
    `${group.name}: ${state.phase} since ${state.startedAt}, last by ${state.by}`,
    ...group.volumes.map((volume) => volumeLine(volume, originals[volume.name])),
    ...group.copies.map((copy) => `  copy ${describeCopy(copy)}`),
    ...workloads.map(workloadLine),
  ].join('\n')
}

function volumeLine({ name, claim, after }: PlannedVolume, original: PersistentVolume | undefined): string {
  const whose = claim ? ` of ${claim.metadata.namespace}/${claim.metadata.name}` : ''
  return `  PersistentVolume ${name}${whose}: ${original ? placeOf(original) : 'unknown'} ⇄ ${placeOf(after)}`
}

function placeOf(pv: PersistentVolume): string {
  const directory = directoryOf(pv)
  if (directory !== undefined) return directory
  const { csi, mountOptions = [] } = pv.spec
  return csi ? [csi.driver, csi.volumeHandle, ...mountOptions].join(' ') : 'another kind of volume'
}

function workloadLine({ ref, quiesce, stopped, replicas, manifest }: Remembered): string {
  const name = describeRef(ref)
  if (stopped) return `  ${name} was stopped already, and is left alone`
  if (manifest) return `  ${name} is deleted, and created again with ${imagesOf(manifest.spec)}`
  if (quiesce === 'rolling') return `  ${name} is restarted pod by pod`
  if (quiesce !== 'stop') return `  ${name}: ${quiesce}`
  return `  ${name} is stopped, and started again${replicas === undefined ? '' : ` with ${replicas} replicas`}`
}

function imagesOf(spec: unknown): string {
  const { containers = [], initContainers = [] } = (spec ?? {}) as Record<string, { image?: string }[] | undefined>
  return [...initContainers, ...containers].map(({ image }) => image ?? 'no image').join(', ')
}
