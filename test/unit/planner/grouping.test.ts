import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { relationOf } from '../../../src/domain/directory.ts'
import { connect, type DirectoryOnNodes, shareNode } from '../../../src/planner/grouping.ts'

const places = (...directories: string[]): DirectoryOnNodes[] => directories.map((directory) => ({ directory }))
const groups = (found: DirectoryOnNodes[][]) => found.map((group) => group.map(({ directory }) => directory))

/** What a group is, said in the slowest and plainest way. */
function slowly(all: DirectoryOnNodes[]): Set<DirectoryOnNodes>[] {
  const related = (a: DirectoryOnNodes, b: DirectoryOnNodes) =>
    a.directory !== '' && b.directory !== '' && shareNode(a, b) && relationOf(a.directory, b.directory) !== 'apart'
  let sets = all.map((place) => new Set([place]))
  for (const a of all) {
    for (const b of all.filter((other) => other !== a && related(a, other))) {
      const [first, second] = [sets.find((set) => set.has(a)), sets.find((set) => set.has(b))]
      if (!first || !second || first === second) continue
      sets = [...sets.filter((set) => set !== first && set !== second), new Set([...first, ...second])]
    }
  }
  return sets
}

describe('groups', () => {
  test('are made of equal and nested directories, also through others', () => {
    expect(groups(connect(places('/a/b', '/c', '/a', '/a/c', '/ab', '/c')))).toEqual([
      ['/a', '/a/b', '/a/c'],
      ['/ab'],
      ['/c', '/c'],
    ])
  })

  test('keep apart what lies on different nodes, unless something on any node links it', () => {
    const pinned: DirectoryOnNodes[] = [
      { directory: '/disk', nodes: ['n1'] },
      { directory: '/disk', nodes: ['n2'] },
    ]
    expect(connect(pinned)).toHaveLength(2)
    expect(connect([...pinned, { directory: '/' }])).toHaveLength(1)
    expect(connect([...pinned, { directory: '/disk/x', nodes: ['n1', 'n2'] }])).toHaveLength(1)
  })

  test('never hold what nobody knows the directory of together with anything', () => {
    expect(connect(places('', '', '/a'))).toHaveLength(3)
  })

  test('are those that comparing each with each would find', () => {
    const part = fc.constantFrom('a', 'b', 'a-b')
    const directory = fc.array(part, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`)
    const nodes = fc.option(fc.uniqueArray(fc.constantFrom('n1', 'n2', 'n3'), { minLength: 1, maxLength: 2 }), {
      nil: undefined,
    })
    const place: fc.Arbitrary<DirectoryOnNodes> = fc.record({ directory, nodes })
    fc.assert(
      fc.property(fc.array(place, { maxLength: 14 }), (all) => {
        const sets = (found: Iterable<Iterable<DirectoryOnNodes>>) =>
          new Set(
            [...found].map((group) =>
              [...group]
                .map((place) => all.indexOf(place))
                .sort((a, b) => a - b)
                .join(),
            ),
          )
        expect(sets(connect(all))).toEqual(sets(slowly(all)))
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ['10,000 volumes in one tree', 10_000, (i: number) => `/data/${i % 100}/${i}`, 10_000],
    ['10,000 volumes apart', 10_000, (i: number) => `/data${i}`, 10_000],
    ['10,000 volumes of one directory', 10_000, () => '/data', 1],
    ['10,000 volumes below one', 10_000, (i: number) => (i === 0 ? '/data' : `/data/${i}`), 1],
    ['a chain of 1,000', 1_000, (i: number) => `/data${'/x'.repeat(i)}`, 1],
  ])('are found for %s', (_, count, directory, expected) => {
    const all = Array.from({ length: count }, (_unused, i): DirectoryOnNodes => ({ directory: directory(i) }))
    expect(connect(all)).toHaveLength(expected)
  })
})
