// Has shellcheck read the programs that run in Jobs, each with the libraries that it sources: from its own folder, or, where
// it is a mover of a file system's own, from that of the copies. Where it is not installed
// this says so and goes on; with --required it fails.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sh'))
const texts = files.map((name) => readFileSync(join('src', name), 'utf8'))
const libraries = new Set(texts.flatMap((text) => [...text.matchAll(/^\. \.\/(.*)$/gm)].map(([, name]) => name)))
const programs = files.filter((name) => !libraries.has(name.split(/[\\/]/).at(-1)))
const { error, status } = spawnSync(
  'shellcheck',
  ['--check-sourced', '--source-path=SCRIPTDIR:src/copy/programs', ...programs.map((name) => join('src', name))],
  {
    stdio: 'inherit',
  },
)
if (error) process.stderr.write(`shellcheck is not installed: ${programs.length} shell programs were not checked\n`)
process.exitCode = error ? Number(process.argv.includes('--required')) : (status ?? 1)
