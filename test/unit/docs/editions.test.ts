import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')

/** The pages that have a Chinese edition, each beside its own. */
const PAGES = ['.', 'docs']
  .flatMap((folder) => readdirSync(path.join(root, folder)).map((name) => path.join(folder, name)))
  .flatMap((file) => /^(.*)\.zh-CN\.md$/.exec(file)?.[1] ?? [])

/** What a page has of a section that is the same in every language. */
interface Section {
  heading: string
  code: string[]
  /** What is to be typed, or is named: each once, and sorted, for languages order their words differently. */
  spans: string[]
  links: string[]
  rows: number
  items: number
}

/** A page by its headings, the level of each, and what stands below it. */
function sectionsOf(page: string): Section[] {
  const sections: Section[] = []
  // a comment in a shell's block may look like a heading
  const blocks: string[] = []
  const text = page.replace(/^```(\w*)\n(.*?)^```$/gms, (_, language: string, block: string) => {
    blocks.push(`${language}\n${block}`)
    return `⟦${blocks.length - 1}`
  })
  for (const part of text.split(/^(?=#+ )/m)) {
    const [, level = '', title = ''] = /^(#+) (.*)/.exec(part) ?? []
    const body = part.slice(part.indexOf('\n'))
    sections.push({
      // the codes of findings are the same in every language
      heading: `${level} ${/^`.*`$/.test(title) ? title : ''}`.trim(),
      code: [...body.matchAll(/^⟦(\d+)/gm)].map(([, at]) => withoutComments(blocks[Number(at)] ?? '')),
      spans: [...new Set([...body.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span))].sort(),
      links: [...body.matchAll(/\]\(([^)#]*)(#[^)]*)?\)/g)].map(([, target = '']) => inEnglish(target)).sort(),
      rows: [...body.matchAll(/^\|/gm)].length,
      items: [...body.matchAll(/^- /gm)].length,
    })
  }
  return sections
}

/** Of what a shell runs; an edition says in its own language what it is for. */
function withoutComments(block: string): string {
  return block.startsWith('sh\n') ? block.replace(/ +# .*$/gm, '') : block
}

/** A page is linked to in the language of the reader where it is there in that language. */
function inEnglish(target: string): string {
  return target.replace('.zh-CN.md', '.md')
}

test('README, guide, what cube-studio does afterwards, and the findings are there in Chinese', () => {
  expect(PAGES).toEqual(['README', 'docs/cube-studio', 'docs/findings', 'docs/guide'])
})

describe.each(PAGES)('%s in Chinese', (page) => {
  const [english, chinese] = [read(`${page}.md`), read(`${page}.zh-CN.md`)]

  test('has the same sections, with the same commands, code, links, rows and items', () => {
    const here = sectionsOf(chinese)
    const there = sectionsOf(english)
    expect(there.length).toBeGreaterThan(3)
    expect(here.map(({ heading }) => heading)).toEqual(there.map(({ heading }) => heading))
    for (const [i, section] of there.entries()) expect(here[i]).toEqual(section)
  })

  test('links to English and back, before anything else', () => {
    const name = path.basename(page)
    const linked = (text: string) => [...(text.split(/^## /m)[0]?.matchAll(/\]\(([^)]*)\)/g) ?? [])].map(([, to]) => to)
    expect(linked(english)).toContain(`${name}.zh-CN.md`)
    expect(linked(chinese)).toContain(`${name}.md`)
  })

  test('is Chinese in every paragraph', () => {
    const paragraphs = chinese.replace(/^```.*?^```$|`[^`\n]+`|<[^>]+>/gms, '').split(/\n+/)
    const others = paragraphs.filter((line) => /[a-z]{3} [a-z]{3}/.test(line) && !/\p{Script=Han}/u.test(line))
    expect(others).toEqual([])
  })

  test('sends its reader to the Chinese edition of a page that has one', () => {
    const targets = [...chinese.matchAll(/\]\((?!https?:)([^)#]+\.md)/g)].map(([, target = '']) => target)
    const other = targets.filter(
      (target) =>
        target !== `${path.basename(page)}.md` &&
        existsSync(path.join(root, path.dirname(page), target.replace(/(?<!\.zh-CN)\.md$/, '.zh-CN.md'))) &&
        !target.endsWith('.zh-CN.md'),
    )
    expect(other).toEqual([])
  })
})
