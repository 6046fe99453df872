import type { FileSystemImage } from '../../domain/filesystem.ts'
import type { KubeObject } from '../../domain/object.ts'
import {
  DRIVER_CONFIG,
  DRIVER_CONTAINER,
  type Installation,
  installationAmong,
  isMountPod,
  MOUNT_CONTAINER,
  MOUNT_IMAGES,
  MOUNT_QUERIES,
} from './parts.ts'
import { mountImageIn } from './settings.ts'
import type { JuiceFSTarget } from './target.ts'

interface Containers {
  containers?: { name: string; image?: string; env?: { name: string; value?: string }[] }[]
}

/** The first 0.x of the driver whose own juicefs is 1.2 or later, which the mover needs: its release notes of v0.25.0. */
const WITH_MOVER = 25

/** Why an image has too old a juicefs for the mover, as far as its name says so: the rest of a sentence that begins with it. */
export function moverProblem(image: string): string | undefined {
  const [, major, minor] = /(?:^|\/)mount:(?:ce-)?v?(\d+)\.(\d+)/.exec(image) ?? []
  const ofMount = major !== undefined && (Number(major) < 1 || (Number(major) === 1 && Number(minor) < 2))
  const ofDriver = Number(/(?:^|\/)juicefs-csi-driver:v?0\.(\d+)/.exec(image)?.[1] ?? WITH_MOVER) < WITH_MOVER
  if (!ofMount && !ofDriver) return undefined
  return `has juicefs ${ofMount ? `${major}.${minor}` : 'before 1.2'}, and juicefs sync has to be 1.2 or later`
}

/** An air-gapped cluster has an image with juicefs where the driver mounts with it, and nowhere else. */
export function imageOn(target: JuiceFSTarget): FileSystemImage {
  // what is set in the Secret's namespace counts only where the driver is there too
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', namespace: target.secretRef.namespace, name: DRIVER_CONFIG }
  return {
    unknown: `no mount pod runs in the driver’s namespace, and no DaemonSet of the driver there sets a mount image, or runs one of 0.${WITH_MOVER} or later`,
    queries: [...MOUNT_QUERIES, settings],
    of: (objects) => {
      const installation = installationAmong(target, objects)
      const pods = objects.filter(({ kind }) => kind === 'Pod')
      const configs = objects.filter(
        ({ kind, metadata }) => kind === 'ConfigMap' && installation.namespaces.includes(metadata.namespace ?? ''),
      )
      return mountedImage(pods, installation) ?? mountImageIn(configs) ?? configuredImage(installation)
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
  return image !== undefined && moverProblem(image) === undefined ? image : undefined
}
