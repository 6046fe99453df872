import { compareText } from './text.ts'

/** How one directory lies to another. */
export type Relation = 'equal' | 'above' | 'below' | 'apart'

/**
 * An absolute path as the kernel reads it, links aside: no trailing slash, no `.`, no doubled slashes, `..` taken out.
 * The root is `/`. Relative paths (subdirs of a file system) are treated alike; their root is the empty string.
 */
export function normalise(path: string): string {
  if (!/^$|\/\/|(^|\/)\.\.?(\/|$)|\/$/.test(path)) return path
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return (path.startsWith('/') ? '/' : '') + parts.join('/')
}

/** How the normalised path `a` lies to the normalised path `b`: `above` where b is below a. */
export function relationOf(a: string, b: string): Relation {
  if (a === b) return 'equal'
  if (isBelow(b, a)) return 'above'
  return isBelow(a, b) ? 'below' : 'apart'
}

/** True where the normalised path lies strictly below the other one. */
export function isBelow(path: string, ancestor: string): boolean {
  if (ancestor === '/' || ancestor === '') return path.length > ancestor.length
  return path.length > ancestor.length && path.startsWith(ancestor) && path[ancestor.length] === '/'
}

/** What is left of `path` below or at `ancestor`, without a leading slash; undefined where it lies elsewhere. */
export function below(path: string, ancestor: string): string | undefined {
  if (path === ancestor) return ''
  if (!isBelow(path, ancestor)) return undefined
  return path.slice(ancestor === '/' || ancestor === '' ? ancestor.length : ancestor.length + 1)
}

/** A key by whose order of code units every directory is followed by all that lies below it, before any other. */
export function directoryKey(path: string): string {
  // A slash sorts before every other character, so that /a/b comes before /a-c; the root is a prefix of all.
  // Split and joined, for replaceAll takes twenty times as long on a path of a thousand parts.
  return path === '/' ? '' : path.split('/').join('\0')
}

/** Sorts by directoryKey; equal ones keep their order. */
export function sortByDirectory<T>(items: readonly T[], directory: (item: T) => string): T[] {
  const keyed = items.map((item) => ({ item, key: directoryKey(directory(item)) }))
  return keyed.sort((a, b) => compareText(a.key, b.key)).map(({ item }) => item)
}

/** The directories that lie below no other of them, in order, each once; all are normalised. */
export function topmost(directories: Iterable<string>): string[] {
  const tops: string[] = []
  for (const directory of sortByDirectory([...directories], (path) => path)) {
    const last = tops.at(-1)
    if (last === undefined || (directory !== last && !isBelow(directory, last))) tops.push(directory)
  }
  return tops
}
