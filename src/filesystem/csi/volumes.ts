import type { FileSystemVolumes, NewVolume, Place, VolumeSource } from '../../domain/filesystem.ts'
import type { Finding } from '../../domain/finding.ts'
import { refOf } from '../../domain/object.ts'
import type { Survey } from '../../domain/survey.ts'
import type { PersistentVolume } from '../../domain/volume.ts'
import { finding } from '../../words/finding.ts'
import { plainSubdirProblem } from '../plain.ts'
import type { CsiTarget } from './target.ts'
import { isOnlyPlace, placeholdersIn, rendered, subdirIn, tellsPlace } from './template.ts'

/** Volumes that are made of the template: https://kubernetes.io/docs/concepts/storage/volumes/#csi */
export function volumesOn(target: CsiTarget): FileSystemVolumes {
  const holds = ({ spec }: PersistentVolume) => spec.csi?.driver === target.csi.driver
  return {
    sourceFor: (place) => sourceFor(place, target),
    sourceLike,
    holds,
    isSame: (pv) => holds(pv) && hasSettings(pv, target) && placeIn(pv, target) !== undefined,
    subdirOf: (pv) => placeIn(pv, target) ?? '',
    subdirProblem: plainSubdirProblem,
    findings: (planned, survey) => [...unclaimed(planned, target), ...sharedHandles(planned, survey, target)],
  }
}

function sourceFor(place: Place, { csi, mountOptions }: CsiTarget): VolumeSource {
  const attributes = Object.entries(csi.volumeAttributes).flatMap(([key, text]) => {
    const value = rendered(text, place)
    return value === undefined ? [] : [[key, value] as const]
  })
  const options = mountOptions.flatMap((text) => rendered(text, place) ?? [])
  const { volumeAttributes: _, volumeHandle, ...rest } = csi
  return {
    csi: {
      ...rest,
      volumeHandle: rendered(volumeHandle, place) ?? '',
      ...(attributes.length > 0 ? { volumeAttributes: Object.fromEntries(attributes) } : {}),
    },
    ...(options.length > 0 ? { mountOptions: options } : {}),
  }
}

function sourceLike({ spec: { csi, mountOptions } }: PersistentVolume, name: string): VolumeSource {
  return {
    ...(csi ? { csi: { ...csi, volumeHandle: name } } : {}),
    ...(mountOptions ? { mountOptions } : {}),
  }
}

/** True where the volume has all that the template says in the same words for every volume. */
function hasSettings(pv: PersistentVolume, { csi }: CsiTarget): boolean {
  return Object.entries(csi.volumeAttributes)
    .filter(([, text]) => placeholdersIn(text).length === 0)
    .every(([key, text]) => attributeOf(pv, key) === text)
}

/** What the volume's source tells of its directory where the template tells it; undefined where it has nothing of the kind. */
function placeIn(pv: PersistentVolume, { csi, mountOptions }: CsiTarget): string | undefined {
  const { mountOptions: options = [] } = pv.spec
  const texts = [
    ...Object.entries(csi.volumeAttributes).map(([key, text]) => ({ text, found: [attributeOf(pv, key)] })),
    ...mountOptions.map((text) => ({ text, found: options })),
  ]
  const [first] = texts.filter(({ text }) => tellsPlace(text))
  if (!first) return undefined
  const found = first.found.flatMap((each) => (each === undefined ? [] : (subdirIn(first.text, each) ?? [])))
  // at the root it is left out
  return found[0] ?? (isOnlyPlace(first.text) ? '' : undefined)
}

/** Drivers differ in how they write the same key, and what they provision has theirs. */
function attributeOf({ spec }: PersistentVolume, key: string): string | undefined {
  const { volumeAttributes = {} } = spec.csi ?? {}
  return Object.entries(volumeAttributes).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1]
}

/** The kubelet tells volumes of a driver apart by their handles, whatever else they say. */
function sharedHandles(
  planned: readonly NewVolume[],
  { volumes }: Pick<Survey, 'volumes'>,
  target: CsiTarget,
): Finding[] {
  const coming = new Set(planned.map(({ volume }) => volume.metadata.name))
  const there = volumes.filter(({ metadata }) => !coming.has(metadata.name))
  const owners = new Map<string, string[]>()
  for (const { metadata, spec } of [...there, ...planned.map(({ volume }) => volume)]) {
    if (spec.csi?.driver !== target.csi.driver) continue
    owners.set(spec.csi.volumeHandle, [...(owners.get(spec.csi.volumeHandle) ?? []), metadata.name])
  }
  return planned.flatMap(({ group, volume }) => {
    const handle = volume.spec.csi?.volumeHandle ?? ''
    const others = (owners.get(handle) ?? []).filter((name) => name !== volume.metadata.name)
    if (others.length === 0) return []
    return [finding('block', 'csi-template', { object: refOf(volume), group }, { handle, others })]
  })
}

/** Nothing can stand for the claim of a volume that nobody has claimed. */
function unclaimed(planned: readonly NewVolume[], { csi, mountOptions }: CsiTarget): Finding[] {
  const texts = [csi.volumeHandle, ...Object.values(csi.volumeAttributes), ...mountOptions]
  const [word] = texts.flatMap(placeholdersIn).filter((each) => each === 'claim' || each === 'namespace')
  if (word === undefined) return []
  return planned
    .filter(({ volume }) => !volume.spec.claimRef)
    .map(({ group, volume }) =>
      finding('block', 'csi-template', { object: refOf(volume), group }, { placeholder: word }),
    )
}
