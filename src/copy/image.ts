import type { Cluster } from '../cluster/cluster.ts'
import { Refusal } from '../domain/failure.ts'
import type { CopySettings } from '../domain/migration.ts'
import type { KubeObject } from '../domain/object.ts'

interface PodSpec {
  containers?: { name: string; image?: string; env?: { name: string; value?: string }[] }[]
}
type Pod = KubeObject & { spec?: PodSpec }
type DaemonSet = KubeObject & { spec?: { template?: { spec?: PodSpec } } }

/**
 * The image that the Jobs run: the migration's, else, for juicefs sync, the one that the driver mounts with, which
 * the nodes have already. Throws a Refusal that asks for one where none is found.
 */
export async function imageFor(cluster: Cluster, settings: CopySettings): Promise<string> {
  if (settings.image) return settings.image
  if (settings.mover === 'rsync') {
    throw new Refusal('the rsync mover needs an image that has rsync, and the migration names none', {
      remedy: 'Set spec.copy.image to one that your nodes can pull, or use spec.copy.mover: juicefs.',
    })
  }
  const image = await mountedImage(cluster)
  if (image) return image
  throw new Refusal('no image with juicefs was found: no mount pod runs, and the driver’s DaemonSet names none', {
    remedy: 'Set spec.copy.image to the image of your mount pods (juicedata/mount:ce-v…).',
  })
}

/** The image that the driver mounts with; undefined where nothing tells it. */
export async function mountedImage(cluster: Cluster): Promise<string | undefined> {
  return mountImage(await mountPods(cluster)) ?? driverImage(await driverSets(cluster))
}

async function mountPods(cluster: Cluster): Promise<Pod[]> {
  const labelSelector = 'app.kubernetes.io/name=juicefs-mount'
  return (await cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod' }, { labelSelector })).items
}

async function driverSets(cluster: Cluster): Promise<DaemonSet[]> {
  const labelSelector = 'app=juicefs-csi-node'
  return (await cluster.list<DaemonSet>({ apiVersion: 'apps/v1', kind: 'DaemonSet' }, { labelSelector })).items
}

/** The image of the mount container of the first mount pod. */
export function mountImage(pods: Pod[]): string | undefined {
  return pods.flatMap((pod) => pod.spec?.containers ?? []).find(({ name }) => name === 'jfs-mount')?.image
}

/** The driver's setting of the mount pods' image: the community edition's, else the older common one. */
export function driverImage(sets: DaemonSet[]): string | undefined {
  const env = sets
    .flatMap((set) => set.spec?.template?.spec?.containers ?? [])
    .flatMap((container) => container.env ?? [])
  const value = (name: string) => env.find((variable) => variable.name === name)?.value
  return value('JUICEFS_CE_MOUNT_IMAGE') ?? value('JUICEFS_MOUNT_IMAGE')
}
