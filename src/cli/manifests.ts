import { stat } from 'node:fs/promises'
import path from 'node:path'
import {
  constructFromEvents,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  YAML11_SCHEMA,
  YAMLException,
} from 'js-yaml'
import { Failure, refused } from '../domain/failure.ts'
import { linesOf } from '../domain/yaml-tree.ts'
import { fileTrouble } from '../words/file-trouble.ts'
import { messages } from '../words/messages.ts'
import { filesBelow } from './folder.ts'
import { fileName, readText, STANDARD_INPUT } from './text-file.ts'

/** How a file of manifests is called. */
export const MANIFEST = /\.(ya?ml|json)$/i

/** Manifests that were read, each with the place that it is from. */
export interface Manifests {
  /** Objects and Lists, in the order in which they were given. */
  objects: unknown[]
  /** Where an object, or the item of a List, is from: its file and line. */
  places: Map<unknown, Place>
  /** Files of a folder that cannot be read as manifests, and why: a folder may hold other things too. */
  unreadable: string[]
}

interface Place {
  /** `pv.yaml:12` */
  at: string
  /** Its file was named itself, and not only the folder that it is in: then it has to be as it should. */
  named: boolean
}

/**
 * The objects and Lists in files of manifests, in those of folders and the folders below them, in the order of their names,
 * and on standard input, which is `-`. Read as kubectl reads them: as YAML 1.1, or as JSON texts one after the other. Throws
 * Refusal naming the file, unless it is one of a folder.
 */
export async function readManifests(sources: readonly string[]): Promise<Manifests> {
  const read: Manifests = { objects: [], places: new Map(), unreadable: [] }
  for (const source of sources) {
    const { files, named } = await manifestFiles(source)
    for (const file of files) {
      try {
        await readFileOfManifests(file, named, read)
      } catch (error) {
        if (named || !(error instanceof Failure)) throw error
        read.unreadable.push(error.message)
      }
    }
  }
  if (read.objects.length === 0) {
    const why = read.unreadable.map((message) => `\n  ${message}`).join('')
    throw refused(messages().refusal.noManifests([...sources], why))
  }
  return read
}

async function manifestFiles(source: string): Promise<{ files: string[]; named: boolean }> {
  if (source === STANDARD_INPUT) return { files: [source], named: true }
  try {
    if (!(await stat(source)).isDirectory()) return { files: [source], named: true }
    const files = (await filesBelow(source)).filter(({ name }) => MANIFEST.test(name))
    return { files: files.map(({ name }) => path.join(source, name)), named: false }
  } catch (cause) {
    throw refused(messages().refusal.cannotRead('other', source, fileTrouble(cause)), { cause })
  }
}

async function readFileOfManifests(file: string, named: boolean, { objects, places }: Manifests): Promise<void> {
  const text = await readText(file, 'manifest')
  const shown = fileName(file)
  const documents = jsonTexts(text) ?? [{ text, line: 1 }]
  for (const document of documents) {
    for (const { value, parts } of readDocuments(document.text, document.line, shown)) {
      if (value === null || value === undefined) continue
      objects.push(value)
      for (const [part, line] of parts) places.set(part, { at: `${shown}:${line}`, named })
    }
  }
}

/** An action of Go's templates, which charts are made of: `{{ .Values.name }}`, `{{- if … }}`. */
const TEMPLATE = /\{\{-?\s*[.$\w"(]/

interface ReadDocument {
  value: unknown
  /** The line of the document, and of each item where it is a List. */
  parts: [unknown, number][]
}

function readDocuments(source: string, firstLine: number, file: string): ReadDocument[] {
  try {
    const events = parseEvents(source, { filename: file })
    const values = constructFromEvents(events, { source, schema: YAML11_SCHEMA, filename: file })
    const starts = startsOf(events, source)
    const lineOf = linesOf(source)
    const line = (offset: number | undefined) => firstLine - 1 + lineOf(offset ?? 0)
    return values.map((value, index) => {
      const items = itemsOf(value).map((item, at): [unknown, number] => [item, line(starts[index]?.items[at])])
      return { value, parts: [[value, line(starts[index]?.start)], ...items] }
    })
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause
    const at = cause.mark ? `:${firstLine + cause.mark.line}` : ''
    const says = messages().refusal
    throw refused(
      TEMPLATE.test(source) ? says.aTemplate(`${file}${at}`) : says.invalidYaml(`${file}${at}`, cause.reason),
      {
        cause,
      },
    )
  }
}

function itemsOf(value: unknown): unknown[] {
  const items = typeof value === 'object' && value !== null && 'items' in value ? value.items : undefined
  return Array.isArray(items) ? items : []
}

interface Starts {
  start?: number
  /** Those of the entries of its `items`. */
  items: number[]
}

/** Where each document begins, and what its `items` are. */
function startsOf(events: Event[], source: string): Starts[] {
  const documents: Starts[] = []
  let depth = 0
  let [isKey, inItems, key] = [true, false, '']
  for (const event of events) {
    if (event.type === EVENT_ID.DOCUMENT) {
      documents.push({ items: [] })
      ;[depth, isKey, inItems] = [0, true, false]
      continue
    }
    if (event.type === EVENT_ID.POP) {
      depth--
      if (depth === 1) inItems = false
      continue
    }
    const document = documents.at(-1)
    const start = 'start' in event ? event.start : undefined
    if (depth === 0 && start !== undefined && document) document.start = start
    if (depth === 2 && inItems && start !== undefined) document?.items.push(start)
    if (depth === 1) {
      if (isKey) key = event.type === EVENT_ID.SCALAR ? getScalarValue(source, event) : ''
      else inItems = key === 'items' && event.type === EVENT_ID.SEQUENCE
      isKey = !isKey
    }
    if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) depth++
  }
  return documents
}

/** The JSON objects of a text that is nothing else, with the line that each begins at; undefined where it is something else. */
export function jsonTexts(text: string): { text: string; line: number }[] | undefined {
  if (!/^\s*\{/.test(text)) return undefined
  const texts: { text: string; line: number }[] = []
  let [depth, start, line, startLine] = [0, 0, 1, 1]
  // strings in whole, for they may hold braces; then what opens, closes, or is a new line
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\\n]|\\.)*"|[{}\n]|[^\s{}"]/g)) {
    if (token === '\n') line++
    else if (token === '{' && depth++ === 0) [start, startLine] = [index, line]
    else if (token === '}' && --depth === 0) texts.push({ text: text.slice(start, index + 1), line: startLine })
    else if (depth <= 0) return undefined
  }
  return depth === 0 && texts.length > 1 ? texts : undefined
}
