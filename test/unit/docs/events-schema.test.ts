import { toJsonSchema } from '@valibot/to-json-schema'
import { expect, test } from 'vitest'
import { EVENTS_VERSION } from '../../../src/engine/events.ts'
import { LINES } from '../../../src/engine/events-schema.ts'

test('docs/events.schema.json is what the types of the lines give; vitest -u writes it anew', async () => {
  const definitions = Object.entries(LINES).map(([type, line]) => {
    const { $schema, ...definition } = toJsonSchema(line, { target: 'draft-2020-12' })
    return [type, definition] as const
  })
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `A line of -o json, version ${EVENTS_VERSION}`,
    description: 'What apply, copy, resume and rollback print on standard output. Types, keys and values may be added.',
    oneOf: Object.keys(LINES).map((type) => ({ $ref: `#/$defs/${type}` })),
    $defs: Object.fromEntries(definitions),
  }
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot('../../../docs/events.schema.json')
})
