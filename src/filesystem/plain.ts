import type { FileSystemImage, FileSystemMounts } from '../domain/filesystem.ts'

/** Mounts without pods of a driver's, which show what people have put there and nothing else, and make no directory. */
export const PLAIN_MOUNTS: FileSystemMounts = {
  queries: [],
  podsOf: () => [],
  makesPlaces: false,
  blockSize: 4096,
  // a server without a limit says 0, or -1 read as an unsigned number
  freeInodes: (said) => (said <= 0 || said >= 2 ** 63 ? undefined : said),
}

/** Of a file system that is mounted with nothing that juicify's Jobs could run. */
export const NO_IMAGE: FileSystemImage = {
  queries: [],
  of: () => undefined,
  unknown: 'nothing in the cluster tells one',
}

/**
 * Why no volume is given that directory: what passes through a driver, a shell and a table of mounts as it is, are letters and
 * digits of all scripts, and a few signs. In the form of `FileSystemVolumes.subdirProblem`.
 */
export function plainSubdirProblem(subdir: string): string | undefined {
  const dots = subdir.split('/').find((part) => part === '..' || part === '.')
  if (dots !== undefined) return `it holds \`${dots}\``
  const wrong = /[^\p{L}\p{M}\p{N}._/@+:%=-]/u.exec(subdir)?.[0]
  if (wrong === undefined) return undefined
  return `it holds ${JSON.stringify(wrong)}; letters, digits and . _ - / @ + : % = do`
}
