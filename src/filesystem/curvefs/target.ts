import { Refusal } from '../../domain/failure.ts'
import type { Target } from '../../domain/filesystem.ts'
import { readMap, type Value } from '../../domain/reading.ts'
import { readingWords } from '../../words/reading.ts'
import { worded } from '../../words/trouble.ts'

/** As the driver calls itself, whoever installs it. */
export const DRIVER = 'csi.curvefs.com'

/** What a migration says of a CurveFS. */
export interface CurveFSTarget extends Target {
  readonly kind: string
  /** The file system's name, by which its driver knows the volume. */
  readonly name: string
  /** Its metadata servers, `address:port` with commas between. */
  readonly mdsAddr: string
  /** Where its blocks are. */
  readonly fsType: 's3' | 'volume'
  /** The client's configuration in the driver's container, where that is another than the driver's. */
  readonly clientConfPath?: string
  /** Lines that are added to it. */
  readonly mountOptions: string[]
}

/** Reads `spec.target`. */
export function readTarget(value: Value): CurveFSTarget {
  const map = readMap(value, ['kind', 'driver', 'name', 'mdsAddr', 'fsType', 'clientConfPath', 'mountOptions'])
  map.optional('driver')?.oneOf([DRIVER])
  const clientConfPath = map.optional('clientConfPath')?.filledText()
  return {
    kind: 'curvefs',
    name: fileSystemName(map.required('name')),
    mdsAddr: addresses(map.required('mdsAddr')),
    fsType: map.optional('fsType')?.oneOf(['s3', 'volume']) ?? 's3',
    ...(clientConfPath === undefined ? {} : { clientConfPath }),
    mountOptions: map.optional('mountOptions')?.list(configurationLine) ?? [],
  }
}

/** Its tool takes letters, digits and dashes. */
function fileSystemName(value: Value): string {
  const text = value.filledText()
  if (text !== '' && !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i.test(text)) value.problem(readingWords().fileSystemName(text))
  return text
}

function addresses(value: Value): string {
  const text = value.filledText()
  if (text !== '' && !text.split(',').every((each) => /^[^\s:,]+:\d+$/.test(each)))
    value.problem(readingWords().addresses(text))
  return text
}

function configurationLine(value: Value): string {
  const text = value.filledText()
  if (!/^[\w.]+=\S*$/.test(text)) value.problem(readingWords().clientLine(text))
  return text
}

/** The settings of a plan or a record. Throws Refusal where something is missing: another version wrote it. */
export function settingsOf(target: Target): CurveFSTarget {
  if (isComplete(target)) return target
  throw new Refusal(...worded((say) => say.target.unknown('CurveFS', JSON.stringify(target))))
}

function isComplete(target: Partial<CurveFSTarget>): target is CurveFSTarget {
  const { name, mdsAddr, fsType, mountOptions } = target
  return [name, mdsAddr, fsType].every((each) => typeof each === 'string') && Array.isArray(mountOptions)
}
