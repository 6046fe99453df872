import { expect, test } from 'vitest'
import stringWidth from '../../../build/string-width.mjs'

test.each([
  ['', 0],
  ['plain text', 10],
  ['迁移', 4],
  ['\u001b[1;31m红\u001b[0m', 2],
  ['e\u0301', 1],
  ['🚀', 2],
  ['a\u200bb', 2],
])('%j takes %i columns', (text, columns) => {
  expect(stringWidth(text)).toBe(columns)
})
