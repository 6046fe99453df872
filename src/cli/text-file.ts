import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { fileTrouble, Refusal } from '../domain/failure.ts'
import { decodeText } from './encoding.ts'

/** What names standard input where a file is wanted. */
export const STANDARD_INPUT = '-'

/** How messages call a file that was read. */
export function fileName(file: string): string {
  return file === STANDARD_INPUT ? '<stdin>' : file
}

/**
 * The text of a file that somebody has named; of standard input where that is `-`.
 * @param what what it should be, for the message
 * @throws Refusal where it cannot be read, or is no UTF-8
 */
export async function readText(file: string, what: string): Promise<string> {
  return decodeText(await readBytes(file, what), fileName(file))
}

let isInputRead = false

async function readBytes(file: string, what: string): Promise<Uint8Array> {
  if (file === STANDARD_INPUT && isInputRead) {
    throw new Refusal(`Standard input is named twice, and can be read once: it is wanted as ${what} too.`, {
      remedy: 'Write one of the two to a file, and name that.',
    })
  }
  try {
    if (file !== STANDARD_INPUT) return await readFile(file)
    isInputRead = true
    return await buffer(process.stdin)
  } catch (cause) {
    throw new Refusal(`The ${what} ${file} cannot be read: ${fileTrouble(cause)}.`, {
      remedy: 'Name a file that is there and may be read.',
      cause,
    })
  }
}

/** Makes a folder, and those above it, where they are not there. Throws Refusal where it cannot. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    throw new Refusal(`The folder ${folder} cannot be made: ${fileTrouble(cause)}.`, {
      remedy: 'Name another place with --out.',
      cause,
    })
  }
}

/** Writes a file to where somebody has said, as the options of Node's writeFile say. Throws Refusal where it cannot. */
export async function writeText(
  file: string,
  text: Parameters<typeof writeFile>[1],
  options: { mode?: number; flag?: string } = {},
): Promise<void> {
  try {
    await writeFile(file, text, options)
  } catch (cause) {
    const taken = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    throw new Refusal(taken ? `${file} is there already.` : `${file} cannot be written: ${fileTrouble(cause)}.`, {
      remedy: taken
        ? 'Give --force to write over it, or another place with --out.'
        : 'Name another place with --out, in a folder that is there and may be written to.',
      cause,
    })
  }
}
