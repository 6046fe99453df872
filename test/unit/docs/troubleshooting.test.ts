import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const ROOT = path.join(import.meta.dirname, '../../..')
const WORDS = path.join(ROOT, 'src/words')

/** All that is said in a language, as it stands in the catalogues. */
function catalogue(language: 'en' | 'zh'): string {
  const files = readdirSync(WORDS).filter((file) => file.endsWith(`.${language}.ts`))
  return files.map((file) => readFileSync(path.join(WORDS, file), 'utf8')).join('\n')
}

/** The first column of the table of messages that people look for in the guide. */
function messagesIn(page: string, heading: string): string[] {
  const [, section = ''] = readFileSync(path.join(ROOT, 'docs', page), 'utf8').split(`\n## ${heading}\n`)
  return [...section.matchAll(/^\| (.+?) \| /gm)].map(([, cell = '']) => cell)
}

/** The parts of a message between what it is told of. */
const partsOf = (message: string) =>
  message
    .split('…')
    .map((part) => part.trim())
    .filter((part) => part !== '')

test('a message that the guide explains is one that juicify prints', () => {
  const quoted = messagesIn('guide.md', 'Troubleshooting').flatMap((cell) =>
    [...cell.matchAll(/`([^`]+ [^`]+)`/g)].flatMap(([, message = '']) => (/^block /.test(message) ? [] : [message])),
  )
  expect(quoted.length).toBeGreaterThan(7)
  const english = catalogue('en')
  expect(quoted.flatMap(partsOf).filter((part) => !english.includes(part))).toEqual([])
})

test('and so is what it is called in Chinese', () => {
  const quoted = messagesIn('guide.zh-CN.md', '故障排查').flatMap((cell) =>
    [...cell.matchAll(/`（([^）]+)）/g)].map(([, message = '']) => message),
  )
  expect(quoted.length).toBeGreaterThan(7)
  const chinese = catalogue('zh')
  expect(quoted.flatMap(partsOf).filter((part) => !chinese.includes(part))).toEqual([])
})
