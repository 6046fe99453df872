import { chown, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
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
    throw new Refusal(`Standard input can be read only once, but it is also given as ${what}.`, {
      remedy: 'Write one of the two to a file, and give that file instead.',
    })
  }
  try {
    if (file !== STANDARD_INPUT) return await readFile(file)
    isInputRead = true
    return await buffer(process.stdin)
  } catch (cause) {
    throw new Refusal(`Cannot read the ${what} ${file}: ${fileTrouble(cause)}.`, {
      remedy: 'Give the path of a readable file.',
      cause,
    })
  }
}

/** Makes a folder, and those above it, where they are not there. Throws Refusal where it cannot. */
export async function makeFolder(folder: string, named = '--out'): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    throw new Refusal(`Cannot create the folder ${folder}: ${fileTrouble(cause)}.`, {
      remedy: `Choose another path with ${named}.`,
      cause,
    })
  }
}

/**
 * Writes a file to where somebody has said, as the options of Node's writeFile say. Throws Refusal where it cannot.
 * @param named the flag that says where
 */
export async function writeText(
  file: string,
  text: Parameters<typeof writeFile>[1],
  options: { mode?: number; flag?: string } = {},
  named = '--out',
): Promise<void> {
  try {
    await writeFile(file, text, options)
  } catch (cause) {
    const taken = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    throw new Refusal(taken ? `${file} already exists.` : `Cannot write ${file}: ${fileTrouble(cause)}.`, {
      remedy: taken
        ? `Use --force to overwrite it, or choose another path with ${named}.`
        : `Choose another path with ${named}, in an existing folder that you may write to.`,
      cause,
    })
  }
}

/**
 * Puts other bytes into a file that is there, at once: whoever reads it gets what was, or what is. Its mode and owner stay.
 * Throws Refusal where it cannot be written, or holds other bytes than those that were read.
 */
export async function replaceBytes(file: string, read: Uint8Array, now: Uint8Array): Promise<void> {
  const beside = path.join(path.dirname(file), `.${path.basename(file)}.juicify-${process.pid}`)
  try {
    const { mode, uid, gid } = await stat(file)
    const writing = await open(beside, 'wx', mode & 0o7777)
    try {
      await writing.writeFile(now)
      await writing.chmod(mode & 0o7777)
      await writing.sync()
    } finally {
      await writing.close()
    }
    // only root may give a file away, and who is not has one of his own
    await chown(beside, uid, gid).catch(() => {})
    if (Buffer.compare(await readFile(file), read) !== 0) {
      throw new Refusal(`${file} was changed since it was read, and is left as it is.`, {
        remedy: 'Run the same command again.',
      })
    }
    await rename(beside, file)
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => {})
    if (cause instanceof Refusal) throw cause
    throw new Refusal(`${file} cannot be written: ${fileTrouble(cause)}.`, {
      remedy: 'See that it and its folder may be written to, and run the same command again.',
      cause,
    })
  }
}
