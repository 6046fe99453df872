import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Summary, TimedEvent } from '../../src/engine/events.ts'

/** What a line of `-o json` holds. */
export type Line = TimedEvent | Summary

const schema = JSON.parse(readFileSync(new URL('../../docs/events.schema.json', import.meta.url), 'utf8')) as {
  $defs: Record<string, { properties?: { type?: { const: string } } }>
}
const validate = new Ajv2020({ allErrors: true, discriminator: false }).compile(schema)

/** The types of lines that the schema knows. */
export const TYPES = Object.values(schema.$defs).flatMap(({ properties }) => properties?.type?.const ?? [])

/** Why a line is none; empty where it is one. */
export function problemsOf(line: unknown): string[] {
  if (validate(line)) return []
  const type = (line as { type?: string }).type ?? ''
  const errors = (validate.errors ?? []).filter(({ schemaPath }) => schemaPath.includes(`/${type}/`))
  return errors.length > 0
    ? errors.map(({ instancePath, message }) => `${instancePath} ${message}`)
    : [`no line has the type ${JSON.stringify(type)}`]
}
