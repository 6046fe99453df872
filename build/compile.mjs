// Runs the bundled command once, and keeps what V8 has compiled by then beside it: `node build/compile.mjs dist/main.cjs`.
// src/cli/load.ts takes it. What is not run here is compiled when it is called, as always.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { constants, Script } from 'node:vm'

const root = fileURLToPath(new URL('..', import.meta.url))
const filename = process.argv[2]
const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
const script = new Script(readFileSync(filename, 'latin1'), { filename, importModuleDynamically })
const { main } = script.runInThisContext()(createRequire(filename), filename)
process.exitCode = await main(['plan', '-f', `${root}plans/jupyter.yaml`, '--sandbox', `${root}fixtures/jupyter`])
writeFileSync(`${filename}.cache`, script.createCachedData())
