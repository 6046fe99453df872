import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../src/domain/object.ts'
import { refOf } from '../../src/domain/object.ts'
import { toYaml } from '../../src/domain/yaml.ts'
import { type Workplace, workplace } from '../laboratory/child.ts'
import { smallLaboratory } from '../laboratory/manifests.ts'
import { stateOf } from '../laboratory/state.ts'
import { applyAll, begin, planOf, rollbackAll, type Story } from '../laboratory/story.ts'

// After a migration the manifests of the installation would bring the old volumes back.

let story: Story
let place: Workplace
const folder = () => path.join(place.folder, 'install')
const file = (name: string) => path.join(folder(), name)
const text = (name: string) => readFile(file(name), 'utf8')

beforeEach(async () => {
  const objects = smallLaboratory()
  story = await begin(objects)
  place = await workplace(story.sandbox.kubeconfig)
  const [first, ...others] = objects.filter(({ kind }) => kind === 'PersistentVolume')
  await mkdir(path.join(folder(), 'more'), { recursive: true })
  const rest = objects.filter(({ kind }) => kind !== 'PersistentVolume' && kind !== 'Pod')
  await writeFile(
    file('pv.yaml'),
    `# the workspace\n${toYaml(first)}---\n# all else\n${rest.map(toYaml).join('---\n')}`,
  )
  await writeFile(
    file('more/list.json'),
    `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: others }, null, 2)}\n`,
  )
})
afterEach(async () => {
  await place.remove()
  await story.close()
})

async function manifests(...flags: string[]): Promise<string> {
  const child = place.run('manifests', 'install', ...flags)
  const code = await child.ended
  expect(code, child.output).toBe(flags.includes('--exit-code') ? 2 : 0)
  return child.output
}

async function written(): Promise<KubeObject[]> {
  const names = (await readdir(folder(), { recursive: true })).filter((name) => /\.(yaml|json)$/.test(name))
  const values = await Promise.all(
    names.map(async (name) => parseAllDocuments(await text(name), { version: '1.1' }).map((each) => each.toJS())),
  )
  return values.flat().flatMap((value) => value.items ?? [value])
}

test('manifests are shown with what has to change in them, are written, and applied again change nothing', async () => {
  const before = [await text('pv.yaml'), await text('more/list.json')]
  const installed = await written()
  expect(await manifests()).toContain('Nothing differs: 4 manifests')
  await applyAll(story.cluster, await planOf(story.cluster))

  const shown = await manifests('--exit-code')
  expect(shown).toContain('--- a/pv.yaml\n+++ b/pv.yaml\n')
  expect(shown).toMatch(/-\s+path: .*\n/)
  expect(shown).toContain('4 PersistentVolumes in 2 files to change. --write writes them.')
  expect([await text('pv.yaml'), await text('more/list.json')]).toEqual(before)

  await chmod(file('pv.yaml'), 0o640)
  expect(await manifests('--write')).toContain('Written: 4 PersistentVolumes in 2 files.')
  expect((await stat(file('pv.yaml'))).mode & 0o777).toBe(0o640)
  expect(await readdir(folder())).toEqual(['more', 'pv.yaml'])
  const [head, rest] = (await text('pv.yaml')).split('---\n# all else\n')
  expect(head).toMatch(/^# the workspace\n/)
  expect(rest).toBe(before[0]?.split('---\n# all else\n')[1])
  expect(await manifests()).toContain('Nothing differs: 4 manifests')

  const there = await stateOf(story.sandbox.objects())
  for (const object of (await written()).filter(({ kind }) => kind === 'PersistentVolume')) {
    const { resourceVersion } = (await story.cluster.get(refOf(object))).metadata
    const applied = await story.cluster.patch(refOf(object), { type: 'merge', body: object })
    expect(applied.metadata.resourceVersion).toBe(resourceVersion)
  }
  expect(await stateOf(story.sandbox.objects())).toEqual(there)

  await rollbackAll(story.cluster)
  expect(await manifests('--write')).toContain('Written: 4 PersistentVolumes in 2 files.')
  expect(await written()).toEqual(installed)
})

describe('what cannot be changed is named, and left alone:', () => {
  const VOLUME = (name: string) =>
    `apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: ${name}}\nspec: {hostPath: {path: /data}}\n`

  test.each([
    ['a template', 'chart.yaml', VOLUME('{{ .Values.name }}'), /chart\.yaml:1: a PersistentVolume in a template/],
    [
      'one that is no YAML',
      'chart.yaml',
      `{{- if .x }}\n${VOLUME('x')}{{- end }}\n`,
      /chart\.yaml.*template, and not YAML/,
    ],
    ['a broken file', 'bad.yaml', `${VOLUME('x')}b: }\n`, /bad\.yaml:5: /],
    ['a file in another encoding', 'gbk.yaml', Buffer.from([0x23, 0xb9, 0xfe, 0x0a]), /gbk\.yaml:1: encoded as GBK/],
  ])('%s', async (_, name, content, why) => {
    await writeFile(file(name), content)
    await applyAll(story.cluster, await planOf(story.cluster))
    const output = await manifests('--write')
    expect(output).toMatch(new RegExp(`left alone {2}.*${why.source}`))
    expect(output).toContain('Written: 4 PersistentVolumes in 2 files.')
    expect(await readFile(file(name))).toEqual(Buffer.from(content))
  })

  test('a link that leads out of the folder', async () => {
    const outside = path.join(place.folder, 'outside.yaml')
    const content = await text('pv.yaml')
    await writeFile(outside, content)
    await symlink(outside, file('link.yaml'))
    await symlink(file('pv.yaml'), file('within.yaml'))
    await applyAll(story.cluster, await planOf(story.cluster))
    expect(await manifests('--write')).toContain('left alone  link.yaml: a link that leads out of the folder.')
    expect(await readFile(outside, 'utf8')).toBe(content)
    expect((await stat(file('within.yaml'))).ino).toBe((await stat(file('pv.yaml'))).ino)
  })
})

test('a byte order mark and the line ends of Windows stay', async () => {
  const content = `\uFEFF${(await text('pv.yaml')).replaceAll('\n', '\r\n')}`
  await writeFile(file('pv.yaml'), content)
  await applyAll(story.cluster, await planOf(story.cluster))
  await manifests('--write')
  const now = await text('pv.yaml')
  expect(now).not.toBe(content)
  expect(now.startsWith('\uFEFF#')).toBe(true)
  expect(now.match(/(?<!\r)\n/g)).toBeNull()
})

test.each([
  ['a folder that is not there', 'nowhere', /Cannot read the folder .*nowhere: no such file or folder/],
  ['an empty folder', 'empty', /No manifests found in empty/],
])('%s is one clear message', async (_, name, why) => {
  await mkdir(path.join(place.folder, 'empty'))
  const child = place.run('manifests', name)
  expect(await child.ended).toBe(1)
  expect(child.output).toMatch(why)
  expect(child.output).not.toMatch(/\n\s+at /)
})
