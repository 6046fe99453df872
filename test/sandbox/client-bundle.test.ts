import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, Script } from 'node:vm'
import type { Metafile } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'

let outdir: string
let metafile: Metafile

beforeAll(async () => {
  outdir = mkdtempSync(join(tmpdir(), 'bundle-'))
  const { bundle } = await import('../../build/bundle.mjs')
  metafile = await bundle({ outdir })
})
afterAll(() => rmSync(outdir, { recursive: true }))

/** The files that have code in the bundle, with the bytes they have there. */
function contents(): Map<string, number> {
  const parts = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs))
  return new Map(
    parts
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([file, { bytesInOutput }]) => [file, bytesInOutput]),
  )
}

test('of the Kubernetes library only its KubeConfig is in the bundle, and no typed API', () => {
  const library = [...contents()].filter(([file]) => file.includes('/@kubernetes/client-node/'))
  expect(library.map(([file]) => file).filter((file) => /\/gen\/(apis|models|types)\//.test(file))).toEqual([])
  expect(library.reduce((sum, [, bytes]) => sum + bytes, 0)).toBeLessThan(60_000)
})

test('help and version are answered without loading the rest', () => {
  const [, first] = Object.entries(metafile.outputs).find(([file]) => file.endsWith('/juicify.cjs')) ?? []
  expect(first?.bytes).toBeLessThan(10_000)
})

test('the rest comes compiled, for the Node that bundled it', () => {
  const filename = join(outdir, 'main.cjs')
  const script = new Script(readFileSync(filename, 'latin1'), {
    filename,
    cachedData: readFileSync(`${filename}.cache`),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  expect(script.cachedDataRejected).toBe(false)
})

test('a Node of another version compiles it', () => {
  const copy = `${outdir}-elsewhere`
  cpSync(outdir, copy, { recursive: true })
  writeFileSync(join(copy, 'main.cjs.cache'), 'made by another V8')
  try {
    const said = execFileSync(join(copy, 'juicify.cjs'), ['plan', '--help'], { encoding: 'utf8' })
    expect(said).toContain('juicify plan -f plans/jupyter.yaml')
  } finally {
    rmSync(copy, { recursive: true })
  }
})

test('the bundle is a command that runs anywhere', () => {
  const main = join(outdir, 'juicify.cjs')
  expect(readFileSync(main, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  expect(statSync(main).mode & 0o777).toBe(0o755)
  expect(execFileSync(main, ['--help'], { encoding: 'utf8', cwd: outdir })).toContain('plan')
})

test('every package in the bundle is there with its licence', () => {
  const text = readFileSync(join(outdir, 'THIRD-PARTY-LICENSES'), 'utf8')
  const packages = [...contents().keys()].flatMap(
    (file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  )
  expect(packages).toContain('@kubernetes/client-node')
  for (const name of new Set(packages)) expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+`, 'm'))
  expect(text).toContain('Permission is hereby granted')
})
