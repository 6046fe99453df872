import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { constants, Script } from 'node:vm'
import { CompileCache } from './compile-cache.ts'
import { IS_ONE_FILE, insideFile } from './one-file.ts'

/** A bundle that was loaded. */
export interface Loaded<Exports> {
  exports: Exports
  /** Keeps what was compiled of it, for the next time; does nothing where that was kept already. */
  keepCompiled(): void
}

/**
 * Runs a bundle that lies beside this one, or inside where juicify is one file.
 * @param command what it is loaded for
 * Throws where the bundle is not there.
 */
export function load<Exports>(name: string, command?: string): Loaded<Exports> {
  const filename = path.join(path.dirname(fileURLToPath(import.meta.url)), name)
  const source = IS_ONE_FILE ? insideFile(name) : readFileSync(filename)
  const cache = new CompileCache(source, command)
  const cachedData = cache.read()
  const script = new Script(source.toString('latin1'), {
    filename,
    ...(cachedData ? { cachedData } : {}),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  const isKept = cachedData !== undefined && !script.cachedDataRejected
  return {
    exports: script.runInThisContext()(createRequire(filename), filename),
    keepCompiled: () => {
      if (!isKept) cache.write(script)
    },
  }
}
