import { JSON_SCHEMA, load } from 'js-yaml'
import type { KubeObject } from '../../domain/object.ts'
import { type LabelSelector, selectsLabels } from '../../domain/selector.ts'
import type { PersistentVolumeClaim } from '../../domain/volume.ts'

/** How the driver's settings change the mount pods of the claims that it selects, all of them where it selects none. */
export interface MountPodPatch {
  mountOptions?: string[]
  ceMountImage?: string
  pvcSelector?: LabelSelector & { matchName?: string; matchStorageClassName?: string }
}

/** The patches of a ConfigMap with the driver's settings, in their order; undefined where it cannot be read. */
export function patchesOf(config: KubeObject): MountPodPatch[] | undefined {
  const { data = {} } = config as { data?: Record<string, string> }
  try {
    const settings = load(data['config.yaml'] ?? '{}', { schema: JSON_SCHEMA }) as { mountPodPatch?: MountPodPatch[] }
    return Array.isArray(settings?.mountPodPatch) ? settings.mountPodPatch : []
  } catch {
    return undefined
  }
}

/** Of the driver's settings what is read here, and for which claims. What cannot be read stays so. */
export function settingsRead(config: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = config
  const mountPodPatch = patchesOf(config)?.map(({ mountOptions, ceMountImage, pvcSelector }) => ({
    mountOptions,
    ceMountImage,
    pvcSelector,
  }))
  const text = mountPodPatch ? JSON.stringify({ mountPodPatch }) : '{'
  const { name, namespace, uid } = metadata
  return { apiVersion, kind, metadata: { name, namespace, uid }, data: { 'config.yaml': text } }
}

/** Whether a patch is for the mount pods of that claim: https://juicefs.com/docs/csi/guide/configurations/ */
export function selects({ pvcSelector }: MountPodPatch, { metadata, spec }: PersistentVolumeClaim): boolean {
  const { matchName, matchStorageClassName, ...labelSelector } = pvcSelector ?? {}
  return (
    (matchName === undefined || matchName === metadata.name) &&
    (matchStorageClassName === undefined || matchStorageClassName === (spec.storageClassName ?? '')) &&
    selectsLabels(labelSelector, metadata.labels)
  )
}

/** The image of the mount pods of all claims, where the settings name one: of several patches the last one counts. */
export function mountImageIn(configs: readonly KubeObject[]): string | undefined {
  return configs
    .flatMap((config) => patchesOf(config) ?? [])
    .filter(({ pvcSelector }) => pvcSelector === undefined)
    .flatMap(({ ceMountImage }) => ceMountImage ?? [])
    .at(-1)
}
