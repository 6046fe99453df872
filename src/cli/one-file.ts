import { getAsset, getRawAsset, isSea } from 'node:sea'

/** Where juicify is one executable file, what a package would have beside it is inside. */
export const IS_ONE_FILE = isSea()

/** A file that is inside. Throws where there is none of that name. */
export function insideFile(name: string): Buffer {
  return Buffer.from(getRawAsset(name) as ArrayBuffer)
}

/** The names of all files of the package that are inside. */
export function insideFiles(): string[] {
  return JSON.parse(getAsset('files', 'utf8'))
}
