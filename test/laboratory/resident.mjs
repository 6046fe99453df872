// Runs one command after another in one process, each with a folder, an environment and two streams of its own: started by resident.ts, which
// sends what is to be run. What it loads is the bundle that is shipped, and from the second command on it is warm.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import vm from 'node:vm'

const file = path.join(path.dirname(process.argv[2]), 'main.cjs')
// a script that is a function of these two, as src/cli/load.ts knows it
const { main } = new vm.Script(readFileSync(file, 'utf8'), { filename: file }).runInThisContext()(
  createRequire(file),
  file,
)

for (const stream of ['stdout', 'stderr'])
  process[stream].write = (text, ...rest) => {
    process.send({ [stream]: String(text) }, () => rest.at(-1)?.())
    return true
  }

process.on('disconnect', () => process.exit())
process.on('message', async ({ words, folder, env }) => {
  process.chdir(folder)
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env)
  process.send({ code: await main(words) })
})
