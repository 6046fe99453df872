import type { Mover, MoverWork } from '../../domain/mover.ts'
import type { Progress } from '../../domain/progress.ts'
import { moverProblem } from './image.ts'
import whole from './programs/sync.sh'
import library from './programs/sync-mover.sh'
import part from './programs/sync-part.sh'

/**
 * `juicefs sync` between two mounted directories: straight to the file system it would follow links up to its root, and
 * need a Secret. It keeps no hard links, extended attributes, sparseness nor the times of directories.
 */
export const juicefsSync: Mover = {
  name: 'juicefs',
  title: 'juicefs sync',
  image: 'the image of mount pods of JuiceFS 1.2 or later (juicedata/mount:ce-v…)',
  imageProblem: moverProblem,
  keepsDirectoryTimes: false,
  keepsAttributes: false,
  goesByListing: true,
  merges: false,
  exitCodes: { 1: { means: 'some objects failed, or juicefs could not start' } },
  libraries: { 'sync-mover.sh': library },
  program: (layout) => (layout === 'split' ? part : whole),
  command: juicefsCommand,
  amounts: ({ summaries }) => ({ copied: summaries.reduce((sum, line) => sum + copiedIn(line), 0) }),
  readProgress: juicefsProgress,
}

/** The arguments of `juicefs sync`, with source and destination: both end with a slash, or neither would be a directory. */
export function juicefsCommand(work: MoverWork): string[] {
  return [
    '--dirs',
    '--links',
    ...(work.deletes ? ['--delete-dst'] : []),
    ...(work.bandwidth === undefined ? [] : [`--bwlimit=${Math.max(1, Math.round(work.bandwidth * 8.388608))}`]),
    // As a word of its own: of --exclude=/a=b juicefs makes nothing.
    ...work.exclude.flatMap((path) => ['--exclude', `/${glob(path)}`]),
    '--metrics=127.0.0.1:9567',
    'file:///source/',
    'file:///target/',
  ]
}

/** A path as a pattern that matches nothing else. Brackets, because versions differ in what a backslash is. */
function glob(path: string): string {
  return path.replace(/[\\*?[]/g, (char) => (char === '\\' ? '[\\\\]' : `[${char}]`))
}

/** `seconds 12 juicefs_sync_copied 5 …`: the time since it began, and the metrics of its own that juicefs sync serves. */
export function juicefsProgress(line: string): Progress | undefined {
  const number = (name: string): number | undefined => {
    const value = new RegExp(`\\b${name} ([\\d.e+]+)`).exec(line)?.[1]
    return value === undefined ? undefined : Math.round(Number(value))
  }
  const bytes = number('juicefs_sync_copied_bytes')
  if (bytes === undefined) return undefined
  const free = /\bfree (\d+)/.exec(line)?.[1]
  const [files, done, scanned, failed = 0] = ['copied', 'handled', 'scanned', 'failed'].map((name) =>
    number(`juicefs_sync_${name}`),
  )
  // what could not be copied is handled too, to juicefs
  const handled = done === undefined ? undefined : done - failed
  const seconds = number('seconds')
  return {
    bytes,
    ...(files === undefined ? {} : { files }),
    ...(failed > 0 ? { failed } : {}),
    ...(free === undefined ? {} : { free: Number(free) }),
    ...(handled === undefined || !scanned ? {} : { percent: Math.floor((100 * handled) / scanned) }),
    ...(seconds ? { rate: Math.round(bytes / seconds) } : {}),
    ...(seconds && handled && scanned ? { left: Math.round((seconds * (scanned - handled)) / handled) } : {}),
  }
}

/** Of `Found: 5, skipped: 2, copied: 3, failed: 0`. */
function copiedIn(summary: string): number {
  return Number(/copied: *(\d+)/.exec(summary)?.[1] ?? 0)
}
