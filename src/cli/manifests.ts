import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { loadAll, YAML11_SCHEMA } from 'js-yaml'
import { fileTrouble, Refusal } from '../domain/failure.ts'
import { readText } from './text-file.ts'

const MANIFEST = /\.(ya?ml|json)$/i

/**
 * The objects and Lists in a file of manifests, or in those of a folder and the folders below it, in the order of their
 * names. Read as kubectl reads them, as YAML 1.1. Throws Refusal naming the file.
 */
export async function readManifests(place: string): Promise<unknown[]> {
  const files = await manifestFiles(place)
  const objects = await Promise.all(files.map(readFileOfManifests))
  if (objects.flat().length === 0) {
    throw new Refusal(`${place} holds no manifests.`, {
      remedy: 'Name a file or a folder with .yaml, .yml or .json files in it.',
    })
  }
  return objects.flat()
}

async function manifestFiles(place: string): Promise<string[]> {
  try {
    if (!(await stat(place)).isDirectory()) return [place]
    const names = await readdir(place, { recursive: true })
    return names
      .filter((name) => MANIFEST.test(name))
      .sort()
      .map((name) => path.join(place, name))
  } catch (cause) {
    throw new Refusal(`${place} cannot be read: ${fileTrouble(cause)}.`, {
      remedy: 'Name a file or a folder of manifests.',
      cause,
    })
  }
}

async function readFileOfManifests(file: string): Promise<unknown[]> {
  const text = (await readText(file, 'manifest')).replace(/^\uFEFF/, '')
  try {
    const documents = loadAll(text, { schema: YAML11_SCHEMA, filename: file })
    return documents.filter((document) => document !== null && document !== undefined)
  } catch (cause) {
    throw new Refusal(`${file} is no YAML: ${(cause as Error).message.split('\n')[0]}`, {
      remedy: 'Mend it, and run the command again.',
      cause,
    })
  }
}
