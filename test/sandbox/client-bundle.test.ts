import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

test('the library is loaded only when it is needed', () => {
  const [, first] = Object.entries(metafile.outputs).find(([file]) => file.endsWith('/juicify.js')) ?? []
  const atOnce = new Set<string>()
  const follow = (imports: { path: string; kind: string }[] = []) => {
    for (const { path, kind } of imports) {
      if (kind !== 'import-statement' || atOnce.has(path)) continue
      atOnce.add(path)
      follow(metafile.outputs[path]?.imports)
    }
  }
  follow(first?.imports)
  const files = [...atOnce].flatMap((path) => Object.keys(metafile.outputs[path]?.inputs ?? {}))
  expect([...files, ...Object.keys(first?.inputs ?? {})].filter((file) => file.includes('@kubernetes'))).toEqual([])
})

test('the bundle is a command that runs anywhere', () => {
  const main = join(outdir, 'juicify.js')
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
