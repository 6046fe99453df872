import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { constants, Script } from 'node:vm'

/**
 * Runs a bundle that lies beside this one, and returns its exports. Beside it lies what V8 made of it when it was
 * bundled, which saves compiling it; a V8 of another version does not take that, and compiles.
 */
export function load<Exports>(name: string): Exports {
  const filename = path.join(path.dirname(fileURLToPath(import.meta.url)), name)
  const script = new Script(readFileSync(filename, 'latin1'), {
    filename,
    cachedData: readFileSync(`${filename}.cache`),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  return script.runInThisContext()(createRequire(filename), filename)
}
