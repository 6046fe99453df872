import { Refusal } from '../domain/failure.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import type { Migration } from '../domain/migration.ts'
import { compareText, isGlob, matchesGlob, nearest } from '../domain/text.ts'
import type { PersistentVolume } from '../domain/volume.ts'
import { namespaceOf } from './candidate.ts'
import { called } from './migration-file.ts'

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
 * @param volumes all that the cluster has: a finding says of those on no disk that they stay
 * @param otherNamespaces namespaces that are known to be there without a volume of their own
 * @param nodes the names of the cluster's nodes
 * @throws Refusal that names the place in the file, or the flag, and the nearest right word
 */
export function checkNames(
  migration: Migration,
  volumes: PersistentVolume[],
  otherNamespaces: Iterable<string>,
  nodes: Iterable<string>,
): void {
  const names = new Set(volumes.map((pv) => pv.metadata.name))
  const namespaces = new Set([...volumes.map(namespaceOf), ...otherNamespaces].filter((name) => name !== ''))
  const { select, source, paths } = migration
  const selected = [
    ...unmatched(migration, 'spec.select.namespaces', select.namespaces, namespaces, 'namespace with a claim'),
    ...unmatched(migration, 'spec.select.volumes', select.volumes, names, VOLUME),
    ...unmatched(migration, 'spec.select.exclude', select.exclude, names, VOLUME),
  ]
  const sources = Array.isArray(source.nodes) ? source.nodes : []
  const known = new Set(nodes)
  const problems = [
    ...selected,
    ...unmatched(migration, 'spec.source.nodes', sources, known, 'node'),
    ...paths.flatMap((rule, i) => [
      ...(rule.volume === undefined
        ? []
        : unmatchedAt(migration, `spec.paths[${i}].volume`, rule.volume, names, VOLUME)),
      ...(rule.node === undefined ? [] : unmatchedAt(migration, `spec.paths[${i}].node`, rule.node, known, 'node')),
    ]),
  ]
  if (problems.length === 0) return
  const show = selected.length > 0 ? 'pv' : 'nodes'
  throw new Refusal(problems.join('\n'), { remedy: `Correct it; kubectl get ${show} shows the names.` })
}

const VOLUME = 'volume'

/** The refusal of a selection that matches nothing that there would be a word to say about. */
export function selectsNothing(migration: Migration, volumes: PersistentVolume[], { title }: FileSystem): Refusal {
  const { namespaces, volumes: names } = migration.select
  const known = [...new Set(volumes.map(namespaceOf))].filter((name) => name !== '').sort(compareText)
  if (volumes.length === 0) {
    return new Refusal(`There is no volume on a disk in this cluster, and none on ${title}.`, {
      remedy: 'Is it the right cluster? --context and --kubeconfig choose another; kubectl get pv shows its volumes.',
    })
  }
  const flag = called(migration, 'spec.select.namespaces')
  const place = flag.startsWith('--') ? flag : called(migration, 'spec.select')
  const others =
    known.length > 0 ? `there are some in ${known.join(', ')}` : 'no claim is bound to those that there are'
  return new Refusal(`${place}: ${[...namespaces, ...names].join(', ')} selects no volume on a disk; ${others}`, {
    remedy: 'Correct the selection; kubectl get pv shows the names.',
  })
}

function unmatched(migration: Migration, path: string, names: string[], known: Set<string>, what: string): string[] {
  return names.flatMap((name, i) => unmatchedAt(migration, `${path}[${i}]`, name, known, what))
}

function unmatchedAt(migration: Migration, path: string, name: string, known: Set<string>, what: string): string[] {
  if (isGlob(name) || known.has(name)) return []
  const near = nearest(name, known)
  return [`${called(migration, path)}: no ${what} is named ${name}${near ? `; did you mean ${near}?` : ''}`]
}
