import { isDeepStrictEqual } from 'node:util'
import { askToCreate } from '../cluster/admission.ts'
import { userAnnotations } from '../domain/manifest.ts'
import type { PersistentVolume } from '../domain/volume.ts'
import { isVersionOf } from './exchange.ts'
import { type GroupRun, recordOf } from './step.ts'
import { observeAll } from './volumes.ts'

/**
 * What rollback brings back where it is not the very original: labels and annotations that somebody has changed on the
 * replacement meanwhile are kept on the original too, with a warning. By the volume's name.
 */
export async function changesToKeep(run: GroupRun): Promise<Record<string, PersistentVolume>> {
  const sights = await observeAll(run)
  const { originals } = recordOf(run).kept
  const restore: Record<string, PersistentVolume> = {}
  for (const { name, after } of run.group.volumes) {
    const original = originals[name]
    const now = sights.get(name)?.pv
    if (!original || !now || !isVersionOf(now, after)) continue
    if (!isMarkedOtherwise(now, after)) continue
    const created = await asCreated(run, after)
    const labels = merged(original.metadata.labels, created.metadata.labels, now.metadata.labels)
    const annotations = merged(original.metadata.annotations, userAnnotations(created), userAnnotations(now))
    if (labels.changed.length === 0 && annotations.changed.length === 0) continue
    run.emit({
      type: 'marks-kept',
      group: run.group.name,
      volume: name,
      keys: [...labels.changed, ...annotations.changed],
    })
    restore[name] = {
      ...original,
      metadata: { ...original.metadata, labels: labels.result, annotations: annotations.result },
    }
  }
  return restore
}

function isMarkedOtherwise(now: PersistentVolume, after: PersistentVolume): boolean {
  const marks = (pv: PersistentVolume) => [pv.metadata.labels ?? {}, userAnnotations(pv) ?? {}]
  return !isDeepStrictEqual(marks(now), marks(after))
}

/** What the cluster's policies add to a new volume is nobody's work. */
async function asCreated({ cluster }: GroupRun, after: PersistentVolume): Promise<PersistentVolume> {
  const asked = await askToCreate(cluster, after)
  return (asked.verdict === 'admitted' && asked.as) || after
}

type Marks = Record<string, string> | undefined

/** The original's marks with the difference between what was created and what is there now laid over them. */
function merged(original: Marks, created: Marks, now: Marks): { result: Record<string, string>; changed: string[] } {
  const result = { ...original }
  const changed: string[] = []
  for (const key of new Set([...Object.keys(created ?? {}), ...Object.keys(now ?? {})])) {
    const value = now?.[key]
    if (created?.[key] === value) continue
    changed.push(key)
    if (value === undefined) delete result[key]
    else result[key] = value
  }
  return { result, changed }
}
