import { normalise } from '../../domain/directory.ts'
import { Refusal } from '../../domain/failure.ts'
import type { Target } from '../../domain/filesystem.ts'
import { readMap, type Value } from '../../domain/reading.ts'
import { readingWords } from '../../words/reading.ts'
import { worded } from '../../words/trouble.ts'

/** What a migration says of an NFS export that the kubelet mounts. */
export interface NfsTarget extends Target {
  readonly kind: string
  readonly nfs: { readonly server: string; readonly path: string }
  readonly mountOptions: string[]
}

/** Reads `spec.target`. */
export function readTarget(value: Value): NfsTarget {
  const map = readMap(value, ['kind', 'nfs', 'mountOptions'])
  const nfs = readMap(map.required('nfs'), ['server', 'path'])
  return {
    kind: 'nfs',
    nfs: { server: nfs.required('server').filledText(), path: exportPath(nfs.required('path')) },
    mountOptions: map.optional('mountOptions')?.list(mountOption) ?? [],
  }
}

function exportPath(value: Value): string {
  const text = value.filledText()
  if (text !== '' && (!text.startsWith('/') || text.split('/').includes('..')))
    value.problem(readingWords().absolutePathWithoutParent(text))
  return normalise(text)
}

function mountOption(value: Value): string {
  const option = value.filledText()
  if (/[,\s]/.test(option)) value.problem(readingWords().oneMountOption(option))
  return option
}

/** The settings of a plan or a record. Throws Refusal where something is missing: another version wrote it. */
export function settingsOf(target: Target): NfsTarget {
  if (isComplete(target)) return target
  throw new Refusal(...worded((say) => say.target.unknown('NFS', JSON.stringify(target))))
}

function isComplete(target: Partial<NfsTarget>): target is NfsTarget {
  const { nfs, mountOptions } = target
  return typeof nfs?.server === 'string' && typeof nfs.path === 'string' && Array.isArray(mountOptions)
}
