import { constants, lstatSync, statSync } from 'node:fs'
import path from 'node:path'
import { refused } from '../domain/failure.ts'
import { messages } from '../words/messages.ts'

/** True of a file or folder that belongs to this user, and that nobody else may write; root is not asked about. */
export function isOursAlone({ uid, mode }: { uid: number; mode: number }): boolean {
  return process.geteuid === undefined || (uid === process.geteuid() && (mode & 0o022) === 0)
}

/**
 * With which flag a file that is to be written is to be opened: one that keeps `open` from following a link that comes at that
 * moment, or none where a link is there that may be followed, as `latest.html` or /dev/stderr. In a folder in which others may
 * write, one of theirs may lead to any file of ours.
 * @throws Refusal where it is such a link
 */
export function linkFlag(file: string): number {
  const { O_NOFOLLOW = 0 } = constants
  const there = lstatSync(file, { throwIfNoEntry: false })
  if (!there?.isSymbolicLink()) return O_NOFOLLOW
  const folder = statSync(path.dirname(file))
  const trusted = [0, process.geteuid?.(), folder.uid]
  if ((folder.mode & 0o022) === 0 || trusted.includes(there.uid)) return 0
  throw refused(messages().refusal.linkOfAnother(file))
}
