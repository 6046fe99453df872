import fc from 'fast-check'
import pc from 'picocolors'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { age, span } from '../../../src/report/amounts.ts'
import { table, wrapped } from '../../../src/report/layout.ts'

const color = pc.createColors(false)

test('text is broken between words, and Chinese text between characters, with its punctuation', () => {
  expect(wrapped('one two three', 8)).toEqual(['one two', 'three'])
  expect(wrapped('旧目录中的数据，不会被复制。', 14)).toEqual(['旧目录中的数', '据，不会被复', '制。'])
})

test('a word that is longer than a line goes on in the next one', () => {
  expect(wrapped('x /data/k8s/kubeflow', 8)).toEqual(['x', '/data/k8', 's/kubefl', 'ow'])
})

test('whatever is wrapped keeps to the width and loses nothing but blanks', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '中', '，', '/', '-', '한', '\n') })
  fc.assert(
    fc.property(text, fc.integer({ min: 4, max: 30 }), (text, columns) => {
      const lines = wrapped(text, columns)
      expect(lines.every((line) => stringWidth(line) <= columns)).toBe(true)
      expect(lines.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
    }),
  )
})

test('columns line up under wide characters, and an empty one is left out', () => {
  const { titles, rows } = table(
    [
      ['张三', '', 'x'],
      ['li', '', 'y'],
    ],
    { columns: 40, color, indent: 1, titles: ['WHO', 'NO', 'WHAT'] },
  )
  expect([...titles, ...rows.flat()].join('\n')).toBe(' WHO   WHAT\n 张三  x\n li    y')
})

test('a table that is too wide is stacked, and no cell is cut', () => {
  const { titles, rows } = table([['jupyter/workspace', 'jupyter-workspace', '500Gi']], {
    columns: 20,
    color,
    indent: 0,
    titles: ['A', 'B', 'C'],
  })
  expect(titles).toEqual([])
  expect(rows).toEqual([['jupyter/workspace', '  jupyter-workspace', '  500Gi']])
})

test('ages are those of kubectl get', () => {
  const second = 1000
  const hour = 3600 * second
  const ages = [
    0,
    119 * second,
    330 * second,
    600 * second,
    3 * hour,
    3.5 * hour,
    47 * hour,
    74 * hour,
    9 * 24 * hour,
    800 * 24 * hour,
  ]
  expect(ages.map(age)).toEqual(['0s', '119s', '5m30s', '10m', '3h', '3h30m', '47h', '3d2h', '9d', '2y70d'])
  expect(age(-5)).toBe('0s')
})

test('the time away is told to a tenth of a second', () => {
  expect([840, 59_940, 60_000].map(span)).toEqual(['840 ms', '59.9 s', '60s'])
})
