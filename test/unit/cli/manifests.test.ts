import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { readManifestFolder } from '../../../src/cli/manifest-folder.ts'
import { readManifests } from '../../../src/cli/manifests.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

test('the place of each of many manifests is told, and the file is looked through no more often than once for it', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'juicify-test-'))
  folders.push(folder)
  const file = path.join(folder, 'list.yaml')
  const items = Array.from(
    { length: 500 },
    (_, n) => `- {kind: Node, apiVersion: v1,\n   metadata: {name: node${n}}}\n`,
  )
  const text = `apiVersion: v1\nkind: List\nitems:\n${items.join('')}`
  await writeFile(file, text)
  const looks = vi.spyOn(String.prototype, 'indexOf')
  const { objects, places } = await readManifests([file])
  const lines = text.split('\n').length
  expect(looks.mock.calls.filter(([what]) => what === '\n').length).toBeLessThan(3 * lines)
  looks.mockRestore()
  const [list] = objects as [{ items: unknown[] }]
  expect([0, 1, 499].map((n) => places.get(list.items[n])?.at)).toEqual([4, 6, 1002].map((line) => `${file}:${line}`))
  expect(places.get(list)?.at).toBe(`${file}:1`)
})

test.skipIf(process.platform === 'win32')(
  'a folder whose links lead round in circles, or to what has no end, is read as it is',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'juicify-test-'))
    folders.push(folder)
    const at = (...names: string[]) => path.join(folder, ...names)
    await mkdir(at('sub', 'deep'), { recursive: true })
    const text = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: one}\n'
    await writeFile(at('sub', 'one.yaml'), text)
    // each doubles the ways, down to as many links as the system follows
    for (const [target, name] of [
      ['.', 'a'],
      ['..', 'sub/b'],
      ['../..', 'sub/deep/c'],
      ['sub', 'again'],
      ['/dev/zero', 'endless.yaml'],
      ['nowhere', 'broken.yaml'],
    ] as const)
      await symlink(target, at(name))
    expect(spawnSync('mkfifo', [at('pipe.yaml')]).status).toBe(0)
    const { objects, places, unreadable } = await readManifests([folder])
    expect(objects.map((object) => places.get(object)?.at)).toEqual([`${at('sub', 'one.yaml')}:1`])
    expect(unreadable).toEqual([])
    const { files, leftAlone } = await readManifestFolder(folder)
    expect(files.map(({ name }) => name)).toEqual(['sub/one.yaml'])
    expect(leftAlone).toEqual([])
  },
)
