import { below, normalise } from '../domain/directory.ts'
import { Refusal } from '../domain/failure.ts'
import type { Target } from '../domain/filesystem.ts'
import type { CopySettings } from '../domain/migration.ts'
import { worded } from '../words/trouble.ts'
import { workSubdirOf } from './names.ts'

/** One top directory of a group, and where it is to go. */
export interface CopyTask {
  /** The group's name, a DNS-1123 label: the Jobs carry it. */
  group: string
  /** The directory on the nodes, normalised. */
  directory: string
  /** Where it goes on the file system, relative; empty for the root. */
  subdir: string
  /** The nodes that hold it; several are merged. One is enough where the path is shared. */
  nodes: string[]
  /** The node of each Job that takes a part of it, where it is split; all of them see the same directory. */
  parts?: string[]
  /** What the group's volumes have shown of it, relative; `.` for all of it. */
  volumes?: string[]
  /** Directories below `directory` that are left out, absolute and normalised. */
  staying: string[]
  target: Target
  settings: CopySettings
}

/** The paths to leave out, relative to the directory. Throws a Refusal for one that no pattern can hold. */
export function excludedPaths(task: Pick<CopyTask, 'group' | 'directory' | 'staying' | 'subdir'>): string[] {
  const relative = task.staying.map((path) => {
    const part = below(normalise(path), task.directory)
    if (!part) throw new Refusal(...worded((say) => say.copy.notInside(path, task.directory)))
    return part
  })
  // Where juicify keeps the listings of a merge, at the root of the file system; nothing of people's is called so.
  if (task.subdir === '') relative.push(workSubdirOf(task))
  for (const path of [task.directory, ...relative]) {
    if (/\p{Cc}/u.test(path)) throw new Refusal(...worded((say) => say.copy.controlCharacter(JSON.stringify(path))))
  }
  return relative
}
