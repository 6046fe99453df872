import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import yargs from 'yargs'
import { COMMANDS, HELP as HELP_COMMAND } from '../../../src/cli/commands.ts'
import { languageOption } from '../../../src/cli/declared-options.ts'
import { WHERE_TO_REPORT } from '../../../src/domain/bug.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const READMES = ['README.md', 'README.zh-CN.md']
const PAGES = [
  ...READMES,
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(path.join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

/** What `juicify COMMAND --help` says, by the command's name. */
const HELP = new Map(
  await Promise.all(
    COMMANDS.map(async ({ usage, load }): Promise<[string, string]> => {
      const parser = (await load()).options(yargs([]).help().version(false).option('lang', languageOption()).wrap(null))
      return [usage.split(' ')[0] ?? '', await parser.getHelp()]
    }),
  ),
)

// it takes a command, and none of its flags
HELP.set(HELP_COMMAND, '')

/** Every piece of code in a page: the lines of its blocks, and its spans. */
function codeOf(page: string): string[] {
  const text = read(page)
  const blocks = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].flatMap(([, language = '', block = '']) =>
    language === 'sh' || language === 'console' ? block.split('\n') : [],
  )
  const spans = [...text.replace(/^```.*?^```$/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span)
  return [...blocks, ...spans]
}

/** The calls of juicify in a piece of code: each command's name with the words after it. */
function callsIn(code: string): { command: string; words: string[] }[] {
  return (
    code
      .replace(/ #.*/, '')
      // the command of a Job
      .replace(/(juicify job .*) -- (?=[a-z])/, '$1 | juicify ')
      .split(/\||&&|;|>>?/)
      .flatMap((part) => {
        const [, rest] = /^\s*(?:\$ )?(?:node dist\/|kubectl )?juicify(?:\.js)? +(.*)/.exec(part) ?? []
        const [command = '', ...words] = rest?.trim().split(/\s+/) ?? []
        return /^[a-z]/.test(command) ? [{ command, words }] : []
      })
  )
}

function hasFlag(help: string, word: string): boolean {
  const flag = word.replace(/=.*/, '').replace(/^--no-/, '--')
  return new RegExp(`(^|[\\s,])${flag}([\\s,]|$)`, 'm').test(help)
}

const isFlag = (word: string) => /^--?[a-z]/i.test(word)

function slug(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}

describe.each(PAGES)('%s', (page) => {
  test('names only commands that there are, with flags that they have', () => {
    const calls = codeOf(page).flatMap(callsIn)
    const wrong = calls.flatMap(({ command, words }) => {
      const help = HELP.get(command)
      if (help === undefined) return [command]
      return words.filter((word) => isFlag(word) && !hasFlag(help, word)).map((word) => `${command} ${word}`)
    })
    expect(wrong).toEqual([])
  })

  test('links to files and headings that are there', () => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)]
    const broken = links.flatMap(([, target = '', anchor]) => {
      const file = target === '' ? page : path.join(path.dirname(page), target)
      if (!existsSync(path.join(root, file))) return [target]
      if (anchor === undefined) return []
      const headings = [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => slug(heading))
      return headings.includes(anchor) ? [] : [`${target}#${anchor}`]
    })
    expect(broken).toEqual([])
  })
})

test('a flag that a page names by itself belongs to some command', () => {
  const all = [...HELP.values()].join('\n')
  const spans = [...READMES, 'docs/guide.md', 'docs/guarantees.md', 'docs/events.md'].flatMap(codeOf)
  const alone = spans.flatMap((span) => /^(--[a-z-]+)/.exec(span)?.[1] ?? [])
  expect(alone.length).toBeGreaterThan(0)
  expect(alone.filter((flag) => !hasFlag(all, flag))).toEqual([])
})

test('every command stands in the README or in the guide', () => {
  const calls = ['README.md', 'docs/guide.md'].flatMap(codeOf).flatMap(callsIn)
  const named = new Set(calls.map(({ command }) => command))
  // `demo` is npm's there
  expect([...HELP.keys()].filter((command) => !named.has(command))).toEqual(['demo'])
})

test.each(READMES)('the npm scripts that %s names are there', (page) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const named = [...read(page).matchAll(/npm (?:run (\S+)|(test)\b)/g)].map(
    ([, script, test]) => script?.replace(/`.*/, '') ?? test ?? '',
  )
  expect(named).toContain('demo')
  expect(named).toContain('test')
  expect(named.filter((script) => scripts[script] === undefined)).toEqual([])
})

test('whoever meets a bug is sent to a page that the package has, and that says what to report', () => {
  const [page = ''] = /\w+\.md/.exec(WHERE_TO_REPORT) ?? []
  expect((JSON.parse(read('package.json')) as { files: string[] }).files).toContain(page)
  expect(read(page)).toContain('\n## Reporting a fault\n')
})

test('the version of the package is that of its lockfile and of the newest release in the changelog', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string }
  const lock = JSON.parse(read('package-lock.json')) as { version: string; packages: { '': { version: string } } }
  expect([lock.version, lock.packages[''].version]).toEqual([version, version])
  expect(/^## (\d+\.\d+\.\d+) – \d{4}-\d\d-\d\d$/m.exec(read('CHANGELOG.md'))?.[1]).toBe(version)
})
