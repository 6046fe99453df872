import { readFile, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { Failure, refused } from '../domain/failure.ts'
import { changeYaml, type YamlDocument, YamlTrouble } from '../domain/yaml-edit.ts'
import { fileTrouble } from '../words/file-trouble.ts'
import { messages } from '../words/messages.ts'
import { decodeText } from './encoding.ts'
import { type FoundFile, filesBelow } from './folder.ts'
import { jsonTexts, MANIFEST } from './manifests.ts'
import { replaceBytes } from './text-file.ts'

const BYTE_ORDER_MARK = '\uFEFF'

/** A file of manifests, as it was read. */
export interface ManifestFile {
  /** Below the folder that was named, with slashes; its own name where it was named itself. */
  name: string
  /** Where it is, links followed. */
  path: string
  bytes: Uint8Array
  /** Without a byte order mark. */
  text: string
}

/** What is in a folder of manifests. */
export interface ManifestFolder {
  files: ManifestFile[]
  /** What is left alone, and why, as whole sentences. */
  leftAlone: string[]
}

/**
 * Reads the manifests of a folder and those below it, in the order of their names, or of one file. Links are followed
 * within the folder, and named where they lead out of it. Throws Refusal where there is nothing to read.
 */
export async function readManifestFolder(folder: string): Promise<ManifestFolder> {
  const root = await resolved(folder)
  if (!(await stat(root)).isDirectory()) return readAll([{ name: path.basename(folder), path: root }], [])
  const found = await walk(root)
  const read = await readAll(found.files, found.leftAlone)
  if (read.files.length + read.leftAlone.length > 0) return read
  throw refused(messages().refusal.noManifests([folder], ''))
}

async function resolved(folder: string): Promise<string> {
  try {
    return await realpath(folder)
  } catch (cause) {
    throw refused(messages().refusal.cannotRead('folder', folder, fileTrouble(cause)), { cause })
  }
}

async function walk(root: string): Promise<{ files: FoundFile[]; leftAlone: string[] }> {
  const leftAlone: string[] = []
  const isInside = ({ name, path: at }: FoundFile) => {
    const inside = at === root || at.startsWith(root + path.sep)
    if (!inside) leftAlone.push(messages().manifests.linkLeadsOut(name))
    return inside
  }
  const found = await filesBelow(root, (folder) => !/(^|\/)\.git$/.test(folder.name) && isInside(folder))
  const files = new Map<string, FoundFile>()
  for (const file of found.filter(({ name }) => MANIFEST.test(name)).filter(isInside)) {
    // what a link within the folder leads to is met under its own name, unless that is none of a manifest
    const own = path.relative(root, file.path).split(path.sep).join('/')
    if (!files.has(file.path)) files.set(file.path, { ...file, name: MANIFEST.test(own) ? own : file.name })
  }
  return { files: [...files.values()], leftAlone: leftAlone.sort() }
}

async function readAll(found: FoundFile[], leftAlone: string[]): Promise<ManifestFolder> {
  const files: ManifestFile[] = []
  for (const { name, path: at } of found) {
    try {
      const bytes = await readFile(at)
      files.push({ name, path: at, bytes, text: decodeText(bytes, name) })
    } catch (error) {
      leftAlone.push(
        error instanceof Failure ? error.message : messages().manifests.trouble(name, fileTrouble(error), false),
      )
    }
  }
  return { files, leftAlone }
}

/** The text with what has to change in it, as `changeYaml` says; JSON texts may follow each other. Throws as it does. */
export function changeManifests(text: string, change: (document: YamlDocument) => unknown): string {
  const texts = jsonTexts(text)
  if (!texts) return changeYaml(text, change)
  let [changed, at] = ['', 0]
  for (const { text: one, line } of texts) {
    const start = text.indexOf(one, at)
    const now = changeYaml(one, (document) => change({ ...document, line: line - 1 + document.line }))
    changed += text.slice(at, start) + now
    at = start + one.length
  }
  return changed + text.slice(at)
}

/** Why a file cannot be changed, as a whole sentence. Throws what is no such trouble. */
export function whyNotChanged({ name, text }: ManifestFile, error: unknown): string {
  if (!(error instanceof YamlTrouble)) throw error
  const at = error.line === undefined ? name : `${name}:${error.line}`
  return messages().manifests.trouble(at, error.message, isTemplate(text))
}

/** True where a text is to be filled in before it is YAML. */
export function isTemplate(text: string): boolean {
  return /\{\{-?[^}]*\}\}/.test(text)
}

/** Writes a file as it is to be, with the byte order mark that it had. Throws Refusal where that cannot be. */
export async function writeManifest(file: ManifestFile, text: string): Promise<void> {
  const mark = Buffer.from(file.bytes.subarray(0, 3)).toString() === BYTE_ORDER_MARK ? BYTE_ORDER_MARK : ''
  await replaceBytes(file.path, file.bytes, Buffer.from(mark + text))
}
