import { Refusal } from '../domain/failure.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import type { CopySettings } from '../domain/migration.ts'
import type { Mover } from '../domain/mover.ts'
import type { Progress } from '../domain/progress.ts'
import { everyMover } from '../filesystem/registry.ts'
import { worded } from '../words/trouble.ts'
import { rsync } from './rsync.ts'

/**
 * What moves the data: the mover that the settings name, else the file system's own, else rsync, which works on every one.
 * @throws Refusal where the settings name one that the file system does not have: another version wrote them
 */
export function moverOf({ mover: name }: Pick<CopySettings, 'mover'>, { movers, title }: FileSystem): Mover {
  const known = [...movers, rsync]
  const found = name === undefined ? known[0] : known.find((mover) => mover.name === name)
  if (found) return found
  const names = known.map((mover) => mover.name)
  throw new Refusal(...worded((say) => say.copy.noMover(title, name ?? '', names)))
}

/** What a line of progress of any mover's says; undefined where it is none of theirs. */
export function moverProgress(line: string): Progress | undefined {
  for (const mover of [rsync, ...everyMover()]) {
    const progress = mover.readProgress(line)
    if (progress) return progress
  }
  return undefined
}
