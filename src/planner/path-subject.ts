import type { Migration } from '../domain/migration.ts'
import type { PersistentVolume } from '../domain/volume.ts'
import type { PathSubject } from './path-rules.ts'

interface Placed {
  pv: PersistentVolume
  directory: string
  nodes?: string[]
}

/** The nodes that a volume's data is known to be on: those of its affinity, else those that the migration names. */
export function sourceNodes(
  { nodes }: Pick<Placed, 'nodes'>,
  { source }: Pick<Migration, 'source'>,
): string[] | undefined {
  return nodes ?? (Array.isArray(source.nodes) ? [...source.nodes] : undefined)
}

/** What the rules of a migration ask of a volume. */
export function subjectOf(placed: Placed, migration: Pick<Migration, 'source'>): PathSubject {
  const nodes = sourceNodes(placed, migration)
  return { ...namesOf(placed.pv), directory: placed.directory, node: nodes?.length === 1 ? nodes[0] : undefined }
}

/** What rules ask of a volume besides where it is. */
export function namesOf({ metadata, spec }: PersistentVolume): Omit<PathSubject, 'directory'> {
  return { volume: metadata.name, namespace: spec.claimRef?.namespace, claim: spec.claimRef?.name }
}
