import { Refusal } from '../../domain/failure.ts'
import type { SecretRef, Target } from '../../domain/filesystem.ts'
import { readMap, type Value } from '../../domain/reading.ts'
import { isSubdirOption } from '../../domain/volume.ts'
import { readingWords } from '../../words/reading.ts'
import { worded } from '../../words/trouble.ts'

/** As the driver's Helm chart and its manifests name it; it can be renamed at installation. */
export const DRIVER = 'csi.juicefs.com'
/** The StorageClass of the seed, and of the examples of the driver's documentation. */
export const CLASS_NAME = 'juicefs-sc'

/** What a migration says of a JuiceFS: its driver, its Secret, and what every volume on it is to have. */
export interface JuiceFSTarget extends Target {
  readonly driver: string
  secretRef: SecretRef
  volumeAttributes: Record<string, string>
  /** Mount options besides `subdir`. */
  mountOptions: string[]
  /** What a volume's directory is limited to; absent where it has no limit. */
  quota?: 'capacity'
}

/** Reads `spec.target`. The kind is left out again: without one it is JuiceFS, and a plan is the same whether it is said or not. */
export function readTarget(value: Value): JuiceFSTarget {
  const map = readMap(value, ['kind', 'driver', 'secretRef', 'volumeAttributes', 'mountOptions', 'quota'])
  const quota = map.optional('quota')?.oneOf(['capacity'])
  const secretRef = readMap(map.required('secretRef'), ['name', 'namespace'])
  return {
    driver: map.optional('driver')?.filledText() ?? DRIVER,
    secretRef: {
      name: secretRef.required('name').filledText(),
      namespace: secretRef.required('namespace').filledText(),
    },
    volumeAttributes: map.optional('volumeAttributes')?.texts() ?? {},
    mountOptions: map.optional('mountOptions')?.list(mountOption) ?? [],
    ...(quota ? { quota } : {}),
  }
}

function mountOption(value: Value): string {
  const option = value.filledText()
  if (isSubdirOption(option)) value.problem(readingWords().subdirOption())
  if (/[,\s]/.test(option)) value.problem(readingWords().oneMountOption(option))
  return option
}

/** The settings of a plan or a record. Throws Refusal where something is missing: another version wrote it. */
export function settingsOf(target: Target): JuiceFSTarget {
  if (isComplete(target)) return target
  throw new Refusal(...worded((say) => say.target.unknown('JuiceFS', JSON.stringify(target))))
}

function isComplete(target: Partial<JuiceFSTarget>): target is JuiceFSTarget {
  const { driver, secretRef, volumeAttributes, mountOptions } = target
  return (
    typeof driver === 'string' &&
    typeof secretRef?.name === 'string' &&
    typeof secretRef.namespace === 'string' &&
    typeof volumeAttributes === 'object' &&
    Array.isArray(mountOptions)
  )
}
