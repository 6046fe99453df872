import { CORE_SCHEMA, DUMP_SCHEMA, dump, load, NOT_RESOLVED, type ScalarTagDefinition, type Schema } from 'js-yaml'

/** YAML that kubectl reads back as the same value: nothing folded, no anchors; keys in the order that they have. */
export function toYaml(value: unknown): string {
  return dump(value, { lineWidth: -1, noRefs: true, schema: DUMPING })
}

/**
 * The one value of a YAML text as toYaml wrote it, without aliases; integers that a number cannot hold are bigints.
 * Throws js-yaml's YAMLException.
 */
export function fromYaml(text: string, file: string): unknown {
  return load(text.replace(/^\uFEFF/, ''), { filename: file, schema: LOADING, maxAliases: 0 })
}

// Integers beyond 2^53 come from the server as bigints, and js-yaml knows none.
const DUMPING = withIntegers(DUMP_SCHEMA, (tag) => ({
  ...tag,
  identify: (value: unknown) => typeof value === 'bigint' || tag.identify(value),
}))

const LOADING = withIntegers(CORE_SCHEMA, (tag) => ({
  ...tag,
  resolve: (source: string, isExplicit: boolean, tagName: string) => {
    const number = tag.resolve(source, isExplicit, tagName)
    return number === NOT_RESOLVED || Number.isSafeInteger(number) ? number : BigInt(source)
  },
}))

function withIntegers(schema: Schema, change: (tag: ScalarTagDefinition) => ScalarTagDefinition): Schema {
  return schema.withTags(schema.tags.filter(isInteger).map(change))
}

function isInteger(tag: { tagName: string }): tag is ScalarTagDefinition {
  return tag.tagName === 'tag:yaml.org,2002:int'
}
