import { Refusal } from '../domain/failure.ts'
import type { Migration } from '../domain/migration.ts'
import { compareText, isGlob, matchesGlob, nearest } from '../domain/text.ts'
import type { PersistentVolume } from '../domain/volume.ts'
import { namespaceOf } from './candidate.ts'
import { placeOf } from './migration-file.ts'

/** True where the migration names the volume among those that stay. */
export function isExcluded(pv: PersistentVolume, { select }: Migration): boolean {
  return anyMatches(select.exclude, pv.metadata.name)
}

/** True where namespaces and names select the volume, whether it is excluded or not. */
export function isMatched(pv: PersistentVolume, migration: Migration): boolean {
  return matches(migration, namespaceOf(pv), pv.metadata.name)
}

/** True where the migration wants a volume of that name moved, bound to a claim of that namespace. */
export function selects(migration: Migration, namespace: string, name: string): boolean {
  return matches(migration, namespace, name) && !anyMatches(migration.select.exclude, name)
}

function matches({ select: { namespaces, volumes } }: Migration, namespace: string, name: string): boolean {
  return (
    (namespaces.length === 0 || anyMatches(namespaces, namespace)) &&
    (volumes.length === 0 || anyMatches(volumes, name))
  )
}

function anyMatches(globs: string[], name: string): boolean {
  return globs.some((glob) => matchesGlob(glob, name))
}

/**
 * Holds the migration's names against what is there: a plain name that matches nothing is a mistake, and most of all
 * one in `exclude`. Globs may match nothing.
 * @param volumes those on a disk and those on the target
 * @param otherNamespaces namespaces that are known to be there without a volume of their own
 * @throws Refusal that names the place in the file and the nearest right word
 */
export function checkNames(migration: Migration, volumes: PersistentVolume[], otherNamespaces: Iterable<string>): void {
  const names = new Set(volumes.map((pv) => pv.metadata.name))
  const namespaces = new Set([...volumes.map(namespaceOf), ...otherNamespaces].filter((name) => name !== ''))
  const problems = [
    ...unmatched(migration, 'namespaces', namespaces, 'namespace with a claim'),
    ...unmatched(migration, 'volumes', names, 'volume on a disk or on the target'),
    ...unmatched(migration, 'exclude', names, 'volume on a disk or on the target'),
  ]
  if (problems.length === 0) return
  throw new Refusal(problems.join('\n'), { remedy: 'Correct the selection; kubectl get pv shows the names.' })
}

/** The refusal of a selection that matches nothing that there would be a word to say about. */
export function selectsNothing(migration: Migration, volumes: PersistentVolume[]): Refusal {
  const { namespaces, volumes: names } = migration.select
  const known = [...new Set(volumes.map(namespaceOf))].filter((name) => name !== '').sort(compareText)
  const words = [...namespaces, ...names].join(', ') || 'everything'
  return new Refusal(
    `${placeOf(migration, 'spec.select')}spec.select: ${words} selects no volume on a disk; there are ${known.length > 0 ? `some in ${known.join(', ')}` : 'none in this cluster'}`,
    { remedy: 'Correct the selection; kubectl get pv shows the names.' },
  )
}

function unmatched(
  migration: Migration,
  key: 'namespaces' | 'volumes' | 'exclude',
  known: Set<string>,
  what: string,
): string[] {
  return migration.select[key].flatMap((name, i) => {
    if (isGlob(name) || known.has(name)) return []
    const near = nearest(name, known)
    const path = `spec.select.${key}[${i}]`
    return [`${placeOf(migration, path)}${path}: no ${what} is named ${name}${near ? `; did you mean ${near}?` : ''}`]
  })
}
