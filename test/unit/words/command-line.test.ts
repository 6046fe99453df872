import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { afterEach, describe, expect, test } from 'vitest'
import yargs from 'yargs'
import { COMMANDS, commandName } from '../../../src/cli/commands.ts'
import { declaredOptions } from '../../../src/cli/declared-options.ts'
import { overview } from '../../../src/cli/overview.ts'
import { spokenLanguage } from '../../../src/cli/spoken-language.ts'
import { usageMessage } from '../../../src/cli/usage.ts'
import { helpWords } from '../../../src/words/help.ts'
import { speak } from '../../../src/words/language.ts'

afterEach(() => speak('en'))

const HAN = /\p{Script=Han}/u
/** Three words of English, and nothing that is typed: flags, commands and names in capitals. */
const ENGLISH = /\b[a-z]{2,} (?:an? )?[a-z]{2,} [a-z]{2,}\b/
/** A template of nothing but what is put in. */
const PUT_TOGETHER = /: `\$\{[^}]*\}[^a-z]*\$\{[^}]*\}`$/i
/** What is thrown to be told to people. */
const FAILURE =
  /^(?:Refusal|Failure|UsageError|Drift|(?:Api|Connection|Conflict|Deadline)Error|(?:Job|Record)Failure|PeerFailed|LeaseLost|GivenUp|Denied)$/
const source = path.join(import.meta.dirname, '../../../src')

/** What is written out in the rooms that read a command line: errors that are thrown, and what a flag or an example is for. */
function writtenOut(file: string): string[] {
  const found: string[] = []
  const tree = ts.createSourceFile(file, readFileSync(path.join(source, file), 'utf8'), ts.ScriptTarget.Latest, true)
  const texts = (node: ts.Node): void => {
    // what a call is given, and what picks a message, is a key or a name
    if (ts.isCallExpression(node) || ts.isElementAccessExpression(node)) return
    const text = ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) ? node.getText(tree) : ''
    if (/[a-z]{2}/i.test(text)) found.push(`${file}: ${text}`)
    ts.forEachChild(node, texts)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && FAILURE.test(node.expression.getText(tree))) node.arguments?.forEach(texts)
    if (file.startsWith('cli') && ts.isPropertyAssignment(node) && node.name.getText(tree) === 'describe')
      texts(node.initializer)
    if (ts.isCallExpression(node) && /\.example$/.test(node.expression.getText(tree)) && node.arguments[1])
      texts(node.arguments[1])
    if (ts.isCallExpression(node) && /\.problem$/.test(node.expression.getText(tree))) node.arguments.forEach(texts)
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

test('what is refused or fails, from the command line to deep in a run, and what help says, stands in the catalogue, in both languages', () => {
  const files = [
    'cli',
    'cluster',
    'copy',
    'engine',
    'jobs',
    'lock',
    'probe',
    'workloads',
    'filesystem/juicefs/setup.ts',
    'filesystem/juicefs/setup-questions.ts',
    'filesystem/registry.ts',
    'domain/reading.ts',
    'planner/plan-file.ts',
    'planner/selection.ts',
  ]
  const all = files.flatMap((name) =>
    name.endsWith('.ts')
      ? [name]
      : readdirSync(path.join(source, name), { recursive: true, encoding: 'utf8' })
          .filter((file) => file.endsWith('.ts'))
          .map((file) => path.join(name, file)),
  )
  expect(all.flatMap(writtenOut).filter((text) => !PUT_TOGETHER.test(text))).toEqual([])
})

describe('where Chinese is spoken', () => {
  test('the overview is Chinese in every line', () => {
    speak('zh')
    const lines = overview('juicify').split('\n')
    expect(lines.filter((line) => line !== '' && !HAN.test(line))).toEqual([])
  })

  test.each(COMMANDS.map((command) => [commandName(command), command] as const))(
    'the help of %s is Chinese, and so is what completion shows beside its flags',
    async (_, command) => {
      speak('zh')
      const { options } = await command.load()
      const { flags } = declaredOptions(options)
      expect(flags.filter(({ describe = '' }) => !HAN.test(describe))).toEqual([])
      const parser = yargs([]).locale('en').updateStrings(helpWords().layout).help().version(false).wrap(null)
      const help = await options(parser).getHelp()
      expect(help).toContain('参数：')
      // but for the command lines of examples, which are typed
      expect(help.split('\n').filter((line) => ENGLISH.test(line) && !HAN.test(line))).toEqual([])
      expect(help).not.toMatch(/\[(?:boolean|string|array|required|default:|choices:)/)
    },
  )

  test.each([
    ['Unknown argument: nosuch', ['plan', '--nosuch']],
    ['Unknown command: nosuch', ['nosuch']],
    ['Unknown argument: friday.yaml', ['plan', 'friday.yaml']],
    ['Not enough arguments following: f', ['plan', '-f']],
    ['Missing required argument: from', ['sandbox']],
    ['Not enough non-option arguments: got 0, need at least 1', ['manifests']],
    ['Arguments namespace and all-namespaces are mutually exclusive', ['plan', '-n', 'x', '-A']],
    ['Invalid values:\n  Argument: copy, Given: "x", Choices: "copy", "none"', ['plan', '--copy', 'x']],
    ['Name a command.', []],
  ])('so is what is wrong with a command line: %s', (message, words) => {
    const flags = ['from', 'namespace', 'all-namespaces', 'copy', 'kubernetes-version', 'schedule']
    const english = usageMessage(message, words, flags)
    speak('zh')
    expect(usageMessage(message, words, flags)).toMatch(HAN)
    expect(english).not.toMatch(HAN)
  })
})

describe('the language of a command line', () => {
  test.each([
    [['plan', '--lang', 'zh'], {}, 'zh'],
    [['plan', '--lang=en'], { LANG: 'zh_CN.UTF-8' }, 'en'],
    [['plan', '--lang', 'de'], { LANG: 'zh_CN.UTF-8' }, 'zh'],
    [['plan', '--lang'], {}, 'en'],
    [['--lang', 'zh', 'plan'], {}, 'zh'],
    [['job', '--', 'apply', '--lang', 'zh'], {}, 'en'],
    [['plan'], { LC_ALL: 'zh_CN' }, 'zh'],
  ])('%j in %j: %s', (words, environment, expected) => {
    expect(spokenLanguage(words, environment)).toBe(expected)
  })
})
