import { nearest } from './text.ts'
import { lineOf, type YamlNode } from './yaml-tree.ts'

/** Reads typed values out of a YAML file, and collects all that is wrong with it instead of stopping at the first. */
export class Reading {
  readonly problems: string[] = []
  /** Path of a value to its place, as `file:line: `. */
  readonly places = new Map<string, string>()
  private readonly text: string
  private readonly file: string

  constructor(text: string, file: string) {
    this.text = text
    this.file = file
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
    const quoted = this.node.kind === 'scalar' && this.node.value !== null ? `; write "${this.node.text}"` : ''
    this.problem(`expected a string, found ${describe(this.node)}${quoted}`)
    return ''
  }

  filledText(): string {
    const text = this.text()
    if (text === '' && this.node.kind === 'scalar' && this.node.value === '')
      this.problem('expected a string, found an empty one')
    return text
  }

  boolean(): boolean {
    if (this.node.kind === 'scalar' && typeof this.node.value === 'boolean') return this.node.value
    this.problem(`expected true or false, found ${describe(this.node)}`)
    return false
  }

  positiveNumber(): number {
    if (this.node.kind === 'scalar' && typeof this.node.value === 'number' && this.node.value > 0)
      return this.node.value
    this.problem(`expected a number above 0, found ${describe(this.node)}`)
    return 1
  }

  wholeNumber(most: number): number {
    const { node } = this
    const found = node.kind === 'scalar' && typeof node.value === 'number' ? node.value : Number.NaN
    if (Number.isInteger(found) && found >= 1 && found <= most) return found
    this.problem(`expected a whole number from 1 to ${most}, found ${describe(node)}`)
    return 1
  }

  oneOf<const T extends string>(allowed: readonly [T, ...T[]]): T {
    const found = this.node.kind === 'scalar' ? this.node.value : undefined
    const match = allowed.find((word) => word === found)
    if (match === undefined) {
      const near = typeof found === 'string' && allowed.length > 1 ? nearest(found, allowed) : undefined
      this.problem(
        `expected ${allowed.join(' or ')}, found ${describe(this.node)}${near ? `; did you mean ${near}?` : ''}`,
      )
    }
    return match ?? allowed[0]
  }

  list<T>(item: (value: Value) => T): T[] {
    if (this.node.kind !== 'list') {
      this.problem(`expected a list, found ${describe(this.node)}`)
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
    if (this.value.isMap()) this.value.problem(`missing required key ${key}`)
    return new Value(SILENT, this.value.node, key)
  }

  optional(key: string): Value | undefined {
    const found = this.values.get(key)
    return found?.node.kind === 'scalar' && found.node.value === null ? undefined : found
  }
}

// What is missing has been said once; reading further below it must not say so again.
const SILENT = new (class extends Reading {
  override problem(): void {}
})('', '')

/** Reads a map that may have these keys and no others. */
export function readMap(value: Value, keys: readonly string[]): MapReader {
  const values = new Map<string, Value>()
  for (const [key, entry] of entriesOf(value)) {
    if (keys.includes(key)) values.set(key, entry)
    else entry.problem(unknownKey(key, keys))
  }
  return new MapReader(value, values)
}

function unknownKey(key: string, keys: readonly string[]): string {
  const near = nearest(key, keys)
  return `unknown key; ${near ? `did you mean ${near}?` : `known keys: ${keys.join(', ')}`}`
}

function entriesOf(value: Value): [string, Value][] {
  const { node, reading, path } = value
  if (node.kind !== 'map') {
    value.problem(`expected a map, found ${describe(node)}`)
    return []
  }
  const seen = new Set<string>()
  return node.entries.flatMap(({ key, value: entry }): [string, Value][] => {
    const problem = keyProblem(key, seen)
    if (problem !== undefined) {
      reading.problem(key, path, problem)
      return []
    }
    const name = key.kind === 'scalar' ? key.text : ''
    seen.add(name)
    return [[name, reading.value(entry, path === '' ? name : `${path}.${name}`)]]
  })
}

function keyProblem(key: YamlNode, seen: Set<string>): string | undefined {
  if (key.kind !== 'scalar') return `expected a string as key, found ${describe(key)}`
  if (key.text === '__proto__') return 'the key __proto__ is not allowed'
  return seen.has(key.text) ? `duplicate key ${key.text}` : undefined
}

function describe(node: YamlNode): string {
  if (node.kind !== 'scalar') return `a ${node.kind}`
  if (node.value === null) return 'nothing'
  return typeof node.value === 'string' ? JSON.stringify(node.value) : `the ${typeof node.value} ${node.text}`
}
