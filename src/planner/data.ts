import type { Migration } from '../domain/migration.ts'

// Becomes true with the step that copies.
const COPYING = false

/** True where the plan moves the data along; where not, what is in the old directories stays there. */
export function copiesData(migration: Migration): boolean {
  return COPYING && migration.copy.mode === 'copy'
}
