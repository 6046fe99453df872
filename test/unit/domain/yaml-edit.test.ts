import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { changeYaml, YamlTrouble } from '../../../src/domain/yaml-edit.ts'

type Values = Record<string, unknown>

/** In each object of kind Volume, or in those of a list, `disk` goes, and `net` and `options` come. */
function moved(value: unknown): unknown {
  const { kind, items, spec, ...rest } = (value ?? {}) as Values
  if (Array.isArray(items)) return { ...(value as Values), items: items.map(moved) }
  if (kind !== 'Volume') return value
  const { disk, ...kept } = spec as Values
  return { kind, ...rest, spec: { ...kept, net: { handle: 'x', size: '5Gi' }, options: ['subdir=a'], class: '' } }
}
const change = (source: string) => changeYaml(source, ({ value }) => moved(value))

const FILE = `# of the laboratory
a:   {b: 1,   c: "two"}   # as it is
---
kind: Volume   # of a kind
spec:
  # where it is
  disk:   # old
    # an NFS
    path: /data   # since 2022
  class: "manual"   # of its own
  modes:
    - Many

  # nothing follows
# nor here
status: {}
---
- on
- ~
`

test('only what differs is changed, and every comment stays', () => {
  expect(change(FILE)).toBe(
    FILE.replace(
      / {2}disk:.*\n.*\n.*2022\n/,
      `  # old
  # an NFS
  # since 2022
  net:
    handle: x
    size: 5Gi
  options:
    - subdir=a
`,
    ).replace('"manual"', '""'),
  )
})

test('line ends stay as they are', () => {
  expect(change(FILE.replaceAll('\n', '\r\n'))).toBe(change(FILE).replaceAll('\n', '\r\n'))
})

test('lists are indented as they are in the rest of the document', () => {
  const file = 'kind: Volume\nspec:\n  modes:\n  - Many\n  class: ""\n'
  expect(change(file)).toContain('\n  options:\n  - subdir=a\n')
})

test('of a List, what is in one line stays in one line', () => {
  const file = `kind: List
items:
- {kind: Volume, spec: {disk: {path: /a},  size: 1Gi}}
- kind: Volume
  spec:
    disk: {path: /b}
`
  expect(change(file)).toBe(`kind: List
items:
- {kind: Volume, spec: {size: 1Gi, net: {handle: x, size: 5Gi}, options: [subdir=a], class: ""}}
- kind: Volume
  spec:
    net:
      handle: x
      size: 5Gi
    options:
    - subdir=a
    class: ""
`)
})

test('JSON stays JSON, with its tabs', () => {
  const file = '{\n\t"kind": "Volume",\n\t"spec": {\n\t\t"disk": {"path": "/a"}\n\t}\n}\n'
  const text = change(file)
  expect(JSON.parse(text)).toEqual(moved(JSON.parse(file)))
  expect(text).toContain('\n\t\t"net": {\n\t\t\t"handle": "x",')
})

describe('anchors', () => {
  test('stay, where what they name stays', () => {
    const file = 'kind: Volume\nspec:\n  modes: &modes [Many]\n  disk: {path: /a}\nalso: *modes\n'
    expect(change(file)).toContain('modes: &modes [Many]\n')
    expect(change(file)).toContain('also: *modes\n')
  })

  test('and merges are written out where what comes of them has to go', () => {
    const file = 'base: &base\n  disk: {path: /a}\n  size: 1Gi\nkind: Volume\nspec:\n  <<: *base\n'
    const text = change(file)
    expect(text.startsWith('base: &base\n  disk: {path: /a}\n  size: 1Gi\n')).toBe(true)
    expect(parseAllDocuments(text, { version: '1.1' })).toHaveLength(1)
    expect(text).toContain('net')
    expect(text.slice(text.indexOf('spec:'))).not.toContain('disk')
  })

  test.each(['spec: &s\n  disk: {path: /a}\nalso: *s\n', 'spec:\n  disk: &d {path: /a}\nalso: *d\n'])(
    'that something else needs are not changed under it: %j',
    (rest) => {
      expect(() => change(`kind: Volume\n${rest}`)).toThrow(YamlTrouble)
    },
  )
})

test('what is no YAML is told with its line', () => {
  const told = vi.fn()
  try {
    change('a: 1\nb: }\n')
  } catch (error) {
    told(error instanceof YamlTrouble && error.line)
  }
  expect(told).toHaveBeenCalledWith(2)
})

test('whatever stands around it, the rest says the same as before', () => {
  const scalar = fc.oneof(
    fc.constantFrom('x', "'q: #'", '"d \\n"', '12', 'yes', '~', '1Gi', '|\n      text\n      # no comment'),
    fc.stringMatching(/^[a-z]{1,8}$/),
  )
  const comment = fc.constantFrom('', '  # why', '   #')
  const field = fc.tuple(
    fc.constantFrom('disk', 'size', 'modes', 'class', 'more'),
    scalar,
    comment,
    fc.constantFrom('', '  # above\n', '\n'),
  )
  const file = fc.uniqueArray(field, { selector: ([key]) => key, minLength: 1 }).map((fields) => {
    const lines = fields.map(
      ([key, value, after, before]) => `${before}  ${key}: ${value}${value.startsWith('|') ? '' : after}\n`,
    )
    return `# first\nother: {a:  1}\n---\nkind: Volume\nspec:\n${lines.join('')}---\nlast: 1 # here\n`
  })
  fc.assert(
    fc.property(file, (source) => {
      const text = change(source)
      const values = (of: string) => parseAllDocuments(of, { version: '1.1' }).map((document) => document.toJS())
      expect(values(text)).toEqual(values(source).map(moved))
      const comments = (of: string) => (of.match(/# (why|above|first|here)/g) ?? []).sort()
      expect(comments(text)).toEqual(comments(source))
      expect(change(text)).toBe(text)
    }),
    { numRuns: 100 },
  )
})
