import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

// A page that says by which test something is held is believed; so the tests that it names have to be there.

const ROOT = path.join(import.meta.dirname, '../../..')
const TESTS = path.join(ROOT, 'test')

/** The last column of each row of a page's tables, with the first one, which names it. */
function rowsOf(page: string): { row: string; tests: string }[] {
  const lines = readFileSync(path.join(ROOT, 'docs', page), 'utf8').split('\n')
  return lines
    .filter((line, index) => line.startsWith('|') && !/^\|-/.test(line) && !/^\|-/.test(lines[index + 1] ?? ''))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => ({ row: cells[0]?.trim() ?? '', tests: cells.at(-1) ?? '' }))
}

/** The file of each group of tests, and their names. */
function named(tests: string): { file: string; names: string[] }[] {
  return [...tests.matchAll(/`([^`]+)`([^`]*)/g)].map(([, file = '', rest = '']) => ({
    file,
    names: [...rest.matchAll(/“([^”]+)”/g)].map(([, name = '']) => name),
  }))
}

/** What of the page is not as it says: empty where each test is there. */
function missing(page: string): string[] {
  return rowsOf(page).flatMap(({ row, tests }) => {
    const groups = named(tests)
    if (groups.length === 0) return [`${row}: names no test`]
    return groups.flatMap(({ file, names }) => {
      if (names.length === 0 || !existsSync(path.join(TESTS, file))) return [`${row}: no test in ${file}`]
      const text = readFileSync(path.join(TESTS, file), 'utf8')
      return names.filter((name) => !text.includes(name)).map((name) => `${row}: ${file} has no “${name}”`)
    })
  })
}

test.each(['threats.md', 'situations.md'])('every test that docs/%s names is there', (page) => {
  expect(rowsOf(page).length).toBeGreaterThan(30)
  expect(missing(page)).toEqual([])
})
