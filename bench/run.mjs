// Bundles the command and its benchmark, and runs the benchmark: `npm run bench -- --help` tells the rest.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { bundle } from '../build/bundle.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const cache = `${root}node_modules/.cache/`
await mkdir(cache, { recursive: true })
const folder = await mkdtemp(`${cache}juicify-bench-`)
try {
  await bundle({ outdir: `${folder}/dist` })
  await build({
    entryPoints: [`${root}bench/bench.ts`],
    outfile: `${folder}/bench.mjs`,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    loader: { '.sh': 'text' },
    logLevel: 'warning',
  })
  const { main } = await import(pathToFileURL(`${folder}/bench.mjs`).href)
  process.exitCode = await main(process.argv.slice(2), `${folder}/dist/juicify.cjs`)
} finally {
  await rm(folder, { recursive: true, force: true })
}
