import { constants } from 'node:fs'
import { chown, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { Refusal, refused } from '../domain/failure.ts'
import { fileTrouble } from '../words/file-trouble.ts'
import { messages } from '../words/messages.ts'
import type { FileKind } from '../words/refusals.en.ts'
import { decodeText } from './encoding.ts'
import { linkFlag } from './ours-alone.ts'

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
export async function readText(file: string, what: FileKind): Promise<string> {
  return decodeText(await readBytes(file, what), fileName(file))
}

let isInputRead = false

async function readBytes(file: string, what: FileKind): Promise<Uint8Array> {
  if (file === STANDARD_INPUT && isInputRead) throw refused(messages().refusal.inputReadTwice(what))
  try {
    if (file !== STANDARD_INPUT) return await readFile(file)
    isInputRead = true
    return await buffer(process.stdin)
  } catch (cause) {
    throw refused(messages().refusal.cannotRead(what, file, fileTrouble(cause)), { cause })
  }
}

/** Makes a folder, and those above it, where they are not there. Throws Refusal where it cannot. */
export async function makeFolder(folder: string, named = '--out'): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    throw refused(messages().refusal.cannotCreate(folder, fileTrouble(cause), named), { cause })
  }
}

/** How a file is written. */
interface Writing {
  /** As a new one gets it. What is nobody else's to read (0600) is not so either where the file was there before. */
  mode?: number
  /** `wx`: only where nothing is there. */
  flag?: 'w' | 'wx'
}

/**
 * Writes a file to where somebody has said. Throws Refusal where it cannot, or where another user would have it written to
 * another place, or could read what is his alone.
 * @param named the flag that says where
 */
export async function writeText(
  file: string,
  text: Parameters<typeof writeFile>[1],
  { mode = 0o666, flag = 'w' }: Writing = {},
  named = '--out',
): Promise<void> {
  try {
    const { O_WRONLY, O_CREAT, O_EXCL } = constants
    const writing = await open(file, O_WRONLY | O_CREAT | (flag === 'wx' ? O_EXCL : linkFlag(file)), mode)
    try {
      const there = await writing.stat()
      if (there.isFile()) {
        if ((mode & 0o077) === 0 && (there.mode & 0o077) !== 0) {
          if (![process.geteuid?.(), undefined].includes(there.uid))
            throw refused(messages().refusal.notPrivate(file, named))
          await writing.chmod(there.mode & 0o700)
        }
        await writing.truncate()
      }
      await writeFile(writing, text)
    } finally {
      await writing.close()
    }
  } catch (cause) {
    if (cause instanceof Refusal) throw cause
    const says = messages().refusal
    const taken = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    throw refused(taken ? says.fileExists(file, named) : says.cannotWrite(file, fileTrouble(cause), named), { cause })
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
      throw refused(messages().refusal.changedMeanwhile(file))
    }
    await rename(beside, file)
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => {})
    if (cause instanceof Refusal) throw cause
    throw refused(messages().refusal.cannotReplace(file, fileTrouble(cause)), { cause })
  }
}
