import type { FileSystemImage } from '../../domain/filesystem.ts'
import type { KubeObject } from '../../domain/object.ts'
import type { Survey } from '../../domain/survey.ts'
import {
  DRIVER_CONTAINER,
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

/** The first 0.x of the driver whose own juicefs is 1.2 or later, which the mover needs: its release notes of v0.25.0. */
const WITH_MOVER = 25

/** An air-gapped cluster has an image with juicefs where the driver mounts with it, and nowhere else. */
export function imageOn(target: JuiceFSTarget): FileSystemImage {
  return {
    unknown: `no mount pod runs in the driver’s namespace, its DaemonSet names none, and its own image is older than 0.${WITH_MOVER}`,
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

/** The image that the driver is set to mount with; else its own. */
function configuredImage({ daemonSet }: Installation): string | undefined {
  const { template } = (daemonSet?.spec ?? {}) as { template?: { spec?: Containers } }
  const containers = template?.spec?.containers ?? []
  const env = containers.flatMap((container) => container.env ?? [])
  const named = MOUNT_IMAGES.map((name) => env.find((variable) => variable.name === name)?.value)
  return named.find((value) => value !== undefined) ?? ownImage(containers)
}

/**
 * The image of the driver itself, which has the juicefs that it formats with; its manifests name none for mount pods, for
 * which it has a default built in.
 */
function ownImage(containers: NonNullable<Containers['containers']>): string | undefined {
  const image = containers.find(({ name }) => name === DRIVER_CONTAINER)?.image
  const minor = /:v?0\.(\d+)\b/.exec(image ?? '')?.[1]
  return minor !== undefined && Number(minor) < WITH_MOVER ? undefined : image
}
