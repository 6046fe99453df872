import type { Cluster } from '../cluster/cluster.ts'
import { Refusal } from '../domain/failure.ts'
import { imageOf } from '../filesystem/objects.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import type { CopyTask } from './task.ts'

/**
 * The image that the Jobs run: the migration's, else, for juicefs sync, the one that the driver mounts with, which
 * the nodes have already. Throws a Refusal that asks for one where none is found.
 */
export async function imageFor(cluster: Cluster, { settings, target }: CopyTask): Promise<string> {
  const fileSystem = fileSystemOf(target)
  if (settings.image) return settings.image
  if (settings.mover === 'rsync') {
    throw new Refusal('the rsync mover needs an image that has rsync, and the migration names none', {
      remedy: 'Set spec.copy.image to one that your nodes can pull, or use spec.copy.mover: juicefs.',
    })
  }
  const image = await imageOf(cluster, fileSystem)
  if (image) return image
  throw new Refusal(`no image for the Jobs was found: ${fileSystem.image.unknown}`, {
    remedy: `Set spec.copy.image to ${fileSystem.advice.image}.`,
  })
}
