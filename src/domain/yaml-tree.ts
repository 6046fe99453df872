import {
  type AliasEvent,
  EVENT_ID,
  type Event,
  getScalarValue,
  type MappingEvent,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  type SequenceEvent,
  YAMLException,
} from 'js-yaml'
import { Refusal } from './failure.ts'

/** A value of a YAML file that knows its place; an alias is the very node that its anchor names. */
export type YamlNode = YamlScalar | YamlList | YamlMap
interface YamlScalar {
  kind: 'scalar'
  offset: number
  value: string | number | boolean | null
  /** As it is written in the file, quotes aside. */
  text: string
}
interface YamlList {
  kind: 'list'
  offset: number
  items: YamlNode[]
}
interface YamlMap {
  kind: 'map'
  offset: number
  entries: { key: YamlNode; value: YamlNode }[]
}

// Files for people are small. The bounds keep one that was made to do harm from doing any.
const MAX_CHARACTERS = 1 << 20
const MAX_ALIASES = 1000
const MAX_DEPTH = 100

/** What is said of a text that is no YAML, in the language of whoever wrote it. */
export interface YamlWords {
  tooLarge(file: string, characters: number, most: number): string
  checkFile(): string
  invalidYaml(place: string, why: string): string
  correctLine(): string
}

/** The documents of a YAML text, empty ones left out. Throws a Refusal, with the line, where it is no YAML. */
export function parseYaml(text: string, file: string, says: YamlWords): YamlNode[] {
  if (text.length > MAX_CHARACTERS) {
    throw new Refusal(says.tooLarge(file, text.length, MAX_CHARACTERS), { remedy: says.checkFile() })
  }
  try {
    return new TreeReader(text, parseEvents(text, { filename: file, maxDepth: MAX_DEPTH })).documents()
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const place = error.mark ? `:${error.mark.line + 1}` : ''
    throw new Refusal(says.invalidYaml(`${file}${place}`, error.reason), { remedy: says.correctLine(), cause: error })
  }
}

/** The line of an offset, the first being 1. */
export function lineOf(text: string, offset: number): number {
  return linesOf(text)(offset)
}

/** Finds the lines of many offsets in a text; the text is scanned once. */
export function linesOf(text: string): (offset: number) => number {
  const ends: number[] = []
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) ends.push(at)
  return (offset) => {
    let [before, after] = [0, ends.length]
    while (before < after) {
      const middle = (before + after) >> 1
      if ((ends[middle] ?? 0) < offset) before = middle + 1
      else after = middle
    }
    return before + 1
  }
}

class TreeReader {
  private readonly text: string
  private readonly events: Iterator<Event>
  private anchors = new Map<string, YamlNode>()
  private aliases = 0
  private last = 0

  constructor(text: string, events: Event[]) {
    this.text = text
    this.events = events[Symbol.iterator]()
  }

  documents(): YamlNode[] {
    const documents: YamlNode[] = []
    while (this.next()?.type === EVENT_ID.DOCUMENT) {
      this.anchors = new Map()
      const node = this.node()
      if (node && !(node.kind === 'scalar' && node.value === null)) documents.push(node)
      if (node) this.next()
    }
    return documents
  }

  /** The next node; undefined where the collection or document ends instead. */
  private node(): YamlNode | undefined {
    const event = this.next()
    if (!event || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) return undefined
    if (event.type === EVENT_ID.ALIAS) return this.alias(event)
    if (event.type === EVENT_ID.SCALAR) return this.anchored(event, this.scalar(event))
    if (event.type === EVENT_ID.SEQUENCE) return this.list(event)
    return this.map(event)
  }

  private list(event: SequenceEvent): YamlList {
    const list = this.anchored<YamlList>(event, { kind: 'list', offset: event.start, items: [] })
    for (let item = this.node(); item; item = this.node()) list.items.push(item)
    return list
  }

  private map(event: MappingEvent): YamlMap {
    const map = this.anchored<YamlMap>(event, { kind: 'map', offset: event.start, entries: [] })
    for (let key = this.node(); key; key = this.node()) {
      const value = this.node()
      if (value) map.entries.push({ key, value })
    }
    return map
  }

  private scalar(event: ScalarEvent): YamlScalar {
    const text = event.valueStart < 0 ? '' : getScalarValue(this.text, event)
    // What is not written stands where the last thing before it stands: its key, most often.
    if (event.valueStart >= 0) this.last = event.valueStart
    const tag = event.tagStart < 0 ? '' : this.text.slice(event.tagStart, event.tagEnd)
    const isText = event.style !== SCALAR_STYLE.PLAIN || tag !== ''
    if (tag !== '' && tag !== '!!str' && tag !== '!')
      YAMLException.throwAt(this.text, event.tagStart, `tag ${tag} is not supported`)
    return { kind: 'scalar', offset: this.last, text, value: isText ? text : plainValue(text) }
  }

  private alias(event: AliasEvent): YamlNode {
    const name = this.text.slice(event.anchorStart, event.anchorEnd)
    const node = this.anchors.get(name)
    if (!node)
      YAMLException.throwAt(this.text, event.anchorStart, `anchor &${name} of this alias is not defined before it`)
    if (++this.aliases > MAX_ALIASES)
      YAMLException.throwAt(this.text, event.anchorStart, `more than ${MAX_ALIASES} aliases`)
    return node
  }

  private anchored<T extends YamlNode>(event: ScalarEvent | SequenceEvent | MappingEvent, node: T): T {
    if (event.anchorStart >= 0) this.anchors.set(this.text.slice(event.anchorStart, event.anchorEnd), node)
    return node
  }

  private next(): Event | undefined {
    const { value, done } = this.events.next()
    return done ? undefined : value
  }
}

/** What an unquoted scalar means: https://yaml.org/spec/1.2.2/#103-core-schema */
function plainValue(text: string): string | number | boolean | null {
  if (/^(|~|null|Null|NULL)$/.test(text)) return null
  if (/^(true|True|TRUE)$/.test(text)) return true
  if (/^(false|False|FALSE)$/.test(text)) return false
  if (/^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$/.test(text)) return Number(text)
  if (/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(text)) return Number(text)
  return text
}
