import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
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

test('help and version are answered without loading the rest', () => {
  const [, first] = Object.entries(metafile.outputs).find(([file]) => file.endsWith('/juicify.cjs')) ?? []
  expect(first?.bytes).toBeLessThan(10_000)
})

test('what is delivered are texts, and nothing that only one V8 could read', () => {
  expect(readdirSync(outdir).sort()).toEqual(['THIRD-PARTY-LICENSES', 'juicify.cjs', 'main.cjs'])
  for (const file of readdirSync(outdir)) expect(readFileSync(join(outdir, file), 'latin1')).not.toContain('\0')
})

test('what was compiled for a command is kept for this user, by the SHA-256 of the program, and taken the next time', () => {
  const caches = mkdtempSync(join(outdir, 'caches-'))
  const folder = join(caches, 'juicify')
  const help = () =>
    execFileSync(join(outdir, 'juicify.cjs'), ['plan', '--help'], {
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: caches },
    })
  const first = help()
  const [kept = '', ...others] = readdirSync(folder)
  expect(others).toEqual([])
  const sha256 = createHash('sha256')
    .update(readFileSync(join(outdir, 'main.cjs')))
    .digest('hex')
  expect(kept).toBe(`${sha256}-${process.versions.v8}-${process.arch}-plan`)
  expect(statSync(join(folder, kept)).mode & 0o077).toBe(0)
  const written = statSync(join(folder, kept)).ino
  expect(help()).toBe(first)
  expect(statSync(join(folder, kept)).ino).toBe(written)
  writeFileSync(join(folder, kept), 'made by another V8')
  expect(help()).toBe(first)
  expect(statSync(join(folder, kept)).size).toBeGreaterThan(100_000)
})

test('without a home that can be written to it compiles every time, and says nothing of it', () => {
  const env = { ...process.env, XDG_CACHE_HOME: '/dev/null' }
  const said = spawnSync(join(outdir, 'juicify.cjs'), ['plan', '--help'], { encoding: 'utf8', env })
  expect(said.stdout).toContain('juicify plan -f plans/jupyter.yaml')
  expect(said.stderr).toBe('')
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
  // title and text of each, in turn
  const [, ...sections] = text.split(/^={80}\n(.*)\n={80}\n/m)
  const texts = new Map(
    sections.flatMap((title, i) => (i % 2 === 0 ? [[title.replace(/ .*/, ''), sections[i + 1] ?? '']] : [])),
  )
  expect([...texts.keys()].sort()).toEqual([...new Set(packages)].sort())
  for (const [name, licence] of texts) {
    expect(licence, name).toMatch(/Copyright|\(c\)|Apache License/i)
    expect(licence, name).toMatch(
      /Permission is hereby granted|Permission to use, copy|Apache License|Redistribution and use/,
    )
  }
})
