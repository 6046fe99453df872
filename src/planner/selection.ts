import { type Refusal, refused } from '../domain/failure.ts'
import type { FileSystem } from '../domain/filesystem.ts'
import type { Migration } from '../domain/migration.ts'
import { haveLabels } from '../domain/selector.ts'
import type { Survey } from '../domain/survey.ts'
import { compareText, isGlob, matchesGlob, nearest } from '../domain/text.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../domain/volume.ts'
import { messages } from '../words/messages.ts'
import type { NamedKind } from '../words/refusals.en.ts'
import { namespaceOf } from './candidate.ts'
import { claimNamed } from './lookup.ts'
import { called } from './migration-file.ts'

/** True where the migration names the volume among those that stay. */
export function isExcluded(pv: PersistentVolume, { select }: Migration): boolean {
  return anyMatches(select.exclude, pv.metadata.name)
}

/**
 * True where namespaces, names and labels select the volume, whether it is excluded or not.
 * @param survey has its claim, whose labels count as its own
 */
export function isMatched(pv: PersistentVolume, migration: Migration, survey: Pick<Survey, 'claims'>): boolean {
  const { namespace, name } = pv.spec.claimRef ?? {}
  const labels = () => [pv.metadata.labels, claimNamed(survey, namespace, name)?.metadata.labels]
  return matches(migration, namespaceOf(pv), pv.metadata.name, labels)
}

/** True where the migration wants the volume moved that is gone from under that claim. */
export function selectsLost({ metadata, spec }: PersistentVolumeClaim, migration: Migration): boolean {
  const name = spec.volumeName ?? ''
  const isWanted = matches(migration, metadata.namespace, name, () => [metadata.labels])
  return isWanted && !anyMatches(migration.select.exclude, name)
}

function matches(
  { select }: Migration,
  namespace: string,
  name: string,
  labels: () => (Record<string, string> | undefined)[],
): boolean {
  const { namespaces, volumes } = select
  return (
    (namespaces.length === 0 || anyMatches(namespaces, namespace)) &&
    (volumes.length === 0 || anyMatches(volumes, name)) &&
    (select.labels === undefined || haveLabels(labels(), select.labels))
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
    ...unmatched(migration, 'spec.select.namespaces', select.namespaces, namespaces, 'namespace'),
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
  throw refused(messages().refusal.unknownNames(problems, show))
}

const VOLUME = 'volume'

/** The refusal of a selection that matches nothing that there would be a word to say about. */
export function selectsNothing(migration: Migration, volumes: PersistentVolume[], { title }: FileSystem): Refusal {
  const { namespaces, volumes: names, labels } = migration.select
  const says = messages().refusal
  const known = [...new Set(volumes.map(namespaceOf))].filter((name) => name !== '').sort(compareText)
  if (volumes.length === 0) {
    return refused(says.noVolumes(title))
  }
  if (labels !== undefined) {
    return refused(says.labelsSelectNothing(called(migration, 'spec.select.labels'), labels))
  }
  const flag = called(migration, 'spec.select.namespaces')
  const place = flag.startsWith('--') ? flag : called(migration, 'spec.select')
  return refused(says.selectsNothing(place, [...namespaces, ...names], known))
}

function unmatched(migration: Migration, path: string, names: string[], known: Set<string>, what: NamedKind): string[] {
  return names.flatMap((name, i) => unmatchedAt(migration, `${path}[${i}]`, name, known, what))
}

function unmatchedAt(migration: Migration, path: string, name: string, known: Set<string>, what: NamedKind): string[] {
  if (isGlob(name) || known.has(name)) return []
  const near = nearest(name, known)
  return [messages().refusal.noSuchName(called(migration, path), what, name, near)]
}
