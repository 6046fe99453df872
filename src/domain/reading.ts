import { nearest } from './text.ts'
import { lineOf, type YamlNode } from './yaml-tree.ts'

/** What a value is, where another was expected. */
export type Found = { is: 'map' | 'list' | 'nothing' } | { is: 'string' | 'number' | 'boolean'; text: string }

/** How people are told what is wrong with a value, in their language. */
export interface ValueWords {
  string(found: Found, quoted?: string): string
  filledString(): string
  boolean(found: Found): string
  positiveNumber(found: Found): string
  wholeNumber(most: number, found: Found): string
  oneOf(allowed: readonly string[], found: Found, near?: string): string
  list(found: Found): string
  map(found: Found): string
  missingKey(key: string): string
  unknownKey(known: readonly string[], near?: string): string
  stringAsKey(found: Found): string
  forbiddenKey(key: string): string
  duplicateKey(key: string): string
}

/** Reads typed values out of a YAML file, and collects all that is wrong with it instead of stopping at the first. */
export class Reading {
  readonly problems: string[] = []
  /** Path of a value to its place, as `file:line: `. */
  readonly places = new Map<string, string>()
  readonly says: ValueWords
  private readonly text: string
  private readonly file: string

  constructor(text: string, file: string, says: ValueWords) {
    this.text = text
    this.file = file
    this.says = says
  }

  value(node: YamlNode, path: string): Value {
    this.places.set(path, this.placeOf(node))
    return new Value(this, node, path)
  }

  problem(node: YamlNode, path: string, what: string): void {
    this.problems.push(`${this.placeOf(node)}${path === '' ? '' : `${path}: `}${what}`)
  }

  private placeOf(node: YamlNode): string {
    return `${this.file}:${lineOf(this.text, node.offset)}: `
  }
}

/** One value of the file. Each way of reading it notes a problem, and gives an empty value, where it is of another type. */
export class Value {
  readonly path: string
  readonly node: YamlNode
  readonly reading: Reading

  constructor(reading: Reading, node: YamlNode, path: string) {
    this.reading = reading
    this.node = node
    this.path = path
  }

  isMap(): boolean {
    return this.node.kind === 'map'
  }

  isList(): boolean {
    return this.node.kind === 'list'
  }

  isEmptyList(): boolean {
    return this.node.kind === 'list' && this.node.items.length === 0
  }

  problem(what: string): void {
    this.reading.problem(this.node, this.path, what)
  }

  /** The text of that key, to tell by it what else is to be read; undefined where there is none, without a word. */
  textAt(key: string): string | undefined {
    if (this.node.kind !== 'map') return undefined
    const entry = this.node.entries.find((each) => each.key.kind === 'scalar' && each.key.text === key)
    return entry?.value.kind === 'scalar' && typeof entry.value.value === 'string' ? entry.value.value : undefined
  }

  /** True where it is a map with that key. */
  has(key: string): boolean {
    return (
      this.node.kind === 'map' && this.node.entries.some((each) => each.key.kind === 'scalar' && each.key.text === key)
    )
  }

  text(): string {
    if (this.node.kind === 'scalar' && typeof this.node.value === 'string') return this.node.value
    const quoted = this.node.kind === 'scalar' && this.node.value !== null ? this.node.text : undefined
    this.problem(this.reading.says.string(found(this.node), quoted))
    return ''
  }

  filledText(): string {
    const text = this.text()
    if (text === '' && this.node.kind === 'scalar' && this.node.value === '')
      this.problem(this.reading.says.filledString())
    return text
  }

  boolean(): boolean {
    if (this.node.kind === 'scalar' && typeof this.node.value === 'boolean') return this.node.value
    this.problem(this.reading.says.boolean(found(this.node)))
    return false
  }

  positiveNumber(): number {
    if (this.node.kind === 'scalar' && typeof this.node.value === 'number' && this.node.value > 0)
      return this.node.value
    this.problem(this.reading.says.positiveNumber(found(this.node)))
    return 1
  }

