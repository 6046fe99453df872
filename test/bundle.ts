import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { bundle } from '../build/bundle.mjs'

declare module 'vitest' {
  interface ProvidedContext {
    /** The bundled command, for tests that run it as the process that it is. */
    juicify: string
  }
}

/** Bundles the command once for all tests of a project, in a folder of its own: `dist` may be in use. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cache = fileURLToPath(new URL('../node_modules/.cache/', import.meta.url))
  await mkdir(cache, { recursive: true })
  const outdir = await mkdtemp(`${cache}juicify-`)
  await bundle({ outdir })
  // what the command keeps in a user's home
  process.env.XDG_CACHE_HOME = `${outdir}/home/cache`
  process.env.XDG_STATE_HOME = `${outdir}/home/state`
  project.provide('juicify', `${outdir}/juicify.cjs`)
  return () => rm(outdir, { recursive: true, force: true })
}
