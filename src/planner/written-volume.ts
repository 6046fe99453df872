import { isDeepStrictEqual } from 'node:util'
import { controllersAnnotation, SERVER_METADATA } from '../domain/manifest.ts'
import { ANNOTATION } from '../domain/names.ts'
import type { KubeObject } from '../domain/object.ts'
import { compareQuantities } from '../domain/quantity.ts'
import type { ClaimRef, PersistentVolume } from '../domain/volume.ts'

/** A PersistentVolume as somebody has written it down: it may lack what a server always sends. */
export interface WrittenVolume extends KubeObject {
  spec?: Partial<PersistentVolume['spec']>
}

const ORIGIN: readonly string[] = [ANNOTATION.movedFrom, ANNOTATION.movedFromNodes, ANNOTATION.movedWithout]

/** What a server takes a field for that is not written. */
const DEFAULTS: Record<string, unknown> = {
  volumeMode: 'Filesystem',
  persistentVolumeReclaimPolicy: 'Retain',
  storageClassName: '',
}

/** True where a volume's manifest, or the one that the cluster has, says that it came from a directory of a node. */
export function saysOrigin({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[ANNOTATION.movedFrom] !== undefined
}

/**
 * The manifest that, applied, leaves a volume as the cluster has it: what it is of, and all of its spec that differs. What
 * says the same in other words, and what is the writer's own, its labels for one, stays as it is written. The same object
 * where nothing differs.
 */
export function writtenAs(written: WrittenVolume, there: PersistentVolume): WrittenVolume {
  const metadata = metadataAs(written.metadata, there.metadata)
  const spec = specAs(written.spec ?? {}, there.spec)
  const wanted = { ...written, metadata, spec }
  return isDeepStrictEqual(wanted, written) ? written : wanted
}

function metadataAs(written: KubeObject['metadata'], there: KubeObject['metadata']): KubeObject['metadata'] {
  const isAnothers = written.uid !== undefined && written.uid !== there.uid
  const fields = Object.entries(written).filter(([key]) => !(isAnothers && SERVER_METADATA.includes(key)))
  const { annotations: _, ...rest } = Object.fromEntries(fields) as KubeObject['metadata']
  const [was, now] = [Object.entries(written.annotations ?? {}), Object.entries(there.annotations ?? {})]
  const isNow = (key: string) => now.some(([each]) => each === key)
  const annotations = Object.fromEntries([
    ...was.filter(([key]) => isNow(key) || !(ORIGIN.includes(key) || controllersAnnotation(key))),
    ...now.filter(([key]) => ORIGIN.includes(key)),
  ])
  if (Object.keys(annotations).length > 0) return { ...rest, annotations }
  // an empty field is the writer's own
  return 'annotations' in written && was.length === 0 ? { ...rest, annotations: written.annotations } : rest
}

function specAs(written: Partial<PersistentVolume['spec']>, there: PersistentVolume['spec']): WrittenVolume['spec'] {
  const kept = Object.keys(written).filter((key) => key in there || key === 'claimRef')
  const come = Object.keys(there).filter((key) => !(key in written) && isToBeWritten(key, there[key]))
  return Object.fromEntries([...kept, ...come].map((key) => [key, fieldAs(key, written[key], there[key])]))
}

function isToBeWritten(key: string, value: unknown): boolean {
  // whom it is bound to is the controller's to write, and the claim's manifest says it too
  return key !== 'claimRef' && !isDeepStrictEqual(value, DEFAULTS[key])
}

function fieldAs(key: string, written: unknown, there: unknown): unknown {
  if (key === 'claimRef') return claimAs(written as ClaimRef, there as ClaimRef | undefined)
  if (key === 'hostPath') return hostPathAs(written as HostPath | undefined, there as HostPath)
  if (key === 'capacity' && isSameAmount(written as Amounts | undefined, there as Amounts)) return written
  return there
}

type HostPath = NonNullable<PersistentVolume['spec']['hostPath']>

/** No type is what a server writes as an empty one. */
function hostPathAs(written: HostPath | undefined, there: HostPath): HostPath {
  if (isDeepStrictEqual({ type: '', ...written }, { type: '', ...there })) return written ?? there
  const { type, ...rest } = there
  return type ? there : rest
}

function claimAs(written: ClaimRef, there: ClaimRef | undefined): ClaimRef {
  if (!there) return written
  const { uid, resourceVersion, ...ref } = written
  const isSame = ref.namespace === there.namespace && ref.name === there.name
  const named = isSame ? ref : { ...ref, namespace: there.namespace, name: there.name }
  // the version is of the claim as it was when somebody read it
  return { ...named, ...(uid !== undefined && uid === there.uid ? { uid } : {}) }
}

type Amounts = Record<string, string | number>

function isSameAmount(written: Amounts | undefined, there: Amounts): boolean {
  const keys = Object.keys(there)
  return (
    written !== undefined &&
    Object.keys(written).length === keys.length &&
    keys.every((key) => compareQuantities(String(written[key]), String(there[key])) === 0)
  )
}
