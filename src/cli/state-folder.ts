import { homedir } from 'node:os'
import path from 'node:path'

/** Where juicify keeps, for whoever runs it, what is not in a cluster. */
export function stateFile(...names: string[]): string {
  const state = process.env.XDG_STATE_HOME || path.join(homedir(), '.local', 'state')
  return path.join(state, 'juicify', ...names)
}

/** The uid of a cluster as part of a file's name. */
export function ofCluster(uid: string): string {
  return uid.replace(/[^\w-]/g, '_')
}

/** A moment as part of a file's name: `2026-11-26T20-15-03Z`. */
export function ofMoment(at: Date): string {
  return at.toISOString().slice(0, 19).replaceAll(':', '-').concat('Z')
}

/** Where runs write their logs, unless somebody names a file. */
export function logFolder(): string {
  return stateFile('log')
}
