import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Cluster } from '../../../src/cluster/cluster.ts'
import { parseJson } from '../../../src/cluster/json.ts'
import type { KubeObject } from '../../../src/domain/object.ts'
import { readEarlierRecords } from '../../../src/engine/earlier-record.ts'
import { historyOf } from '../../../src/engine/read-history.ts'
import { recordText } from '../../../src/report/record-text.ts'
import { isTried } from '../../laboratory/sweep.ts'

// Who may write ConfigMaps in the namespace juicify may write what looks like a record of 0.1.0, and every command reads it.

interface ConfigMap extends KubeObject {
  data: Record<string, string>
}

const lines = readFileSync(new URL('../../laboratory/of-0.1.0/under-way.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
const record = lines
  .map((line) => parseJson(line) as ConfigMap)
  .find(({ kind, data }) => kind === 'ConfigMap' && data['state.json'])

type Tree = Record<string, unknown>
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null

/** The paths of all values in a tree, but those that no program of ours reads in any form: what the server keeps for itself. */
function pathsIn(value: unknown, at: string[] = []): string[][] {
  if (!isTree(value)) return []
  return Object.keys(value).flatMap((key) =>
    key === 'managedFields' ? [] : [[...at, key], ...pathsIn(value[key], [...at, key])],
  )
}

function withValue(tree: Tree, path: string[], value: unknown): Tree {
  const copy = structuredClone(tree)
  const [last = '', ...above] = [...path].reverse()
  const parent = above.reverse().reduce<unknown>((at, key) => (at as Tree)[key], copy) as Tree
  parent[last] = value
  return copy
}

async function read(data: Record<string, string>): Promise<string> {
  const items = [{ ...record, data: { ...record?.data, ...data } }]
  const cluster = { list: async ({ kind }: { kind: string }) => ({ items: kind === 'ConfigMap' ? items : [] }) }
  const { earlier, broken } = await readEarlierRecords(cluster as unknown as Cluster)
  for (const each of earlier) {
    recordText(each.record)
    historyOf(each.record)
  }
  return broken[0]?.failure.message ?? 'believed'
}

test.each(['record.json', 'state.json'])(
  'whatever somebody puts in the place of a part of %s, the record is named or can be shown, and no command ends',
  async (file) => {
    const tree = parseJson(record?.data[file] ?? '') as Tree
    expect(await read({})).toBe('believed')
    const others = [null, 7, 'x', {}, [], undefined]
    const outcomes = new Set<string>()
    const cases = pathsIn(tree).flatMap((path) => others.map((other) => [path, other] as const))
    for (const [path, other] of cases.filter((_, index) => isTried(index)))
      outcomes.add(await read({ [file]: JSON.stringify(withValue(tree, path, other)) }))
    expect([...outcomes].filter((message) => !/^believed$|is not trusted: /.test(message))).toEqual([])
    for (const other of ['null', '7', '[]', '{}', '"x"', '{'])
      expect(await read({ [file]: other })).toMatch(/is not trusted|is not a readable/)
  },
)

test('a record says which part of it is not as juicify writes it', async () => {
  const tree = parseJson(record?.data['record.json'] ?? '') as Tree
  const message = await read({ 'record.json': JSON.stringify(withValue(tree, ['group', 'copies', '0'], null)) })
  expect(message).toContain('kept.group.copies.0 does not exist or is not in the form that juicify writes')
})
