import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileTrouble, Refusal } from '../domain/failure.ts'

/**
 * The text of a file that somebody has named.
 * @param what what it should be, for the message
 * @throws Refusal where it cannot be read
 */
export async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
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
