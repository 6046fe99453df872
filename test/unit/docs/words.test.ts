import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '../../..')
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')

/** Words that nobody is to meet again, in messages and in documents; docs/words.md has what is said instead. */
const GONE = [
  /\bin vain\b/,
  /\b[Mm]end(s|ed|ing)?\b/,
  /\b[Gg]o(es|ing|ne)? on with\b/,
  /\bdoes not answer since\b/,
  /\baway for\b/,
  /\btoo many\)/,
  /\b(held|holds|hold) back\b/,
  /\bunder way\b/,
  /\bbut patience\b/,
  /\bpast the volumes?\b/,
  /\bstands? on it\b/,
  /\b[Cc]arr(y|ies|ied) (a plan )?out\b/,
  /\b[Ss]o (often|many)\b/,
  /\bnot come along\b/,
  /\bway of the group\b/,
  /\bst(an|oo)ds? still\b/,
  /\bgone on (from|then|without)\b/,
  /\b[Gg]o(es)? on (then|again|all the same|using|seeing|when they|from (it|them|there))\b/,
  /\bahead of time\b/,
  /\blooked at\b/,
  /\bstands? on cannot\b/,
  /\b[Ss]ee that (it|the|what)\b/,
  /\btakes no dry runs?\b/,
  /\b[Bb](ring|rought|rings) (back|it back|them back)\b/,
  /\b[Tt]ake(s|n)? (it |them )?back\b/,
  /\b(is|are) not there\b/,
  /\bwhatever rights one has\b/,
  /\bserver would not take\b/,
  /\bnothing new comes in\b/,
  /\bask for what it must\b/,
  /\bkeeps it up\b/,
  /\bcome to its end\b/,
  /\bother files than theirs\b/,
  /\bnobody can confirm\b/,
]

/** The embedded cluster speaks as Kubernetes does; a definition that clusters have already must not change by a word. */
const messages = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('sandbox') && file !== path.join('domain', 'own-kinds.ts'))
  .flatMap((file) => literalsOf(file, read(path.join('src', file))))

/** Words that no comment is to begin its reader's guessing with. */
const GONE_OF_COMMENTS = [
  /\b[Ss]o (often|many)\b/,
  /\b(by|to|for) who (asks|asked|has|is|goes|reads|was)\b/,
  /\b[Gg]o(es|ne|ing)? on with\b/,
  /\bh(eld|olds?) back\b/,
  /\bcome along\b/,
  /\bstands? on\b/,
  /\bin vain\b/,
]

/** The comments of a source, each with its place. */
function commentsOf(file: string, text: string): string[] {
  const found: string[] = []
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, text)
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan())
    if (token === ts.SyntaxKind.MultiLineCommentTrivia || token === ts.SyntaxKind.SingleLineCommentTrivia)
      found.push(`src/${file}: ${scanner.getTokenText().replace(/\s*\n\s*\*?\s*/g, ' ')}`)
  return found
}

function literalsOf(file: string, text: string): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      found.push(`src/${file}: ${node.text}`)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest))
  return found
}

/** The names of tests, where a page says which one tries something: they are those of the tests. */
const NAMES_OF_TESTS = /`[^`]+\.test\.ts`(?:,? “[^”]+”)+/g

const documents = ['README.md', ...readdirSync(path.join(root, 'docs')).map((file) => `docs/${file}`)]
  .filter((file) => file.endsWith('.md') && file !== 'docs/words.md')
  .flatMap((file) =>
    read(file)
      .replaceAll(NAMES_OF_TESTS, '')
      .split('\n')
      .map((line, i) => `${file}:${i + 1}: ${line}`),
  )

const withWordsGone = (texts: string[]) => texts.filter((text) => GONE.some((pattern) => pattern.test(text)))

test('a message says what happens in the words of docs/words.md', () => {
  expect(messages.length).toBeGreaterThan(1000)
  expect(withWordsGone(messages)).toEqual([])
})

test('so does a comment', () => {
  const comments = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => commentsOf(file, read(path.join('src', file))))
  expect(comments.length).toBeGreaterThan(1000)
  expect(comments.filter((comment) => GONE_OF_COMMENTS.some((pattern) => pattern.test(comment)))).toEqual([])
})

test('so does a document', () => {
  expect(withWordsGone(documents)).toEqual([])
})

test('the words that docs/words.md tells to avoid are those that are looked for', () => {
  const before = [...read('docs/words.md').matchAll(/^\| `(.*?)` \| (?:`|no remedy)/gm)].map(([, text = '']) => text)
  expect(before).toHaveLength(10)
  expect(withWordsGone(before).length).toBeGreaterThan(5)
})
