import { isDeepStrictEqual } from 'node:util'
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Pair,
  parseAllDocuments,
  stringify,
  type YAMLMap,
} from 'yaml'

/** Why a text cannot be changed: it is no YAML, or what was to be changed is tied to what was not. */
export class YamlTrouble extends Error {
  /** Its line, the first being 1, where one can be named. */
  readonly line: number | undefined

  constructor(message: string, line?: number) {
    super(message)
    this.line = line
  }
}

/** A document of a YAML text, as a value, and where it stands. */
export interface YamlDocument {
  value: unknown
  /** The line on which its content begins, the first being 1. */
  line: number
  /** As it is written. */
  text: string
}

interface Edit {
  start: number
  end: number
  text: string
}

// As kubectl reads manifests: https://yaml.org/spec/1.1
const READING = { version: '1.1', merge: true, uniqueKeys: false, logLevel: 'silent' } as const
const MAX_ALIASES = 10_000
/** Where a plain scalar's text begins, among the tokens of the lexer. */
const SCALAR_TOKEN = '\x1f'

/**
 * The text with other values, and all that says the same as before left to the letter: comments, order, quotes, anchors,
 * line ends. What is taken out leaves its comments behind.
 * @param change the value that a document is to have; the one that it was given where nothing changes. It changes no list's length.
 * @throws YamlTrouble for what is no YAML, and where the change cannot be made without another one
 */
export function changeYaml(source: string, change: (document: YamlDocument) => unknown): string {
  const wanted: unknown[] = []
  const edits: Edit[] = []
  for (const document of read(source)) {
    const value = asValue(document)
    const [start, , end] = document.range
    const content = document.contents?.range?.[0] ?? start
    const now = change({ value, line: lineAt(source, content), text: source.slice(start, end) })
    wanted.push(now)
    if (document.contents) new Editor(source, document, edits).edit(document.contents, value, now)
  }
  if (edits.length === 0) return source
  const text = edited(source, edits)
  const values = read(text).map(asValue)
  const amiss = wanted.findIndex((value, index) => !isDeepStrictEqual(value, values[index]))
  if (amiss >= 0 || values.length !== wanted.length)
    throw new YamlTrouble('it uses anchors in more places than the one that would change')
  return text
}

function read(source: string): Document.Parsed[] {
  const documents = parseAllDocuments(source, READING)
  // of an empty text there is a list of none, with what stood before it
  return [...documents].map((document) => {
    const [error] = document.errors
    if (error) throw new YamlTrouble(firstLine(error.message), error.linePos?.[0].line)
    return document as Document.Parsed
  })
}

function asValue(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES })
  } catch (error) {
    throw new YamlTrouble(firstLine((error as Error).message))
  }
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')
}

function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length
}

function edited(source: string, edits: Edit[]): string {
  let text = source
  for (const { start, end, text: now } of edits.sort((a, b) => b.start - a.start || b.end - a.end)) {
    text = text.slice(0, start) + now + text.slice(end)
  }
  return text
}

/** Collects what has to change in one document, the smallest piece at a time. */
class Editor {
  private readonly source: string
  private readonly document: Document.Parsed
  private readonly edits: Edit[]
  private readonly newline: string

  constructor(source: string, document: Document.Parsed, edits: Edit[]) {
    this.source = source
    this.document = document
    this.edits = edits
    this.newline = source.includes('\r\n') ? '\r\n' : '\n'
  }

  edit(node: Node, was: unknown, now: unknown): void {
    if (isDeepStrictEqual(was, now)) return
    if (isSeq(node) && Array.isArray(was) && Array.isArray(now) && was.length === now.length) {
      for (const [index, item] of node.items.entries()) this.edit(item as Node, was[index], now[index])
      return
    }
    if (isMap<Node, Node | null>(node) && isObject(was) && isObject(now)) {
      const own = ownPairs(node)
      // what comes in by a merge cannot be taken out one by one
      const plain = Object.keys(was).every((key) => own.has(key)) && own.size === node.items.length
      const alike = isDeepStrictEqual(Object.keys(was).sort(), Object.keys(now).sort())
      if (plain && node.flow && alike) {
        this.editValues(own, was, now)
        return
      }
      if (plain && !node.flow && node.items.length > 0) {
        this.editBlock(own, was, now)
        return
      }
    }
    this.replace(node, now)
  }

  private editValues(own: Map<string, Pair<Node, Node | null>>, was: Values, now: Values): void {
    for (const [key, { value }] of own) if (value) this.edit(value, was[key], now[key])
  }

  private editBlock(own: Map<string, Pair<Node, Node | null>>, was: Values, now: Values): void {
    const gone = [...own].filter(([key]) => !(key in now))
    const come = Object.entries(now).filter(([key]) => !own.has(key))
    for (const [key, pair] of own) {
      if (!(key in now) || isDeepStrictEqual(was[key], now[key])) continue
      if (pair.value && this.isEditable(pair.value, was[key], now[key])) this.edit(pair.value, was[key], now[key])
      else this.replacePair(pair, { [key]: now[key] })
    }
    const [first, ...others] = gone
    for (const [, pair] of others) this.removePair(pair)
    const last = [...own.values()].at(-1)
    const added = Object.fromEntries(come)
    if (come.length === 0 && first) this.removePair(first[1])
    else if (first) this.replacePair(first[1], added)
    else if (come.length > 0 && last) this.append(last, added)
  }

