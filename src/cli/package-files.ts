import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { IS_ONE_FILE, insideFile, insideFiles } from './one-file.ts'

/** A file or folder that comes with the package (plans, fixtures), wherever in it this code was bundled to. */
export function inPackage(name: string): string {
  return path.join(root(), name)
}

let known: string | undefined

function root(): string {
  known ??= IS_ONE_FILE ? unpacked() : found()
  return known
}

function found(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url))
  while (!existsSync(path.join(folder, 'package.json')) && folder !== path.dirname(folder))
    folder = path.dirname(folder)
  return folder
}

/** Made anew each time, and gone with the process: nobody else can have put a file there. */
function unpacked(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'juicify-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  for (const name of insideFiles()) {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, insideFile(name))
  }
  return folder
}
