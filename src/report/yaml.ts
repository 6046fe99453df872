import { DUMP_SCHEMA, dump, type ScalarTagDefinition } from 'js-yaml'

const isInteger = (tag: { tagName: string }): tag is ScalarTagDefinition => tag.tagName === 'tag:yaml.org,2002:int'

// Integers beyond 2^53 come from the server as bigints, and js-yaml knows none.
const SCHEMA = DUMP_SCHEMA.withTags(
  DUMP_SCHEMA.tags.filter(isInteger).map((tag) => ({
    ...tag,
    identify: (value: unknown) => typeof value === 'bigint' || tag.identify(value),
  })),
)

/** YAML that kubectl reads back as the same value: nothing folded, no anchors; keys in the order that they have. */
export function toYaml(value: unknown): string {
  return dump(value, { lineWidth: -1, noRefs: true, schema: SCHEMA })
}
