import type { KubeObject, ObjectMeta } from './object.ts'

/** What keeps a PersistentVolume that is bound, and a claim that is in use, from going away. */
export const PV_PROTECTION = 'kubernetes.io/pv-protection'
const PVC_PROTECTION = 'kubernetes.io/pvc-protection'

/** What the API server sets in the metadata of an object, and takes from nobody. */
export const SERVER_METADATA: readonly string[] = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
]

// How the controller notes down that it has bound a pair.
const BINDING_ANNOTATIONS = new Set(['pv.kubernetes.io/bind-completed', 'pv.kubernetes.io/bound-by-controller'])

// What controllers and clients write for themselves about the object that an annotation is on: no part of a new one.
const OTHERS_ANNOTATIONS = [
  'pv.kubernetes.io/',
  'volume.kubernetes.io/',
  'volume.beta.kubernetes.io/',
  'kubectl.kubernetes.io/last-applied-configuration',
]

/**
 * The manifest that, created, gives the same object again: without status, without what the server sets in metadata,
 * the two protection finalizers, the notes of the binding and the version in a volume's claimRef. All else stays,
 * fields that nobody here knows included; the object given is not changed.
 */
export function withoutServerFields<T extends KubeObject>(object: T): T {
  const metadata = withoutServerMetadata(object.metadata)
  metadata.finalizers = metadata.finalizers?.filter((name) => name !== PV_PROTECTION && name !== PVC_PROTECTION)
  metadata.annotations = pick(metadata.annotations, (key) => !BINDING_ANNOTATIONS.has(key))
  const bare: T = { ...object, metadata: withoutEmpty(metadata) }
  delete bare.status
  const { spec } = bare
  if (object.kind === 'PersistentVolume' && isRecord(spec) && isRecord(spec.claimRef)) {
    const { resourceVersion, ...claimRef } = spec.claimRef
    Object.assign(bare, { spec: { ...spec, claimRef } })
  }
  return bare
}

/** The metadata with which the object can be created again: without what belongs to the one that is or was there. */
export function withoutServerMetadata(metadata: ObjectMeta): ObjectMeta {
  const kept = { ...metadata }
  for (const field of SERVER_METADATA) delete kept[field]
  return kept
}

/** The annotations that a person gave the object: none of a controller's, none of kubectl's. */
export function userAnnotations(object: KubeObject): Record<string, string> | undefined {
  return pick(object.metadata.annotations, (key) => !controllersAnnotation(key))
}

/** True for an annotation that a controller, or kubectl, writes for itself. */
export function controllersAnnotation(key: string): boolean {
  return OTHERS_ANNOTATIONS.some((prefix) => key.startsWith(prefix))
}

/** The object without the server's bookkeeping of its versions: what it is, and which one it is, stays. */
export function withoutVersions<T extends KubeObject>(object: T): T {
  const metadata: ObjectMeta = { ...object.metadata }
  delete metadata.managedFields
  delete metadata.resourceVersion
  return { ...object, metadata }
}

function pick(
  from: Record<string, string> | undefined,
  keep: (key: string) => boolean,
): Record<string, string> | undefined {
  if (from === undefined) return undefined
  const entries = Object.entries(from).filter(([key]) => keep(key))
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

function withoutEmpty(metadata: ObjectMeta): ObjectMeta {
  if (metadata.finalizers === undefined || metadata.finalizers.length === 0) delete metadata.finalizers
  if (metadata.annotations === undefined) delete metadata.annotations
  return metadata
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