  /** True where the value can be changed where it stands; else it comes anew, with its key. */
  private isEditable(node: Node, was: unknown, now: unknown): boolean {
    if (isScalar(node))
      return !isObject(now) && !Array.isArray(now) && node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED'
    if (isMap(node)) return isObject(now) && (node.flow === true || Object.keys(now).length > 0)
    return isSeq(node) && Array.isArray(was) && Array.isArray(now) && (node.flow === true || was.length === now.length)
  }

  /** A value in place of another, on the line where that stands. */
  private replace(node: Node, now: unknown): void {
    const [start, end] = node.range ?? [0, 0]
    const isJson = /^[{[]\s*["{[\]}]/.test(this.source.slice(start, end)) || this.source[start] === '"'
    this.edits.push({ start, end, text: isJson ? this.json(now, start, end) : inFlow(now) })
  }

  /** JSON that is laid out as what it replaces. */
  private json(now: unknown, start: number, end: number): string {
    const was = this.source.slice(start, end)
    const step = /\n([ \t]*)/.exec(was)?.[1]
    if (step === undefined) return JSON.stringify(now)
    const base = /^[ \t]*/.exec(this.source.slice(this.lineStart(start)))?.[0] ?? ''
    return JSON.stringify(now, null, step.slice(base.length) || '  ').replaceAll('\n', this.newline + base)
  }

  private replacePair(pair: Pair<Node, Node | null>, now: Values): void {
    const { start, end } = this.extent(pair)
    const column = this.column(start)
    const lines = [...this.comments(pair), ...this.lines(now)]
    this.edits.push({ start, end, text: lines.join(this.newline + ' '.repeat(column)) })
  }

  private removePair(pair: Pair<Node, Node | null>): void {
    const { start, end } = this.extent(pair)
    const comments = this.comments(pair)
    const lineStart = this.lineStart(start)
    if (comments.length > 0) {
      const text = comments.join(this.newline + ' '.repeat(this.column(start)))
      this.edits.push({ start, end, text })
    } else if (this.source.slice(lineStart, start).trim() === '') {
      this.edits.push({ start: lineStart, end: this.afterLine(end), text: '' })
    } else {
      // it shares its line with the dash of its list: the next one takes its place
      const rest = /^\s*/.exec(this.source.slice(end))?.[0].length ?? 0
      this.edits.push({ start, end: end + rest, text: '' })
    }
  }

  private append(last: Pair<Node, Node | null>, now: Values): void {
    const { start, end } = this.extent(last)
    const indent = this.newline + ' '.repeat(this.column(start))
    const at = this.lineEnd(end)
    this.edits.push({
      start: at,
      end: at,
      text: this.lines(now)
        .map((line) => indent + line)
        .join(''),
    })
  }

  /** Block style as this document has it. */
  private lines(now: Values): string[] {
    const text = stringify(now, {
      version: '1.1',
      lineWidth: 0,
      aliasDuplicateObjects: false,
      indent: 2,
      indentSeq: this.indentsLists(),
    })
    return text.trimEnd().split('\n')
  }

  private indentsLists(): boolean {
    const key = /^( *)(?:- )?[^\s#][^\n]*:[ \t]*\r?\n( *)- /m.exec(this.source.slice(...this.span()))
    return key ? (key[2]?.length ?? 0) > (key[1]?.length ?? 0) : true
  }

  private span(): [number, number] {
    return [this.document.range[0], this.document.range[2]]
  }

  /** From the key to the end of its value, with a comment that follows on the last line where the whole is to go. */
  private extent({ key, value }: Pair<Node, Node | null>): { start: number; end: number } {
    const [start = 0, keyEnd = 0] = key.range ?? []
    const valueEnd = Math.max(value?.range?.[1] ?? 0, keyEnd)
    const trimmed = start + this.source.slice(start, valueEnd).trimEnd().length
    return { start, end: value ? this.lineEnd(trimmed) : this.lineEnd(keyEnd) }
  }

  private comments(pair: Pair<Node, Node | null>): string[] {
    const { start, end } = this.extent(pair)
    const tokens = [...new Lexer().lex(this.source.slice(start, end))]
    return tokens.filter((token, index) => token.startsWith('#') && tokens[index - 1] !== SCALAR_TOKEN)
  }

  private column(offset: number): number {
    return offset - this.lineStart(offset)
  }

  private lineStart(offset: number): number {
    return this.source.lastIndexOf('\n', offset - 1) + 1
  }

  /** Where the line ends that an offset is on, before the characters that end it. */
  private lineEnd(offset: number): number {
    const end = this.source.indexOf('\n', offset)
    if (end < 0) return this.source.length
    return this.source[end - 1] === '\r' ? end - 1 : end
  }

  private afterLine(offset: number): number {
    const end = this.source.indexOf('\n', offset)
    return end < 0 ? this.source.length : end + 1
  }
}

type Values = Record<string, unknown>

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The pairs that a map writes itself, by key; none of a merge. */
function ownPairs(map: YAMLMap<Node, Node | null>): Map<string, Pair<Node, Node | null>> {
  return new Map(
    map.items.flatMap((pair) =>
      isScalar(pair.key) && !isCollection(pair.key) && !isAlias(pair.key)
        ? [[String(pair.key.value), pair] as const]
        : [],
    ),
  )
}

function inFlow(value: unknown): string {
  const text = stringify(value, {
    version: '1.1',
    lineWidth: 0,
    collectionStyle: 'flow',
    flowCollectionPadding: false,
    aliasDuplicateObjects: false,
  })
  return text.trimEnd()
}
