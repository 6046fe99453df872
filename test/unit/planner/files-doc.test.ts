import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readMigration } from '../../../src/planner/migration-file.ts'

test('the migration in docs/files.md is one, and what it says of defaults is true', () => {
  const text = readFileSync(new URL('../../../docs/files.md', import.meta.url), 'utf8')
  const yaml = /```yaml\n(.*?)```/s.exec(text)?.[1] ?? ''
  const full = readMigration(yaml, 'docs/files.md')
  const short = readMigration(
    yaml
      .replace(/^ {2}(source|copy|quiesce):.*\n(?: {4}.*\n)*/gm, '')
      .replace(/^ {4}(kind|driver|volumeAttributes|mountOptions|exclude):.*\n/gm, ''),
    'docs/files.md',
  )
  const { mover, parallel, verify, onConflict, intoExisting, bringMissing, ...copy } = full.copy
  expect({ mover, parallel, verify, onConflict, intoExisting, bringMissing }).toEqual({
    mover: 'juicefs',
    parallel: 1,
    verify: 'content',
    onConflict: 'newest',
    intoExisting: false,
    bringMissing: false,
  })
  expect({ ...full, copy }).toEqual(short)
})