  wholeNumber(most: number): number {
    const { node } = this
    const number = node.kind === 'scalar' && typeof node.value === 'number' ? node.value : Number.NaN
    if (Number.isInteger(number) && number >= 1 && number <= most) return number
    this.problem(this.reading.says.wholeNumber(most, found(node)))
    return 1
  }

  oneOf<const T extends string>(allowed: readonly [T, ...T[]]): T {
    const value = this.node.kind === 'scalar' ? this.node.value : undefined
    const match = allowed.find((word) => word === value)
    if (match === undefined) {
      const near = typeof value === 'string' && allowed.length > 1 ? nearest(value, allowed) : undefined
      this.problem(this.reading.says.oneOf(allowed, found(this.node), near))
    }
    return match ?? allowed[0]
  }

  list<T>(item: (value: Value) => T): T[] {
    if (this.node.kind !== 'list') {
      this.problem(this.reading.says.list(found(this.node)))
      return []
    }
    return this.node.items.map((node, i) => item(this.reading.value(node, `${this.path}[${i}]`)))
  }

  /** A map of texts with keys of any name. */
  texts(): Record<string, string> {
    const entries = entriesOf(this).map(([key, value]): [string, string] => [key, value.text()])
    return Object.fromEntries(entries)
  }
}

/** A map whose keys are known. */
export class MapReader {
  private readonly value: Value
  private readonly values: Map<string, Value>

  constructor(value: Value, values: Map<string, Value>) {
    this.value = value
    this.values = values
  }

  required(key: string): Value {
    const found = this.values.get(key)
    if (found) return found
    if (this.value.isMap()) this.value.problem(this.value.reading.says.missingKey(key))
    return new Value(new Silent(this.value.reading.says), this.value.node, key)
  }

  optional(key: string): Value | undefined {
    const found = this.values.get(key)
    return found?.node.kind === 'scalar' && found.node.value === null ? undefined : found
  }
}

// What is missing has been said once; reading further below it must not say so again.
class Silent extends Reading {
  constructor(says: ValueWords) {
    super('', '', says)
  }

  override problem(): void {}
}

/** Reads a map that may have these keys and no others. */
export function readMap(value: Value, keys: readonly string[]): MapReader {
  const values = new Map<string, Value>()
  for (const [key, entry] of entriesOf(value)) {
    if (keys.includes(key)) values.set(key, entry)
    else entry.problem(value.reading.says.unknownKey(keys, nearest(key, keys)))
  }
  return new MapReader(value, values)
}

function entriesOf(value: Value): [string, Value][] {
  const { node, reading, path } = value
  if (node.kind !== 'map') {
    value.problem(reading.says.map(found(node)))
    return []
  }
  const seen = new Set<string>()
  return node.entries.flatMap(({ key, value: entry }): [string, Value][] => {
    const problem = keyProblem(key, seen, reading.says)
    if (problem !== undefined) {
      reading.problem(key, path, problem)
      return []
    }
    const name = key.kind === 'scalar' ? key.text : ''
    seen.add(name)
    return [[name, reading.value(entry, path === '' ? name : `${path}.${name}`)]]
  })
}

function keyProblem(key: YamlNode, seen: Set<string>, says: ValueWords): string | undefined {
  if (key.kind !== 'scalar') return says.stringAsKey(found(key))
  if (key.text === '__proto__') return says.forbiddenKey(key.text)
  return seen.has(key.text) ? says.duplicateKey(key.text) : undefined
}

function found(node: YamlNode): Found {
  if (node.kind !== 'scalar') return { is: node.kind }
  const { value, text } = node
  if (value === null) return { is: 'nothing' }
  if (typeof value === 'string') return { is: 'string', text: value }
  return { is: typeof value === 'number' ? 'number' : 'boolean', text }
}
