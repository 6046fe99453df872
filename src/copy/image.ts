import type { Cluster } from '../cluster/cluster.ts'
import { Refusal } from '../domain/failure.ts'
import type { Mover } from '../domain/mover.ts'
import { imageOf } from '../filesystem/objects.ts'
import { fileSystemOf } from '../filesystem/registry.ts'
import { worded } from '../words/trouble.ts'
import type { CopyTask } from './task.ts'

/**
 * The image that the Jobs run: the migration's, else, for a mover of the file system's own, the one that its driver mounts
 * with, which the nodes have already. Throws a Refusal that asks for one where none is found.
 */
export async function imageFor(cluster: Cluster, { settings, target }: CopyTask, mover: Mover): Promise<string> {
  const fileSystem = fileSystemOf(target)
  if (settings.image) return settings.image
  if (!fileSystem.movers.includes(mover)) {
    const others = fileSystem.movers.map(({ name }) => name)
    throw new Refusal(...worded((say) => say.copy.moverNeedsImage(mover.name, mover.image, others)))
  }
  const image = await imageOf(cluster, fileSystem)
  if (image) return image
  throw new Refusal(...worded((say) => say.copy.noImage(fileSystem.image.unknown, mover.image)))
}
