import type { Mover, MoverWork } from './mover.ts'
import { literal } from './mover.ts'
import { JUICEFS } from './script/scripts.ts'

/** The environment variable that holds the metadata engine's address; the host part of a jfs:// address names it. */
export const METAURL_VARIABLE = 'juicify_fs'

/**
 * `juicefs sync`, straight to the file system's metadata and objects. It keeps no hard links, extended attributes,
 * sparseness nor the times of directories.
 */
export const juicefs: Mover = {
  name: 'juicefs',
  keepsDirectoryTimes: false,
  merges: false,
  script: () => JUICEFS,
  command: juicefsCommand,
  progress: juicefsProgress,
  meaning: (exitCode) => (exitCode === 1 ? 'some objects failed, or juicefs could not start' : undefined),
}

/** The arguments of `juicefs sync`, with source and destination: both end with a slash, or neither would be a directory. */
export function juicefsCommand(work: MoverWork): string[] {
  const there = `jfs://${METAURL_VARIABLE}/${work.subdir === '' ? '' : `${work.subdir}/`}`
  return [
    '--dirs',
    '--links',
    '--perms',
    // By size alone, as it does by default, a file that was overwritten in place would look unchanged.
    ...(work.pass === 'warm' && !work.thorough ? ['--update'] : ['--check-all']),
    ...(work.deletes ? ['--delete-dst'] : []),
    ...(work.bandwidth === undefined ? [] : [`--bwlimit=${Math.max(1, Math.round(work.bandwidth * 8.388608))}`]),
    ...work.leave.map((path) => `--exclude=/${/[*?[]/.test(path) ? literal(path) : path}`),
    '--metrics=127.0.0.1:9567',
    work.back ? there : 'file:///source/',
    work.back ? 'file:///target/' : there,
  ]
}

/** The metrics of its own that juicefs sync serves, on one line. */
export function juicefsProgress(line: string): ReturnType<Mover['progress']> {
  const metric = (name: string): number | undefined => {
    const value = new RegExp(`juicefs_sync_${name} ([\\d.e+]+)`).exec(line)?.[1]
    return value === undefined ? undefined : Math.round(Number(value))
  }
  const bytes = metric('copied_bytes')
  if (bytes === undefined) return undefined
  const files = metric('copied')
  const handled = metric('handled')
  const scanned = metric('scanned')
  return {
    bytes,
    ...(files === undefined ? {} : { files }),
    ...(handled === undefined || !scanned ? {} : { percent: Math.floor((100 * handled) / scanned) }),
  }
}
