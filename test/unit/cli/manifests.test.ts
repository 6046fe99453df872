import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
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
