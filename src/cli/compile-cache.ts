import { createHash } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import type { Script } from 'node:vm'
import { isOursAlone } from './ours-alone.ts'

/** Milliseconds after which what is kept of another version is removed. */
const MONTH = 30 * 24 * 3_600_000

/** What V8 makes of a script, kept on this machine, so that the next command of that name begins without compiling. */
export class CompileCache {
  readonly #folder: string
  readonly #source: string
  readonly #file: string

  /**
   * @param source the script: a cache is bound to its SHA-256, for V8 itself compares no more than its length
   * @param command what is run of it, for each command needs other parts compiled; the first word of a command line
   * @param folder where caches are kept
   */
  constructor(source: Buffer, command = '', folder = cacheFolder()) {
    this.#folder = folder
    this.#source = createHash('sha256').update(source).digest('hex')
    const name = /^[a-z_]{1,20}$/.test(command) ? command : 'other'
    this.#file = path.join(folder, `${this.#source}-${process.versions.v8}-${process.arch}-${name}`)
  }

  /** What was kept; undefined where nothing is, or where somebody else than this user could have written it. */
  read(): Buffer | undefined {
    try {
      const file = openSync(this.#file, 'r')
      try {
        return isOursAlone(fstatSync(file)) ? readFileSync(file) : undefined
      } finally {
        closeSync(file)
      }
    } catch {
      return undefined
    }
  }

  /** Keeps what V8 has compiled by now, and removes what was kept of other versions a month ago. Where it cannot, it does nothing. */
  write(script: Script): void {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      const writing = `${this.#file}.${process.pid}`
      writeFileSync(writing, script.createCachedData(), { mode: 0o600, flag: 'wx' })
      renameSync(writing, this.#file)
      this.#removeOld()
    } catch {
      // a home that cannot be written to costs time and nothing else
    }
  }

  #removeOld(): void {
    for (const name of readdirSync(this.#folder)) {
      const file = path.join(this.#folder, name)
      if (!/^[0-9a-f]{64}-/.test(name) || name.startsWith(this.#source)) continue
      if (Date.now() - statSync(file).mtimeMs > MONTH) rmSync(file)
    }
  }
}

function cacheFolder(): string {
  return path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'juicify')
}
