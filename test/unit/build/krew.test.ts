import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { krewManifest } from '../../../build/krew.mjs'

const pack = JSON.parse(readFileSync(path.join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
  version: string
  description: string
}
const ARCHIVES = ['x64', 'arm64'].map((arch) => ({ name: `juicify-linux-${arch}.tar.gz`, bytes: Buffer.from(arch) }))

// what krew asks of a manifest: https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/
test('the krew manifest has what krew asks for, in this package’s version', () => {
  const { apiVersion, kind, metadata, spec } = krewManifest(pack, ARCHIVES, 'https://files.lab/juicify/')
  expect([apiVersion, kind]).toEqual(['krew.googlecontainertools.github.com/v1alpha2', 'Plugin'])
  expect(metadata.name).toMatch(/^[a-z0-9][a-z0-9-]*$/)
  expect(spec.version).toBe(`v${pack.version}`)
  expect(spec.version).toMatch(/^v\d+\.\d+\.\d+$/)
  expect(spec.shortDescription.length).toBeLessThanOrEqual(50)
  expect(spec.platforms.map(({ selector }) => selector.matchLabels)).toEqual([
    { os: 'linux', arch: 'amd64' },
    { os: 'linux', arch: 'arm64' },
  ])
  for (const { uri, sha256, bin, files } of spec.platforms) {
    expect(uri).toMatch(/^https:\/\/files\.lab\/juicify\/juicify-linux-\w+\.tar\.gz$/)
    expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    // the program, and with it its licence
    expect(files).toEqual([bin, 'LICENSE'].map((from) => ({ from, to: '.' })))
  }
  expect(new Set(spec.platforms.map(({ sha256 }) => sha256)).size).toBe(2)
})

test('what is no archive of juicify is refused', () => {
  const other = [{ name: 'other.tar.gz', bytes: Buffer.of() }]
  expect(() => krewManifest(pack, other, 'https://files.lab')).toThrow(/other\.tar\.gz is no archive of juicify/)
})
