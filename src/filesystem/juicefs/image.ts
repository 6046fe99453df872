import type { FileSystemImage } from '../../domain/filesystem.ts'
import type { KubeObject } from '../../domain/object.ts'
import type { Survey } from '../../domain/survey.ts'
import {
  type Installation,
  installationAmong,
  installationOf,
  isMountPod,
  MOUNT_CONTAINER,
  MOUNT_IMAGES,
  MOUNT_QUERIES,
} from './parts.ts'
import type { JuiceFSTarget } from './target.ts'

interface Containers {
  containers?: { name: string; image?: string; env?: { name: string; value?: string }[] }[]
}

/** An air-gapped cluster has an image with juicefs where the driver mounts with it, and nowhere else. */
export function imageOn(target: JuiceFSTarget): FileSystemImage {
  return {
    unknown: 'no mount pod runs in the driver’s namespace, and the driver’s DaemonSet names none',
    queries: MOUNT_QUERIES,
    of: (objects) => {
      const installation = installationAmong(target, objects)
      const pods = objects.filter(({ kind }) => kind === 'Pod')
      return mountedImage(pods, installation) ?? configuredImage(installation)
    },
    isKnown: ({ csiDrivers, controllers, pods }: Survey) => {
      const installation = installationOf(target, { csiDrivers, daemonSets: controllers })
      return pods.some((pod) => isMountPod(pod, installation)) || configuredImage(installation) !== undefined
    },
  }
}

/** The image of the mount container of the first mount pod. */
function mountedImage(pods: KubeObject[], installation: Installation): string | undefined {
  return pods
    .filter(({ metadata: { namespace, labels = {} } }) => isMountPod({ namespace, labels }, installation))
    .flatMap(({ spec }) => (spec as Containers | undefined)?.containers ?? [])
    .find(({ name }) => name === MOUNT_CONTAINER)?.image
}

/** The image that the driver is set to mount with. */
function configuredImage({ daemonSet }: Installation): string | undefined {
  const { template } = (daemonSet?.spec ?? {}) as { template?: { spec?: Containers } }
  const env = (template?.spec?.containers ?? []).flatMap((container) => container.env ?? [])
  return MOUNT_IMAGES.map((name) => env.find((variable) => variable.name === name)?.value).find(
    (value) => value !== undefined,
  )
}
